"""Parts of activities in an update.

Corrections of what is stored, and new evidence (contract, section 2).
"""

from typing import Any

import pytest
from attrs import evolve

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.errors import ConsentNotFound, InvalidConsent
from consent_core.domain.events import ConsentUpdated
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    KeptReason,
    Result,
    RevokeSource,
    ViolationCode,
)
from tests.domain.builders import (
    CONFIRMED,
    DOUBLE,
    ID,
    PENDING,
    REVOKED,
    ask,
    at,
    no,
    one,
    record,
    violations_of,
    yes,
)


def part(slot: str, activity: Any, *given: str, state: ConsentState | None = None) -> Update:
    """An update that gives some fields of an activity."""
    if slot == "confirmation":
        return Update(
            id=ID,
            state=state,
            last_confirmation_activity=activity,
            confirmation_fields=frozenset(given),
        )
    return Update(
        id=ID, state=state, last_revoke_activity=activity, revocation_fields=frozenset(given)
    )


@pytest.mark.parametrize(
    "before", [record(CONFIRMED, 5, 4), record(REVOKED, 4, 5), record(PENDING, 5, 4)]
)
def test_source_and_description_alone_correct_what_is_stored(before: MarketingConsent) -> None:
    """Section 2: "may correct source or description of a stored activity, which keeps its date"."""
    revised: Any = {"source": RevokeSource.OTHER, "description": "read again"}
    update = part(
        "revocation", RevokeActivity(**revised, updated_date=at(99)), "source", "description"
    )
    assert before.last_revoke_activity is not None
    corrected = evolve(before.last_revoke_activity, **revised)
    decision = one(before, update)
    assert (decision.result, decision.kept, decision.consent.revision) == (
        Result.UPDATED,
        None,
        before.revision + 1,
    )
    expected: Any = {"last_revoke_activity": corrected, "revision": before.revision + 1}
    assert decision.consent == evolve(
        before, **expected, updated_date=decision.consent.updated_date
    )
    assert decision.events == (ConsentUpdated(decision.consent),)
    assert one(decision.consent, update).result is Result.UNCHANGED


def test_a_correction_says_why_the_rest_was_kept() -> None:
    """Evidence that comes with a correction is decided as ever."""
    before = record(CONFIRMED, 5, 4)
    correction = part("revocation", RevokeActivity(description="new"), "description")
    update = evolve(correction, last_confirmation_activity=yes(4))
    decision = one(before, update)
    assert (decision.result, decision.kept) == (Result.UPDATED, KeptReason.STALE_EVIDENCE)
    assert decision.consent.last_confirmation_activity == before.last_confirmation_activity


@pytest.mark.parametrize("slot", ["confirmation", "revocation"])
def test_a_correction_keeps_to_the_bounds_of_the_policy(slot: str) -> None:
    """Section 3, rule 9, holds for what is corrected, and not for what is only stored."""
    policy, before = Policy(max_description_length=3), record(CONFIRMED, 5, no(4, "stored"))
    activity = yes(text="long") if slot == "confirmation" else no(text="long")
    with pytest.raises(InvalidConsent) as error:
        one(before, part(slot, activity, "description"), policy=policy)
    path = "lastConfirmationActivity" if slot == "confirmation" else "lastRevokeActivity"
    assert violations_of(error) == [(f"{path}.description", ViolationCode.TOO_LONG)]
    fields = ExtendedFields({"app": {"x": "y" * 100}})
    both = evolve(part(slot, activity, "description"), extended_fields=fields)
    with pytest.raises(InvalidConsent) as error:
        one(before, both, policy=evolve(policy, max_extended_fields_size=90))
    assert violations_of(error) == [
        (f"{path}.description", ViolationCode.TOO_LONG),
        ("extendedFields", ViolationCode.TOO_LARGE),
    ]
    right = yes(text="ok") if slot == "confirmation" else no(text="ok")
    assert one(before, part(slot, right, "description"), policy=policy).result is Result.UPDATED


