"""Saboteurs that select wrongly."""

import re
from datetime import timedelta

from attrs import evolve

from consent_core.application.query import Query
from consent_core.domain.conditions import Filter, Operator, value_of
from consent_core.domain.eligibility import Audience
from consent_core.domain.model import MarketingConsent
from consent_core.domain.vocabulary import ConsentState, OptInLevel
from tests.testing.sabotage import Selecting, caught_by


class _Filtering(Selecting):
    """Judges conditions in a way of its own."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        rest = evolve(query, where=())
        return rest.matches(row) and all(self._passes(condition, row) for condition in query.where)

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        raise NotImplementedError


@caught_by("filters_mean_what_they_say")
class NothingIsNeitherEqualNorNot(_Filtering):
    """Leaves NULL out of ``$ne``, as SQL does."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        absent = condition.operator is Operator.NE and value_of(row, condition.field) is None
        return not absent and condition.matches(row)


@caught_by("filters_mean_what_they_say")
class MatchesWildcards(_Filtering):
    """Puts a prefix into ``LIKE`` without escaping it."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        held = value_of(row, condition.field)
        if condition.operator is not Operator.STARTS_WITH or held is None:
            return condition.matches(row)
        pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in condition.value)
        return re.match(pattern, held) is not None


@caught_by("filters_mean_what_they_say")
class FiltersByTheAddress(_Filtering):
    """Compares a prefix with the address instead of its key."""

    def _passes(self, condition: Filter, row: MarketingConsent) -> bool:
        if condition.operator is not Operator.STARTS_WITH:
            return condition.matches(row)
        return condition.matches(row) and row.details.address.startswith(condition.value)


@caught_by("all_conditions_hold")
class TakesTheFirstCondition(Selecting):
    """Has one place for a condition."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        return evolve(query, where=query.where[:1]).matches(row)


@caught_by("all_conditions_hold")
class ForgetsTheAudienceOfAFilter(Selecting):
    """Takes the conditions or the audience, whatever comes first."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        return evolve(query, audience=None if query.where else query.audience).matches(row)


class _Addressing(Selecting):
    """Judges audiences in a way of its own."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        if query.audience is not None:
            query = evolve(query, audience=self._mistaken(query.audience, row))
        return query.matches(row)

    def _mistaken(self, audience: Audience, row: MarketingConsent) -> Audience:
        raise NotImplementedError


@caught_by("the_audience_is_who_is_eligible")
class IgnoresTheLevel(_Addressing):
    """Does not ask for a double opt-in."""

    def _mistaken(self, audience: Audience, row: MarketingConsent) -> Audience:  # noqa: ARG002  # others need it
        return evolve(audience, doubly_confirmed=False)


class _Judging(Selecting):
    """Judges records for audiences as if they were others."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        return query.matches(row if query.audience is None else self._mistaken(row))

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        raise NotImplementedError


@caught_by("the_audience_is_who_is_eligible")
class TrustsAnOldDoubleOptIn(_Judging):
    """Takes a double opt-in for a proof also where the person left after it, or at that moment."""

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        if row.double_confirmed_date is None or row.last_revoke_activity is None:
            return row
        later = evolve(row.last_revoke_activity, updated_date=row.double_confirmed_date - timedelta.resolution)
        return evolve(row, last_revoke_activity=later)


@caught_by("the_audience_is_who_is_eligible")
class ForgetsWhoLeft(_Judging):
    """Writes to everybody who never confirmed, also to those who left before they were set to that."""

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        never = row.state is ConsentState.NEVER_CONFIRMED
        return evolve(row, last_revoke_activity=None) if never else row


@caught_by("the_audience_is_who_is_eligible")
class TakesAQuestionForAProof(_Judging):
    """Takes the level of the confirmation slot for the proof, whatever was asked, answered or taken back since."""

    def _mistaken(self, row: MarketingConsent) -> MarketingConsent:
        slot = row.last_confirmation_activity
        doubly = slot is not None and slot.opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        return evolve(row, double_confirmed_date=row.confirmed_date if doubly else None)


@caught_by("the_audience_is_who_is_eligible")
class IgnoresTheLifetime(_Addressing):
    """Takes a confirmation to last for ever."""

    def _mistaken(self, audience: Audience, row: MarketingConsent) -> Audience:  # noqa: ARG002  # others need it
        return evolve(audience, confirmed_after=None)


@caught_by("the_audience_is_who_is_eligible")
class GrantsTheLastMoment(_Addressing):
    """Takes a confirmation to last up to the moment at which it expires."""

    def _mistaken(self, audience: Audience, row: MarketingConsent) -> Audience:
        return evolve(audience, confirmed_after=None) if row.confirmed_date == audience.confirmed_after else audience


@caught_by("the_audience_is_who_is_eligible")
class DropsTheUndated(_Addressing):
    """Compares NULL with a date, and leaves those out who were never asked."""

    def _mistaken(self, audience: Audience, row: MarketingConsent) -> Audience:
        lost = audience.confirmed_after is not None and row.confirmed_date is None
        return evolve(audience, states=frozenset()) if lost else audience


@caught_by("the_audience_is_who_is_eligible")
class IgnoresTheChannel(_Addressing):
    """Mails to phone numbers."""

    def _mistaken(self, audience: Audience, row: MarketingConsent) -> Audience:
        return evolve(audience, channel=row.details.channel)
