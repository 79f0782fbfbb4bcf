"""What an update means for the stored record (contract, section 2)."""

from typing import Any

import pytest
from attrs import fields_dict

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email
from consent_core.domain.records import MarketingConsent
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import ConsentState, Result, ViolationCode
from tests.domain.builders import (  # fmt: skip
    ADA,
    ANY_LEVEL,
    CONFIRMED,
    DOUBLE,
    ID,
    LINE,
    NEVER,
    NOW,
    PENDING,
    REVOKED,
    UNKNOWN,
    ask,
    at,
    no,
    one,
    record,
    violations_of,
    yes,
)

FIELDS = ExtendedFields({"crm": {"a": 1}})
NEW_ADDRESS = (
    r"^details: cannot change: a new address never inherits a consent; upsert one for it \["
)


@pytest.mark.parametrize(
    "before",
    [
        record(UNKNOWN),
        record(NEVER, 1),
        record(PENDING, 2, 1),
        record(CONFIRMED, 2, 1),
        record(REVOKED, 1, 2),
    ],
)
def test_an_update_of_fields_only_keeps_the_state(before: MarketingConsent) -> None:
    """Section 2: "without a mask, what the body carries is updated" and nothing else."""
    request = Update(id=ID, extended_fields=FIELDS).request_for(before)
    assert request == ask(
        before.state, before.last_confirmation_activity, before.last_revoke_activity, fields=FIELDS
    )
    decision = one(before, request)
    assert (decision.result, decision.kept, decision.consent.state) == (
        Result.UPDATED,
        None,
        before.state,
    )
    assert decision.consent.extended_fields == FIELDS


@pytest.mark.parametrize(
    ("before", "confirmation", "revocation"),
    [
        (record(PENDING, 2), yes(3), None),
        (record(CONFIRMED, 2), yes(3), None),
        (record(CONFIRMED, 2, 1), yes(4), no(3)),
        (record(REVOKED, None, 2), None, no(3)),
        (record(REVOKED, 1, 2), yes(3), no(3)),
    ],
)
def test_an_activity_without_a_state_is_newer_evidence_for_the_stored_one(
    before: MarketingConsent, confirmation: Any, revocation: Any
) -> None:
    """Section 2: an activity of the stored state refreshes it."""
    update = Update(id=ID, last_confirmation_activity=confirmation, last_revoke_activity=revocation)
    request = update.request_for(before)
    assert request == ask(before.state, confirmation, revocation)
    decision = one(before, request)
    assert (decision.result, decision.kept, decision.consent.state) == (
        Result.UPDATED,
        None,
        before.state,
    )
    assert at(3) in (decision.consent.confirmed_date, decision.consent.revoked_date)


@pytest.mark.parametrize(
    ("before", "confirmation", "revocation"),
    [
        (record(PENDING, 2), None, no(3)),
        (record(CONFIRMED, 2), None, no(3)),
        (record(REVOKED, None, 2), yes(3), None),
        (record(UNKNOWN), yes(3), None),
        (record(UNKNOWN), None, no(3)),
        (record(NEVER), yes(3), no(4)),
    ],
)
def test_an_activity_of_another_state_must_name_it(
    before: MarketingConsent, confirmation: Any, revocation: Any
) -> None:
    """An activity that proves another state than the stored one needs that state."""
    update = Update(id=ID, last_confirmation_activity=confirmation, last_revoke_activity=revocation)
    with pytest.raises(
        InvalidConsent, match=r": is required: name the state that the activity proves \["
    ) as error:
        update.request_for(before)
    assert violations_of(error) == [("state", ViolationCode.STATE_REQUIRED)]


@pytest.mark.parametrize(
    ("state", "confirmation", "revocation"),
    [
        (UNKNOWN, None, None),
        (NEVER, None, None),
        (PENDING, yes(9), None),
        (CONFIRMED, yes(9), None),
        (CONFIRMED, yes(9), no(8)),
        (REVOKED, None, no(9)),
        (REVOKED, yes(9), no(9)),
    ],
)
def test_an_update_that_names_a_state_is_an_upsert(
    state: ConsentState, confirmation: Any, revocation: Any
) -> None:
    """Section 3, rule 5: what the update carries is the evidence.

    "What is already stored does not count".
    """
    for before in (record(CONFIRMED, 5, 4), record(REVOKED, 4, 5)):
        update = Update(
            id=ID,
            state=state,
            last_confirmation_activity=confirmation,
            last_revoke_activity=revocation,
            extended_fields=FIELDS,
        )
        assert update.request_for(before) == ask(state, confirmation, revocation, fields=FIELDS)


