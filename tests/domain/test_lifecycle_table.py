"""The chart, run by the engine and by the lookup, is the table of section 4.3, written out here as data."""

from datetime import datetime
from itertools import product

import pytest

from consent_core.domain.commands import Upsert
from consent_core.domain.identifiers import Identifier
from consent_core.domain.lifecycle import LIFECYCLE, Facts
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.vocabulary import Channel, ConsentState, KeptReason, Ordering, Reconsent, Result
from tests.domain.builders import ADA, LINE, SINGLE, ask, at, confirmed, no, one, pending, record, revoked, yes
from tests.domain.test_lifecycle_engine import run_engine

# Section 4.3, one line for each request and channel. `taken`: whatever the dates. A reason: always kept, for it.
# `grant`: dated after the revocation slot. `revoke`: dated at or after the confirmation slot. `newer`: also newer than
# the slot of its own state. `fresh`: also needs the policy FRESH_EVIDENCE.
TABLE = """
UNKNOWN_STATE   EMAIL | taken | taken | EMAIL_KEEPS_STATE | EMAIL_KEEPS_STATE | EMAIL_KEEPS_STATE | EMAIL_KEEPS_STATE
UNKNOWN_STATE   PHONE | taken | taken | taken | taken | taken | REVOKED_NEEDS_EVIDENCE
NEVER_CONFIRMED EMAIL | taken | taken | taken | taken | taken | REVOKED_NEEDS_EVIDENCE
NEVER_CONFIRMED PHONE | taken | taken | taken | taken | taken | REVOKED_NEEDS_EVIDENCE
PENDING         EMAIL | taken | grant | grant | grant newer | ALREADY_CONFIRMED | grant
PENDING         PHONE | taken | grant | grant | grant newer | ALREADY_CONFIRMED | grant
CONFIRMED       EMAIL | taken | grant | grant | grant | grant newer | grant fresh
CONFIRMED       PHONE | taken | grant | grant | grant | grant newer | grant fresh
REVOKED         EMAIL | taken | revoke | revoke | revoke | revoke | revoke newer
REVOKED         PHONE | taken | revoke | revoke | revoke | revoke | revoke newer
"""
COLUMNS: list[ConsentState | None] = [
    None,
    ConsentState.UNKNOWN_STATE,
    ConsentState.NEVER_CONFIRMED,
    ConsentState.PENDING,
    ConsentState.CONFIRMED,
    ConsentState.REVOKED,
]

CELLS: dict[tuple[ConsentState | None, ConsentState, Channel], str] = {}
for _line in TABLE.strip().splitlines():
    _head, *_cells = (part.strip() for part in _line.split("|"))
    _requested, _channel = _head.split()
    for _stored, _cell in zip(COLUMNS, _cells, strict=True):
        CELLS[_stored, ConsentState(_requested), Channel(_channel)] = _cell

DATES = [None, at(4), at(5), at(6)]
EVIDENCE = at(5)


def refusal(cell: str, requested: ConsentState, confirmed: datetime | None, revoked: datetime | None) -> str | None:
    """What the table says of evidence of minute 5: None for taken, else why the state is kept."""
    own = revoked if requested is ConsentState.REVOKED else confirmed
    for word in cell.split():
        if word == "grant" and revoked is not None and not revoked < EVIDENCE:
            return "STALE_EVIDENCE"
        if word == "revoke" and confirmed is not None and confirmed > EVIDENCE:
            return "STALE_EVIDENCE"
        if word == "newer" and own is not None and not own < EVIDENCE:
            return "STALE_EVIDENCE"
        if word not in {"taken", "grant", "revoke", "newer", "fresh"}:
            return word
    return None


def test_the_table_is_whole() -> None:
    """Every stored state, request and channel has a cell."""
    assert set(CELLS) == set(product(COLUMNS, ConsentState, Channel))


@pytest.mark.parametrize(("stored", "requested", "channel"), CELLS)
def test_default_policy(stored: ConsentState | None, requested: ConsentState, channel: Channel) -> None:
    """Section 4.3: engine and lookup move exactly where the table does, and the lookup gives the table's reason."""
    cell = CELLS[stored, requested, channel]
    for confirmation, revocation in product(DATES, DATES):
        facts = Facts(EVIDENCE, confirmation, revocation, channel, DEFAULT_POLICY)
        expected = refusal(cell, requested, confirmation, revocation)
        assert LIFECYCLE[stored][requested].refusal(facts) == expected
        assert run_engine(stored, requested, facts) == (requested.lower() if expected is None else None)