def test_nothing_given_of_an_activity_changes_nothing() -> None:
    """An update that names no field of an activity corrects none."""
    before = record(CONFIRMED, 5, 4)
    assert one(before, part("revocation", no(9))).result is Result.UNCHANGED


@pytest.mark.parametrize("slot", ["confirmation", "revocation"])
def test_what_is_not_stored_is_not_corrected(slot: str) -> None:
    """There is no stored activity, so the part would be evidence, and must name its state."""
    activity = yes(9) if slot == "confirmation" else no(9)
    before = record(REVOKED, None, 5) if slot == "confirmation" else record(CONFIRMED, 5)
    with pytest.raises(InvalidConsent) as error:
        one(before, part(slot, activity, "description"))
    assert violations_of(error) == [("state", ViolationCode.STATE_REQUIRED)]


@pytest.mark.parametrize("name", ["updated_date", "opt_in_level"])
def test_any_other_field_makes_new_evidence_that_inherits_nothing(name: str) -> None:
    """Section 2: "anything else in it is new evidence for the stored state"."""
    given = yes(9, DOUBLE, text="not given")
    request = part("confirmation", given, name, "source").request_for(record(CONFIRMED, 5, 4))
    assert request.last_confirmation_activity == ConfirmationActivity(
        source=given.source, **{name: getattr(given, name)}
    )


def test_with_a_state_nothing_is_inherited() -> None:
    """Section 2: "A mask that names `state` starts from nothing"."""
    before = record(CONFIRMED, 5, 4)
    activity = RevokeActivity(source=RevokeSource.FORM)
    request = part("revocation", activity, "source", state=REVOKED).request_for(before)
    assert request == ask(REVOKED, None, activity)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"source"}, ViolationCode.WRONG_TYPE),
        ("source", ViolationCode.WRONG_TYPE),
        (frozenset({"optInLevel"}), ViolationCode.UNKNOWN_VALUE),
        (frozenset({1}), ViolationCode.UNKNOWN_VALUE),
    ],
)
def test_only_fields_of_an_activity_can_be_given(wrong: Any, code: ViolationCode) -> None:
    """Design, principle 6: "Invalid values cannot be built"."""
    with pytest.raises(InvalidConsent) as error:
        Update(id=ID, confirmation_fields=wrong, revocation_fields=wrong)
    assert violations_of(error) == [("confirmationFields", code), ("revocationFields", code)]


def test_an_update_needs_a_record() -> None:
    """There is nothing to update where there is no record."""
    with pytest.raises(ConsentNotFound, match=str(ID)):
        one(None, Update(id=ID))


@pytest.mark.parametrize(
    ("stored", "corrected", "refused"),
    [
        (ConfirmationSource.OTHER, ConfirmationSource.LINK_CONFIRMATION, True),
        (ConfirmationSource.LINK_CONFIRMATION, ConfirmationSource.OTHER, True),
        (ConfirmationSource.OTHER, ConfirmationSource.EMAIL_SERVICE, False),
    ],
)
def test_a_correction_does_not_change_who_acted(
    stored: ConfirmationSource, corrected: ConfirmationSource, *, refused: bool
) -> None:
    """A correction "keeps its date"; the dates of section 7 would move with the actor."""
    before = record(CONFIRMED, ConfirmationActivity(source=stored, updated_date=at(5)))
    update = part("confirmation", ConfirmationActivity(source=corrected), "source")
    if refused:
        with pytest.raises(InvalidConsent) as error:
            one(before, update)
        path = "lastConfirmationActivity.source"
        assert violations_of(error) == [(path, ViolationCode.NOT_ALLOWED)]
    else:
        after = one(before, update).consent
        assert after.last_confirmation_activity is not None
        assert after.last_confirmation_activity.source is corrected
        assert after.subject_confirmed_date == before.subject_confirmed_date
