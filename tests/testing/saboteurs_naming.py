"""Saboteurs that look up the identifiers that a query names, and forget the rest of it."""

from collections.abc import Collection

from attrs import evolve

from consent_core.application.ports import Page
from consent_core.application.query import Query
from consent_core.domain.conditions import filters_in
from consent_core.domain.identifiers import Identifier
from consent_core.porting import identifiers_of, page_of
from tests.testing.sabotage import Saboteur, caught_by


class _LookingUp(Saboteur):
    """Answers a query that names identifiers from a look-up."""

    def query(self, query: Query, /) -> Page:
        """Looks up what it can."""
        named = self._named(query)
        if named is None:
            return super().query(query)
        return page_of(self._remembered(query), self.find(named).values())

    def _named(self, query: Query) -> Collection[Identifier] | None:
        return identifiers_of(query)

    def _remembered(self, query: Query) -> Query:
        return query


@caught_by("all_conditions_hold")
class ForgetsOtherConditions(_LookingUp):
    """Answers with whoever is named, whatever else is asked."""

    def _remembered(self, query: Query) -> Query:
        return evolve(query, where=())


@caught_by("all_conditions_hold")
class LooksUpAlternatives(_LookingUp):
    """Takes whoever is named in one of several alternatives for all that match."""

    def _named(self, query: Query) -> Collection[Identifier] | None:
        filters = [each for condition in query.where for each in filters_in(condition)]
        alone = (identifiers_of(Query(where=[each])) for each in filters)
        return next((named for named in alone if named is not None), None)


@caught_by("pages_of_a_filter_make_its_whole")
class ForgetsThePosition(_LookingUp):
    """Begins every page with the first of those that are named."""

    def _remembered(self, query: Query) -> Query:
        return evolve(query, position=None)
