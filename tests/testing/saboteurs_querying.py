"""Saboteurs that select wrongly: each misreads one kind of condition."""

import re
from datetime import timedelta
from operator import ge

from attrs import evolve

from consent_core.application.query import Query
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter, filters_in
from consent_core.domain.events import ConsentCreated
from consent_core.domain.query_fields import KEYS, ExtendedField, Operator, QueryField, value_of
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import ConsentState, OptInLevel
from tests.testing.sabotage import Selecting, caught_by


class _Filtering(Selecting):
    """Judges comparisons in a way of its own, those inside other conditions too."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        return all(self._fulfils(condition, row) for condition in query.where)

    def _fulfils(self, condition: Condition, row: MarketingConsent) -> bool:
        match condition:
            case AllOf():
                return all(self._fulfils(each, row) for each in condition.conditions)
            case AnyOf():
                return any(self._fulfils(each, row) for each in condition.conditions)
            case Filter():
                return self._passes(condition, row)

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        return condition.matches(row)


@caught_by("filters_mean_what_they_say")
class NothingIsNeitherEqualNorNot(_Filtering):
    """Leaves NULL out of ``$ne``, as SQL does."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if isinstance(condition.field, ExtendedField):
            return condition.matches(row)
        absent = condition.operator is Operator.NE and value_of(row, condition.field) is None
        return not absent and condition.matches(row)


@caught_by("filters_mean_what_they_say")
class MatchesWildcards(_Filtering):
    """Puts a prefix into ``LIKE`` without escaping it."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if condition.operator is not Operator.STARTS_WITH or isinstance(
            condition.field, ExtendedField
        ):
            return condition.matches(row)
        held = value_of(row, condition.field)
        pattern = "".join(
            {"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in condition.value
        )
        return held is not None and re.match(pattern, held) is not None


@caught_by("filters_mean_what_they_say")
class FiltersByTheAddress(_Filtering):
    """Compares a prefix with the address instead of its key."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if condition.operator is not Operator.STARTS_WITH:
            return condition.matches(row)
        return condition.matches(row) and row.details.address.startswith(condition.value)


@caught_by("filters_mean_what_they_say")
class ComparesTruthWithOne(_Filtering):
    """Compares extended fields as Python does, to which ``True``, ``1`` and ``1.0`` are equal."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if not isinstance(condition.field, ExtendedField) or condition.operator is not Operator.EQ:
            return condition.matches(row)
        return bool(
            row.extended_fields.get(condition.field.namespace, condition.field.name)
            == condition.value
        )


@caught_by("filters_mean_what_they_say")
class AnotherTypeIsNotEqual(_Filtering):
    """Lets an extended field of another type pass ``$ne``, so that what cannot be compared holds
    nobody back.
    """

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if not isinstance(condition.field, ExtendedField) or condition.operator is not Operator.NE:
            return condition.matches(row)
        return not Filter(condition.field, Operator.EQ, condition.value).matches(row)


@caught_by("filters_mean_what_they_say")
class LooksIntoTheFirstNamespace(_Filtering):
    """Freezes the path of the first extended field that it was asked for."""

    first: ExtendedField | None = None

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if not isinstance(condition.field, ExtendedField):
            return condition.matches(row)
        self.first = self.first or condition.field
        return evolve(condition, field=self.first).matches(row)


@caught_by("filters_mean_what_they_say")
class FindsNamesInsideOthers(_Filtering):
    """Looks for the name of a topic in a text of all names, without the marks between them."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if condition.operator not in (Operator.CONTAINS, Operator.LACKS):
            return condition.matches(row)
        is_there = condition.value in " ".join(_names(row, condition))
        return is_there is (condition.operator is Operator.CONTAINS)


@caught_by("filters_mean_what_they_say")
class TakesUnderscoresForWildcards(_Filtering):
    """Puts the name of a topic into ``LIKE`` without escaping it."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if condition.operator not in (Operator.CONTAINS, Operator.LACKS):
            return condition.matches(row)
        pattern = re.compile(re.escape(condition.value).replace("_", "."))
        is_there = any(pattern.fullmatch(name) for name in _names(row, condition))
        return is_there is (condition.operator is Operator.CONTAINS)


def _names(row: MarketingConsent, condition: Filter) -> frozenset[str]:
    is_left = condition.field is QueryField.LEFT_TOPICS
    return row.left_topics if is_left else row.chosen_topics


@caught_by("the_audience_is_who_is_eligible")
class ForgetsWhoLeftATopic(_Filtering):
    """Has no column for the topics that were left."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if condition.field is QueryField.LEFT_TOPICS:
            return condition.operator is Operator.LACKS
        return condition.matches(row)


