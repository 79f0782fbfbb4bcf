"""The chart, run by the engine and by the lookup, is the table of section 4.3, written out here as
data.
"""

from datetime import datetime, timedelta
from itertools import product

import pytest

from consent_core.domain.guards import Facts
from consent_core.domain.identifiers import Identifier
from consent_core.domain.lifecycle import LIFECYCLE
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import (
    Channel,
    ConsentState,
    KeptReason,
    Ordering,
    Reconsent,
    Result,
)
from tests.domain.builders import (
    ADA,
    DOUBLE,
    LINE,
    SINGLE,
    ask,
    at,
    confirmed,
    no,
    one,
    pending,
    record,
    revoked,
    yes,
)
from tests.domain.test_lifecycle_engine import run_engine

# Section 4.3, one line for each request and channel. `taken`: whatever the dates. A reason: always
# kept, for it. `grant`: dated after the revocation slot. `revoke`: dated at or after the
# confirmation slot. `newer`: also newer than the slot of its own state. `fresh`: also needs the
# policy FRESH_EVIDENCE, where a revocation is stored. `unrevoked`: only where the revocation slot
# is empty. `email`: an e-mail consent that exists is never set to UNKNOWN_STATE.
TABLE = """
UNKNOWN_STATE   EMAIL | taken | taken | email | email | email | email
UNKNOWN_STATE   PHONE | taken | taken | taken | unrevoked | taken | unrevoked
NEVER_CONFIRMED EMAIL | taken | taken | taken | unrevoked | taken | unrevoked
NEVER_CONFIRMED PHONE | taken | taken | taken | unrevoked | taken | unrevoked
PENDING         EMAIL | taken | grant | grant | grant newer | ALREADY_CONFIRMED | grant
PENDING         PHONE | taken | grant | grant | grant newer | ALREADY_CONFIRMED | grant
CONFIRMED       EMAIL | taken | grant fresh | grant fresh | grant answer | grant newer | grant fresh
CONFIRMED       PHONE | taken | grant fresh | grant fresh | grant answer | grant newer | grant fresh
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


def refusal(
    cell: str, requested: ConsentState, confirmed: datetime | None, revoked: datetime | None
) -> str | None:
    """What the table says of evidence of minute 5: None for taken, else why the state is kept."""
    own = revoked if requested is ConsentState.REVOKED else confirmed
    for word in cell.split():
        if word == "grant" and revoked is not None and not revoked < EVIDENCE:
            return "STALE_EVIDENCE"
        if word == "revoke" and confirmed is not None and confirmed > EVIDENCE:
            return "STALE_EVIDENCE"
        if word == "newer" and own is not None and not own < EVIDENCE:
            return "STALE_EVIDENCE"
        if word == "unrevoked" and revoked is not None:
            return "REVOKED_NEEDS_EVIDENCE"
        if word not in {"taken", "grant", "revoke", "newer", "fresh", "answer", "unrevoked"}:
            return "EMAIL_KEEPS_STATE" if word == "email" else word
    return None


def test_the_table_is_whole() -> None:
    """Every stored state, request and channel has a cell."""
    assert set(CELLS) == set(product(COLUMNS, ConsentState, Channel))


def check(
    stored: ConsentState | None,
    requested: ConsentState,
    facts: Facts,
    expected: str | KeptReason | None,
) -> None:
    """Engine and lookup give this answer."""
    assert LIFECYCLE[stored][requested].reason_to_keep(facts) == expected
    assert run_engine(stored, requested, facts) == (requested.lower() if expected is None else None)


@pytest.mark.parametrize(("stored", "requested", "channel"), CELLS)
def test_default_policy(
    stored: ConsentState | None, requested: ConsentState, channel: Channel
) -> None:
    """Section 4.3.

    Engine and lookup move exactly where the table does, and the lookup gives the table's reason.
    """
    cell = CELLS[stored, requested, channel]
    for confirmation, revocation, level in product(DATES, DATES, (SINGLE, DOUBLE)):
        facts = Facts(EVIDENCE, True, level, confirmation, revocation, channel, DEFAULT_POLICY)
        check(stored, requested, facts, refusal(cell, requested, confirmation, revocation))


@pytest.mark.parametrize(("stored", "requested", "channel"), CELLS)
def test_double_opt_in_policy(
    stored: ConsentState | None, requested: ConsentState, channel: Channel
) -> None:
    """Section 4.5.

    CONFIRMED never lifts a revocation directly, and only a double opt-in answers the question.
    """
    policy = Policy(reconsent=Reconsent.DOUBLE_OPT_IN)
    cell = CELLS[stored, requested, channel]
    for confirmation, revocation, level in product(DATES, DATES, (SINGLE, DOUBLE)):
        facts = Facts(EVIDENCE, True, level, confirmation, revocation, channel, policy)
        expected = refusal(cell, requested, confirmation, revocation)
        older = confirmation is not None and confirmation > EVIDENCE
        unanswered = "answer" in cell and (level is SINGLE or older)
        if expected is None and revocation is not None and ("fresh" in cell or unanswered):
            expected = "RECONSENT_NEEDS_CONFIRMATION"
        check(stored, requested, facts, expected)


@pytest.mark.parametrize(("stored", "requested", "channel"), CELLS)
@pytest.mark.parametrize("reconsent", Reconsent)
def test_last_write_policy(
    stored: ConsentState | None, requested: ConsentState, channel: Channel, reconsent: Reconsent
) -> None:
    """Section 4.2, end: LAST_WRITE compares no dates.

    The rule for e-mail and that for re-consent remain.
    """
    policy = Policy(ordering=Ordering.LAST_WRITE, reconsent=reconsent)
    cell = CELLS[stored, requested, channel]
    for confirmation, revocation, level in product(DATES, DATES, (SINGLE, DOUBLE)):
        facts = Facts(EVIDENCE, True, level, confirmation, revocation, channel, policy)
        expected = KeptReason.EMAIL_KEEPS_STATE if cell == "email" else None
        if revocation is not None and reconsent is not Reconsent.FRESH_EVIDENCE:
            if cell == "unrevoked":
                expected = KeptReason.REVOKED_NEEDS_EVIDENCE
            doubly = reconsent is Reconsent.DOUBLE_OPT_IN
            if doubly and ("fresh" in cell or ("answer" in cell and level is SINGLE)):
                expected = KeptReason.RECONSENT_NEEDS_CONFIRMATION
        check(stored, requested, facts, expected)


@pytest.mark.parametrize("stored", COLUMNS)
def test_undated_confirmations(stored: ConsentState | None) -> None:
    """Section 4.2: one that cannot prove an order lifts no revocation and renews nothing.

    It answers a question.
    """
    for confirmation, revocation in product(DATES, DATES):
        facts = Facts(
            EVIDENCE, False, SINGLE, confirmation, revocation, Channel.EMAIL, DEFAULT_POLICY
        )
        renews = stored is ConsentState.CONFIRMED
        kept = stored is not None and (renews or revocation is not None)
        check(stored, ConsentState.CONFIRMED, facts, KeptReason.UNDATED_EVIDENCE if kept else None)


@pytest.mark.parametrize("stored", COLUMNS)
@pytest.mark.parametrize("channel", Channel)
def test_the_margin(stored: ConsentState | None, channel: Channel) -> None:
    """Section 4.2, clocks: "later than the revocation by more than this".

    "it does not apply to PENDING".
    """
    policy = Policy(evidence_margin=timedelta(minutes=5))
    asked = stored is ConsentState.PENDING
    for minute in (-1, 0, 1, 5, 6):
        grant = Facts(at(minute), True, SINGLE, None, at(0), channel, policy)
        if stored is not None:
            kept = None if minute > 5 else KeptReason.STALE_EVIDENCE
            assert LIFECYCLE[stored][ConsentState.CONFIRMED].reason_to_keep(grant) is kept
        if stored in (ConsentState.REVOKED, ConsentState.PENDING):
            kept = None if minute > 0 else KeptReason.STALE_EVIDENCE
            assert LIFECYCLE[stored][ConsentState.PENDING].reason_to_keep(grant) is kept
        if stored is not None:
            opt_out = Facts(at(-minute), True, None, at(0), None, channel, policy)
            kept = None if minute <= (0 if asked else 5) else KeptReason.STALE_EVIDENCE
            assert LIFECYCLE[stored][ConsentState.REVOKED].reason_to_keep(opt_out) is kept


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("details", [ADA, LINE])
def test_the_first_request_is_always_taken(state: ConsentState, details: Identifier) -> None:
    """Section 4.3, column absent."""
    needs_yes, needs_no = state in {"PENDING", "CONFIRMED"}, state == "REVOKED"
    command = ask(
        state, yes(1) if needs_yes else None, no(1) if needs_no else None, details=details
    )
    decision = one(None, command)
    assert (decision.result, decision.kept, decision.consent.state) == (Result.CREATED, None, state)


@pytest.mark.parametrize(
    ("stored", "command", "reason"),
    [
        (
            record(ConsentState.REVOKED, 9, 9),
            ask(ConsentState.UNKNOWN_STATE),
            KeptReason.EMAIL_KEEPS_STATE,
        ),
        (
            record(ConsentState.REVOKED, 9, 9),
            ask(ConsentState.NEVER_CONFIRMED),
            KeptReason.REVOKED_NEEDS_EVIDENCE,
        ),
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
def test_the_first_reason_that_applies_is_given(
    stored: MarketingConsent, command: Upsert, reason: KeptReason
) -> None:
    """Section 4.3: the reasons in order of precedence, where more than one applies."""
    decision = one(stored, command)
    assert decision.kept is reason


@pytest.mark.parametrize(
    ("stored", "command", "reason"),
    [
        (record(ConsentState.PENDING, 5), ask(ConsentState.PENDING, yes(5)), None),
        (
            record(ConsentState.PENDING, 5),
            ask(ConsentState.PENDING, yes(5, text="other")),
            KeptReason.STALE_EVIDENCE,
        ),
        (record(ConsentState.CONFIRMED, 5), ask(ConsentState.CONFIRMED, yes(5)), None),
        (
            record(ConsentState.CONFIRMED, 5),
            ask(ConsentState.CONFIRMED, yes(5, SINGLE)),
            KeptReason.STALE_EVIDENCE,
        ),
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
