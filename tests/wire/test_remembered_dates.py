"""The dates that a record remembers are written only where its slots do not say them.

Contract, sections 4.2, 7 and 8.
"""

from typing import Any

import pytest

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topics import TopicEvidence, Topics
from consent_core.domain.vocabulary import Actor, ConfirmationSource
from consent_core.wire import read_record, to_wire
from tests.domain.builders import CONFIRMED, DOUBLE, NEVER, PENDING, REVOKED, at, no, record, yes
from tests.domain.topics import IN, SUBJECT

CLICK = ConfirmationActivity(
    source=ConfirmationSource.LINK_CONFIRMATION, updated_date=at(3), opt_in_level=DOUBLE
)
BY_STAFF = RevokeActivity(updated_date=at(7), actor=Actor.OPERATOR)
BOTH: dict[str, Any] = {"double_confirmed_date": at(3), "subject_confirmed_date": at(3)}


@pytest.mark.parametrize(
    ("consent", "names"),
    [
        (record(CONFIRMED, CLICK), ""),
        (record(CONFIRMED, 9, **BOTH), "subjectConfirmedDate"),
        (record(CONFIRMED, yes(9, text="by phone").at(at(3)), **BOTH), "subjectConfirmedDate"),
        (record(CONFIRMED, ConfirmationActivity(updated_date=at(3)), **BOTH), "both"),
        (record(REVOKED, CLICK, BY_STAFF, **BOTH), "both"),
        (record(PENDING, CLICK, **BOTH), "both"),
        (record(PENDING, yes(9), **BOTH), "both"),
        (record(NEVER, **BOTH), "both"),
        (record(REVOKED, None, no(5)), ""),
        (record(REVOKED, None, BY_STAFF, subject_revoked_date=at(7)), "subjectRevokedDate"),
        (record(REVOKED, None, BY_STAFF, subject_revoked_date=at(5)), "subjectRevokedDate"),
        (record(REVOKED, None, no(5), subject_revoked_date=at(6)), "subjectRevokedDate"),
        (record(NEVER, subject_revoked_date=at(5)), "subjectRevokedDate"),
    ],
)
def test_a_date_is_written_where_its_slot_does_not_say_it(
    consent: MarketingConsent, names: str
) -> None:
    """Sections 4.2 and 7: "written only where the two slots do not already say the same"."""
    written: dict[str, Any] = to_wire(consent)
    dates = ("doubleConfirmedDate", "subjectConfirmedDate", "subjectRevokedDate")
    expected = "doubleConfirmedDate subjectConfirmedDate" if names == "both" else names
    assert [name for name in dates if name in written] == expected.split()
    assert read_record(written) == consent


def test_an_older_in_by_the_person_is_written_beside_a_newer_one() -> None:
    """Section 8: a record remembers three dates of each topic."""
    entered = TopicEvidence(choice=IN, updated_date=at(9), subject_in_date=at(5))
    chosen = TopicEvidence(choice=IN, updated_date=at(5), actor=SUBJECT, other_in_date=at(2))
    consent = record(CONFIRMED, CLICK, topics=Topics({"events": entered, "offers": chosen}))
    written: dict[str, Any] = to_wire(consent)["topics"]
    assert set(written["events"]) == {"choice", "updatedDate", "subjectInDate"}
    assert set(written["offers"]) == {"choice", "updatedDate", "actor", "otherInDate"}
    assert read_record(to_wire(consent)) == consent