@caught_by("all_conditions_hold")
class TakesTheFirstCondition(Selecting):
    """Has one place for a condition."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        return evolve(query, where=query.where[:1]).matches(row)


@caught_by("all_conditions_hold")
class TakesAnyForAll(_Filtering):
    """Flattens what is nested."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        return all(each.matches(row) for condition in query.where for each in filters_in(condition))


@caught_by("all_conditions_hold")
class TakesNoneForAny(_Filtering):
    """Leaves out an ``AnyOf`` without conditions, which holds for nobody."""

    def _fulfils(self, condition: Condition, row: MarketingConsent) -> bool:
        return condition == AnyOf(()) or super()._fulfils(condition, row)


class _Forgetting(_Filtering):
    """Does not know comparisons of one kind, and takes them to hold."""

    def _forgets(self, condition: Filter) -> bool:
        raise NotImplementedError

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        return self._forgets(condition) or condition.matches(row)


@caught_by("the_audience_is_who_is_eligible")
class IgnoresTheLevel(_Forgetting):
    """Does not ask for a double opt-in."""

    def _forgets(self, condition: Filter) -> bool:
        return condition.field is QueryField.DOUBLY_CONFIRMED


@caught_by("the_audience_is_who_is_eligible")
class IgnoresTheLifetime(_Forgetting):
    """Takes a confirmation to last for ever."""

    def _forgets(self, condition: Filter) -> bool:
        return condition.field is QueryField.CONFIRMED_DATE


@caught_by("the_audience_is_who_is_eligible")
class IgnoresTheChannel(_Forgetting):
    """Mails to phone numbers."""

    def _forgets(self, condition: Filter) -> bool:
        return condition.field is QueryField.CHANNEL


@caught_by("the_audience_is_who_is_eligible")
class IgnoresTheState(_Forgetting):
    """Writes to whoever is stored."""

    def _forgets(self, condition: Filter) -> bool:
        return condition.field is QueryField.STATE


@caught_by("the_audience_is_who_is_eligible")
class IgnoresRulesOfTheDeployment(_Forgetting):
    """Does not look into extended fields."""

    def _forgets(self, condition: Filter) -> bool:
        return isinstance(condition.field, ExtendedField)


@caught_by("the_audience_is_who_is_eligible")
class GrantsTheLastMoment(_Filtering):
    """Takes a confirmation to last up to the moment at which it expires."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if (
            condition.field is not QueryField.CONFIRMED_DATE
            or condition.operator is not Operator.GT
        ):
            return condition.matches(row)
        return row.confirmed_date is not None and ge(row.confirmed_date, condition.value)


@caught_by("the_audience_is_who_is_eligible")
class DropsTheUndated(_Filtering):
    """Leaves those out who were never asked."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        return condition.operator is not Operator.EXISTS and condition.matches(row)


class _Judging(Selecting):
    """Judges records for audiences as if they were others."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        asked = {each.field for condition in query.where for each in filters_in(condition)}
        for_audience = QueryField.CHANNEL in asked and not asked & set(KEYS)
        return query.matches(self._mistaken(row) if for_audience else row)

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        raise NotImplementedError


@caught_by("the_audience_is_who_is_eligible")
class TrustsAnOldDoubleOptIn(_Judging):
    """Takes a double opt-in for a proof also where the person left after it, or at that moment."""

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        if row.double_confirmed_date is None or row.last_revoke_activity is None:
            return row
        later = evolve(
            row.last_revoke_activity, updated_date=row.double_confirmed_date - timedelta.resolution
        )
        return evolve(row, last_revoke_activity=later)


@caught_by("the_audience_is_who_is_eligible")
class ForgetsWhoLeft(_Judging):
    """Writes to everybody who never confirmed, even to those who had left before."""

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        never = row.state is ConsentState.NEVER_CONFIRMED
        return evolve(row, last_revoke_activity=None) if never else row


@caught_by("the_audience_is_who_is_eligible")
class TakesAQuestionForAProof(_Judging):
    """Takes the level of the confirmation slot for the proof, whatever was asked, answered or taken
    back since.
    """

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        slot = row.last_confirmation_activity
        doubly = slot is not None and slot.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        return evolve(row, double_confirmed_date=row.confirmed_date if doubly else None)


@caught_by("filters_mean_what_they_say")
class FillsColumnsOnce(Selecting):
    """Fills the columns that filters ask when a record is created, and not when it changes."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        created = self.history(row.id)[0]
        return isinstance(created, ConsentCreated) and query.matches(created.consent)
