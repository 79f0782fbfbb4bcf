"""Short words for moments, evidence, requests and records, shared by the tests of the rules."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import strategies as st

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.decision import decide
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    Ordering,
    Reconsent,
    RevokeSource,
    ViolationCode,
)

ADA = Email("ada@example.org")
LINE = Phone("+12025550172")
ID = UUID("6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11")
START = datetime(2026, 1, 1, 12, tzinfo=UTC)

UNKNOWN = ConsentState.UNKNOWN_STATE
NEVER = ConsentState.NEVER_CONFIRMED
PENDING = ConsentState.PENDING
CONFIRMED = ConsentState.CONFIRMED
REVOKED = ConsentState.REVOKED

SINGLE = OptInLevel.SINGLE_CONFIRMATION
DOUBLE = OptInLevel.DOUBLE_CONFIRMATION
ANY_LEVEL = OptInLevel.UNKNOWN_OPT_IN_LEVEL

LAST_WRITE = Policy(ordering=Ordering.LAST_WRITE)
DOUBLE_OPT_IN = Policy(reconsent=Reconsent.DOUBLE_OPT_IN)


def at(minute: float) -> datetime:
    """The moment this many minutes after the start of all tests."""
    return START + timedelta(minutes=minute)


NOW = at(1000)


def yes(
    minute: float | None = None, level: OptInLevel = DOUBLE, text: str | None = None
) -> ConfirmationActivity:
    """Evidence of a confirmation."""
    return ConfirmationActivity(
        source=ConfirmationSource.FORM,
        description=text,
        updated_date=None if minute is None else at(minute),
        opt_in_level=level,
    )


def no(minute: float | None = None, text: str | None = None) -> RevokeActivity:
    """Evidence of a revocation."""
    return RevokeActivity(
        source=RevokeSource.REVOKE_LINK,
        description=text,
        updated_date=None if minute is None else at(minute),
    )


def ask(
    state: ConsentState,
    confirmation: ConfirmationActivity | None = None,
    revocation: RevokeActivity | None = None,
    *,
    details: Identifier = ADA,
    fields: ExtendedFields = NO_FIELDS,
) -> Upsert:
    """A request."""
    return Upsert(
        details=details,
        state=state,
        last_confirmation_activity=confirmation,
        last_revoke_activity=revocation,
        extended_fields=fields,
    )


def pending(minute: float | None = None, *, details: Identifier = ADA) -> Upsert:
    """A request for PENDING with evidence of that minute."""
    return ask(PENDING, yes(minute), details=details)


def confirmed(minute: float | None = None, *, details: Identifier = ADA) -> Upsert:
    """A request for CONFIRMED with evidence of that minute."""
    return ask(CONFIRMED, yes(minute), details=details)


def revoked(minute: float | None = None, *, details: Identifier = ADA) -> Upsert:
    """A request for REVOKED with evidence of that minute."""
    return ask(REVOKED, None, no(minute), details=details)


def record(
    state: ConsentState,
    confirmation: ConfirmationActivity | float | None = None,
    revocation: RevokeActivity | float | None = None,
    *,
    details: Identifier = ADA,
    **other: Any,
) -> MarketingConsent:
    """A stored record; numbers stand for evidence of that minute."""
    parts: dict[str, Any] = {
        "id": ID,
        "revision": 3,
        "details": details,
        "state": state,
        "created_date": START,
        "updated_date": NOW,
        "last_confirmation_activity": yes(confirmation)
        if isinstance(confirmation, int | float)
        else confirmation,
        "last_revoke_activity": no(revocation)
        if isinstance(revocation, int | float)
        else revocation,
    }
    return MarketingConsent(**(parts | other))


def run(
    commands: Iterable[Upsert],
    before: MarketingConsent | None = None,
    *,
    now: datetime = NOW,
    policy: Policy = DEFAULT_POLICY,
) -> MarketingConsent:
    """The record after these requests, all received at one moment."""
    consent = before
    for command in commands:
        consent = decide(consent, command, now=now, policy=policy, new_id=ID).consent
    assert consent is not None
    return consent


def one(
    before: MarketingConsent | None,
    command: Upsert | Update,
    *,
    now: datetime = NOW,
    policy: Policy = DEFAULT_POLICY,
) -> Outcome:
    """What becomes of a record when this request meets it."""
    return decide(before, command, now=now, policy=policy, new_id=ID)


def as_read(consent: MarketingConsent) -> Upsert:
    """The request that sends a record back as it was read."""
    return ask(
        consent.state,
        consent.last_confirmation_activity,
        consent.last_revoke_activity,
        details=consent.details,
        fields=consent.extended_fields,
    )


def violations_of(error: pytest.ExceptionInfo[InvalidConsent]) -> list[tuple[str, ViolationCode]]:
    """Path and code of everything that an error names."""
    return [(violation.path, violation.code) for violation in error.value.violations]


# Few minutes, so that ties are frequent; no two differ by the clock skew, which would make them the
# same evidence.
minutes = st.sampled_from((0, 1, 2, 3, 4, 20, 21, 22, 23))
dates_or_none = minutes | st.none()
people: st.SearchStrategy[Identifier] = st.sampled_from((ADA, LINE))
texts = st.sampled_from([None, "by form", "in the shop"])
levels = st.sampled_from(OptInLevel)
states = st.sampled_from(ConsentState)
fields = st.sampled_from(
    [NO_FIELDS, ExtendedFields({"crm": {"a": 1}}), ExtendedFields({"crm": {"a": None, "b": 2}})]
)


def confirmations(
    dates: st.SearchStrategy[int | None] = dates_or_none,
    opt_in: st.SearchStrategy[OptInLevel] = levels,
) -> st.SearchStrategy[ConfirmationActivity]:
    """Evidence of confirmations."""
    return st.builds(yes, dates, opt_in, texts)


def revocations(
    dates: st.SearchStrategy[int | None] = dates_or_none,
) -> st.SearchStrategy[RevokeActivity]:
    """Evidence of revocations."""
    return st.builds(no, dates, texts)


@st.composite
def requests(draw: st.DrawFn, dates: st.SearchStrategy[int | None] = dates_or_none) -> Upsert:
    """Any request with the evidence that its state needs, sometimes with both activities."""
    state = draw(states)
    with_other = draw(st.booleans())
    opt_in = st.just(DOUBLE) if state is PENDING else levels
    confirmation = (
        draw(confirmations(dates, opt_in)) if state in (PENDING, CONFIRMED) or with_other else None
    )
    revocation = draw(revocations(dates)) if state is REVOKED or with_other else None
    return ask(state, confirmation, revocation, fields=draw(fields))


def about(whom: Identifier, command: Upsert) -> Upsert:
    """The same request about this person."""
    return evolve(command, details=whom)


@st.composite
def records(
    draw: st.DrawFn,
    policy: Policy = DEFAULT_POLICY,
    moments: st.SearchStrategy[float] | None = None,
) -> Any:
    """Records that requests lead to, received at moments that may run backwards."""
    whom, consent = draw(people), None
    for command in draw(st.lists(requests(), min_size=1, max_size=6)):
        now = NOW if moments is None else at(draw(moments))
        try:
            consent = decide(
                consent, about(whom, command), now=now, policy=policy, new_id=ID
            ).consent
        except InvalidConsent:
            continue
    return consent or run([revoked(0, details=whom)])


def policies() -> st.SearchStrategy[Policy]:
    """Policies in all the choices that matter to state and eligibility."""
    return st.builds(
        Policy,
        ordering=st.sampled_from(Ordering),
        reconsent=st.sampled_from(Reconsent),
        minimum_opt_in_level=st.sampled_from([ANY_LEVEL, DOUBLE]),
        confirmation_lifetime=st.none()
        | st.integers(0, 1001).map(lambda minute: timedelta(minutes=minute)),
        never_confirmed_granted=st.sets(st.sampled_from(Channel)).map(frozenset),
        undated_is_now=st.sets(st.sampled_from(ConfirmationSource)).map(frozenset),
        evidence_margin=st.sampled_from((0, 0, 2)).map(lambda minute: timedelta(minutes=minute)),
    )