@pytest.mark.parametrize(("stored", "requested", "channel"), CELLS)
def test_double_opt_in_policy(stored: ConsentState | None, requested: ConsentState, channel: Channel) -> None:
    """Section 4.5: with DOUBLE_OPT_IN the table is the same, but CONFIRMED never lifts a revocation directly."""
    policy = Policy(reconsent=Reconsent.DOUBLE_OPT_IN)
    cell = CELLS[stored, requested, channel]
    for confirmation, revocation in product(DATES, DATES):
        facts = Facts(EVIDENCE, confirmation, revocation, channel, policy)
        expected = refusal(cell, requested, confirmation, revocation)
        if expected is None and "fresh" in cell:
            expected = "RECONSENT_NEEDS_CONFIRMATION"
        assert LIFECYCLE[stored][requested].refusal(facts) == expected
        assert run_engine(stored, requested, facts) == (requested.lower() if expected is None else None)


@pytest.mark.parametrize(("stored", "requested", "channel"), CELLS)
def test_last_write_policy(stored: ConsentState | None, requested: ConsentState, channel: Channel) -> None:
    """Section 4.2: LAST_WRITE takes requests as they arrive; only the documented rule for e-mail remains."""
    policy = Policy(ordering=Ordering.LAST_WRITE)
    kept = KeptReason.EMAIL_KEEPS_STATE
    expected = kept if CELLS[stored, requested, channel] == kept else None
    for confirmation, revocation in product(DATES, DATES):
        facts = Facts(EVIDENCE, confirmation, revocation, channel, policy)
        assert LIFECYCLE[stored][requested].refusal(facts) == expected
        assert run_engine(stored, requested, facts) == (requested.lower() if expected is None else None)


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("details", [ADA, LINE])
def test_the_first_request_is_always_taken(state: ConsentState, details: Identifier) -> None:
    """Section 4.3, column absent."""
    needs_yes, needs_no = state in {"PENDING", "CONFIRMED"}, state == "REVOKED"
    command = ask(state, yes(1) if needs_yes else None, no(1) if needs_no else None, details=details)
    decision = one(None, command)
    assert (decision.result, decision.kept, decision.consent.state) == (Result.CREATED, None, state)


@pytest.mark.parametrize(
    ("stored", "command", "reason"),
    [
        (record(ConsentState.REVOKED, 9, 9), ask(ConsentState.UNKNOWN_STATE), KeptReason.EMAIL_KEEPS_STATE),
        (record(ConsentState.REVOKED, 9, 9), ask(ConsentState.NEVER_CONFIRMED), KeptReason.REVOKED_NEEDS_EVIDENCE),
        (
            record(ConsentState.REVOKED, 9, 9, details=LINE),
            ask(ConsentState.UNKNOWN_STATE, details=LINE),
            KeptReason.REVOKED_NEEDS_EVIDENCE,
        ),
        (record(ConsentState.CONFIRMED, 9, 8), pending(7), KeptReason.ALREADY_CONFIRMED),
        (record(ConsentState.REVOKED, None, 9), confirmed(9), KeptReason.STALE_EVIDENCE),
        (record(ConsentState.CONFIRMED, 9), revoked(8), KeptReason.STALE_EVIDENCE),
    ],
)
def test_the_first_reason_that_applies_is_given(stored: MarketingConsent, command: Upsert, reason: KeptReason) -> None:
    """Section 4.3: the reasons in order of precedence, where more than one applies."""
    decision = one(stored, command)
    assert decision.kept is reason


@pytest.mark.parametrize(
    ("stored", "command", "reason"),
    [
        (record(ConsentState.PENDING, 5), ask(ConsentState.PENDING, yes(5)), None),
        (record(ConsentState.PENDING, 5), ask(ConsentState.PENDING, yes(5, text="other")), KeptReason.STALE_EVIDENCE),
        (record(ConsentState.CONFIRMED, 5), ask(ConsentState.CONFIRMED, yes(5)), None),
        (record(ConsentState.CONFIRMED, 5), ask(ConsentState.CONFIRMED, yes(5, SINGLE)), KeptReason.STALE_EVIDENCE),
        (record(ConsentState.REVOKED, None, 5), ask(ConsentState.REVOKED, None, no(5)), None),
        (
            record(ConsentState.REVOKED, None, 5),
            ask(ConsentState.REVOKED, None, no(5, text="other")),
            KeptReason.STALE_EVIDENCE,
        ),
    ],
)
def test_of_the_same_date_the_first_to_arrive_stands(
    stored: MarketingConsent, command: Upsert, reason: KeptReason | None
) -> None:
    """Section 4.3: what the slot says already is no reason; "something else is STALE_EVIDENCE"."""
    decision = one(stored, command)
    assert (decision.result, decision.kept) == (Result.UNCHANGED, reason)
    assert decision.consent is stored