@pytest.mark.parametrize(("state", "path"), [
    (PENDING, "lastConfirmationActivity"),
    (CONFIRMED, "lastConfirmationActivity"),
    (REVOKED, "lastRevokeActivity"),
])  # fmt: skip
def test_an_update_that_names_a_state_carries_its_evidence(state: ConsentState, path: str) -> None:
    """Section 3, rule 5: "an update carries it where it names a state", also the stored one."""
    for before in (record(PENDING, 5, 4), record(CONFIRMED, 5, 4), record(REVOKED, 4, 5)):
        with pytest.raises(InvalidConsent) as error:
            Update(id=ID, state=state).request_for(before)
        assert violations_of(error) == [(path, ViolationCode.EVIDENCE_REQUIRED)]


def test_a_pending_update_of_an_unknown_level_is_double() -> None:
    """Section 3, rule 6, for updates with and without the state."""
    before = record(PENDING, 2)
    for update in (
        Update(id=ID, last_confirmation_activity=yes(3, ANY_LEVEL)),
        Update(id=ID, state=PENDING, last_confirmation_activity=yes(3, ANY_LEVEL)),
    ):
        assert update.request_for(before).last_confirmation_activity == yes(3, DOUBLE)


def test_the_identifier_never_changes() -> None:
    """Section 2: "a new address never inherits a consent"; another spelling is the same person."""
    before = record(CONFIRMED, 5)
    for details in (Email("bob@example.org"), LINE):
        with pytest.raises(InvalidConsent, match=NEW_ADDRESS) as error:
            Update(id=ID, details=details).request_for(before)
        assert violations_of(error) == [("details", ViolationCode.IMMUTABLE)]
    request = Update(id=ID, details=Email("ADA@example.org")).request_for(before)
    assert request.details.address == ADA.address


def test_an_update_needs_no_more_than_an_id() -> None:
    """What is None stays as it is; the revision is the caller's to give."""
    update = Update(id=ID)
    assert (update.state, update.details, update.revision) == (None, None, None)
    assert update.extended_fields is NO_FIELDS
    assert Update(id=ID, revision=3).revision == 3


def test_all_wrong_types_of_an_update_are_told() -> None:
    """Section 3, rule 8: a wrong type each, together, by wire name."""
    wrong: Any = {"id": str(ID), "state": "PENDING", "details": "ada@example.org", "revision": "3"}
    wrong |= {"last_confirmation_activity": no(1), "last_revoke_activity": yes(1)}
    with pytest.raises(InvalidConsent) as error:
        Update(**wrong)
    assert violations_of(error) == [
        ("id", ViolationCode.WRONG_TYPE),
        ("state", ViolationCode.UNKNOWN_VALUE),
        ("lastConfirmationActivity", ViolationCode.WRONG_TYPE),
        ("lastRevokeActivity", ViolationCode.WRONG_TYPE),
        ("details", ViolationCode.WRONG_TYPE),
        ("revision", ViolationCode.WRONG_TYPE),
    ]


def test_requests_keep_extended_fields_out_of_their_reprs() -> None:
    """Design, principle 7: reprs end up in logs."""
    for request in (Update(id=ID, extended_fields=FIELDS), ask(NEVER, fields=FIELDS)):
        assert "xtended" not in repr(request)


def test_a_state_with_a_corrected_field_is_new_evidence() -> None:
    """Section 2: "A mask that names `state` starts from nothing"."""
    update = Update(
        id=ID,
        state=CONFIRMED,
        last_confirmation_activity=yes(text="by phone"),
        confirmation_fields=frozenset({"description"}),
    )
    assert one(record(CONFIRMED, 5), update).consent.confirmed_date == NOW


def test_a_mask_may_name_all_fields_of_an_activity() -> None:
    """Then nothing of the stored one stays."""
    update = Update(
        id=ID,
        last_confirmation_activity=yes(6),
        confirmation_fields=frozenset(fields_dict(ConfirmationActivity)),
    )
    assert one(record(CONFIRMED, 5), update).consent.last_confirmation_activity == yes(6)
