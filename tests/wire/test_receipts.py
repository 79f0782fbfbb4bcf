"""A consent with its evidence as one document that can be signed."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

import consent_core as cc
from consent_core.domain.vocabulary import ConsentState
from consent_core.wire.receipts import CONTEXT, STATUSES
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    DOUBLE,
    ID,
    NEVER,
    PENDING,
    REVOKED,
    SINGLE,
    UNKNOWN,
    ask,
    at,
    no,
    record,
    records,
    violations_of,
    yes,
)


def told(*requests: tuple[float, cc.Upsert], **policy: Any) -> list[cc.ConsentEvent]:
    """The history of Ada's consent after requests, each with its minute of receipt."""
    clock = iter([at(minute) for minute, _ in requests])
    service = cc.ConsentService(
        clock=lambda: next(clock), new_id=lambda _: ID, policy=cc.Policy(**policy)
    )
    for _, request in requests:
        service.upsert(request)
    return list(service.history(ID))


def receipt_of(history: list[cc.ConsentEvent], **options: Any) -> dict[str, Any]:
    """The receipt of a history's last record."""
    consent = cc.replay(history)
    assert consent is not None
    return cc.consent_receipt(consent, history, **options)


def pieces(receipt: dict[str, Any]) -> list[tuple[str, ...]]:
    """What is told of each piece of evidence, in order."""
    names = ("@type", "dpv:isIndicatedAtTime", "storedDate", "actor")
    found = receipt["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    return [tuple(piece.get(name, "") for name in names) for piece in found]


def minute(number: float) -> str:
    """A minute as it is written."""
    return f"{at(number):%Y-%m-%dT%H:%M:%SZ}"


STAFF = cc.RevokeActivity(
    source=cc.RevokeSource.IN_PERSON, updated_date=at(30), actor=cc.Actor.OPERATOR
)
LEFT = cc.RevokeActivity(
    source=cc.RevokeSource.OTHER,
    description="STOP “now”",
    updated_date=at(20),
    actor=cc.Actor.PROVIDER,
)
CLICK = cc.ConfirmationActivity(
    source=cc.ConfirmationSource.LINK_CONFIRMATION, updated_date=at(2), opt_in_level=DOUBLE
)

HISTORY = told(
    (1, ask(PENDING, yes(1, text="Newsletter form, v3"))),
    (2, ask(CONFIRMED, CLICK)),
    (25, ask(REVOKED, None, LEFT)),
)

BYTES = (
    '{"@context":{"dct":"http://purl.org/dc/terms/","dpv":"https://w3id.org/dpv#"},'
    '"@type":"dpv:ConsentReceipt","dpv:hasIdentifier":"bd0fd6c9-320e-5ddd-a8a1-1698c96afaa4",'
    '"dpv:hasRecordOfActivity":{"@type":"dpv:ConsentRecord",'
    '"dct:identifier":"6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11",'
    '"dct:created":"2026-01-01T12:01:00Z","dct:modified":"2026-01-01T12:25:00Z",'
    '"dpv:hasDataSubject":{"@type":"dpv:DataSubject","dct:identifier":"ada@example.org"},'
    '"channel":"EMAIL","state":"REVOKED","dpv:hasConsentStatus":['
    '{"@type":"dpv:ConsentRequested","dpv:isIndicatedAtTime":"2026-01-01T12:01:00Z",'
    '"dpv:hasIndicationMethod":"FORM","dct:description":"Newsletter form, v3",'
    '"actor":"UNKNOWN_ACTOR","optInLevel":"DOUBLE_CONFIRMATION",'
    '"storedDate":"2026-01-01T12:01:00Z","revision":"1"},'
    '{"@type":"dpv:ConsentGiven","dpv:isIndicatedAtTime":"2026-01-01T12:02:00Z",'
    '"dpv:isIndicatedBy":"dpv:DataSubject","dpv:hasIndicationMethod":"LINK_CONFIRMATION",'
    '"actor":"SUBJECT","optInLevel":"DOUBLE_CONFIRMATION",'
    '"storedDate":"2026-01-01T12:02:00Z","revision":"2"},'
    '{"@type":"dpv:ConsentWithdrawn","dpv:isIndicatedAtTime":"2026-01-01T12:20:00Z",'
    '"dpv:isIndicatedBy":"dpv:ThirdParty","dpv:hasIndicationMethod":"OTHER",'
    '"dct:description":"STOP “now”","actor":"PROVIDER",'
    '"storedDate":"2026-01-01T12:25:00Z","revision":"3"}]},'
    '"known":{"moment":"2026-01-01T12:22:00Z","dpv:hasConsentStatus":"dpv:ConsentGiven",'
    '"communicationEligibility":{"granted":true,"reason":"","reasons":[]},"sentences":['
    '"a***@e*** may be contacted by e-mail.",'
    '"Consent was given on 2026-01-01 at 12:02 UTC by the link in a message, by the person.",'
    '"It was a double opt-in.","An opt-out by the person ends that at once."],'
    '"marketingConsent":{"id":"6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11","revision":"2",'
    '"details":{"type":"EMAIL","email":"ada@example.org"},"state":"CONFIRMED",'
    '"createdDate":"2026-01-01T12:01:00Z","updatedDate":"2026-01-01T12:02:00Z",'
    '"lastConfirmationActivity":{"source":"LINK_CONFIRMATION","description":null,'
    '"updatedDate":"2026-01-01T12:02:00Z","optInLevel":"DOUBLE_CONFIRMATION"}}}}'
)


def signed(receipt: dict[str, Any]) -> bytes:
    """The bytes whose hash is signed, as the docstring says."""
    return json.dumps(receipt, ensure_ascii=False, separators=(",", ":")).encode()


def test_the_bytes_that_are_signed() -> None:
    """Fields, their order and their text: who signs a hash today can check it in years."""
    receipt = receipt_of(HISTORY, at=at(22))
    assert signed(receipt).decode() == BYTES


def test_it_survives_a_journey_as_json() -> None:
    """A reader who sends the parsed receipt on does not change its hash."""
    receipt = receipt_of(HISTORY)
    again = json.loads(signed(receipt))
    assert sha256(signed(again)).digest() == sha256(signed(receipt)).digest()


def test_what_was_known_at_a_moment() -> None:
    """An opt-out that was reported late was true before it was known; both dates are there."""
    known = [receipt_of(HISTORY, at=at(each))["known"] for each in (0, 1, 22, 25)]
    assert [each["dpv:hasConsentStatus"] for each in known] == [
        "dpv:ConsentUnknown",
        "dpv:ConsentRequested",
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
    ]
    assert [each["communicationEligibility"]["granted"] for each in known] == [
        False,
        False,
        True,
        False,
    ]
    assert known[0]["marketingConsent"] is None
    assert pieces(receipt_of(HISTORY, at=at(0))) == pieces(receipt_of(HISTORY))


def test_without_a_moment_it_tells_the_last_change() -> None:
    """It reads no clock."""
    receipt = receipt_of(HISTORY)
    assert receipt == receipt_of(HISTORY, at=at(25))
    assert receipt["known"]["moment"] == minute(25)


def test_the_same_activity_that_answers_its_question_is_told_twice() -> None:
    """First it was a question, then a yes."""
    history = told((1, ask(PENDING, yes(1))), (2, ask(CONFIRMED, yes(1))))
    assert pieces(receipt_of(history)) == [
        ("dpv:ConsentRequested", minute(1), minute(1), "UNKNOWN_ACTOR"),
        ("dpv:ConsentGiven", minute(1), minute(2), "UNKNOWN_ACTOR"),
    ]


def test_late_evidence_is_told_where_it_was_stored() -> None:
    """A yes of before the opt-out arrives after it: it is stored, and the state is kept."""
    history = told((30, ask(REVOKED, None, STAFF)), (40, ask(CONFIRMED, yes(10, SINGLE))))
    receipt = receipt_of(history)
    assert pieces(receipt) == [
        ("dpv:ConsentRevoked", minute(30), minute(30), "OPERATOR"),
        ("dpv:ConsentGiven", minute(10), minute(40), "UNKNOWN_ACTOR"),
    ]
    assert receipt["known"]["dpv:hasConsentStatus"] == "dpv:ConsentRevoked"


def test_a_question_that_was_not_answered_gives_no_consent() -> None:
    """It stays a question when the person leaves, and no state without evidence makes it a yes."""
    asked = told((1, ask(PENDING, yes(1))), (30, ask(REVOKED, None, STAFF)))
    assert [status for status, *_ in pieces(receipt_of(asked))] == [
        "dpv:ConsentRequested",
        "dpv:ConsentRevoked",
    ]
    claimed = told((1, ask(NEVER, yes(1))))
    assert [status for status, *_ in pieces(receipt_of(claimed))] == [STATUSES[NEVER]]


def test_evidence_of_which_only_the_date_was_kept() -> None:
    """No slot has a STOP or a click that arrives late; the record remembers their dates."""
    single = yes(60, SINGLE)
    history = told(
        (30, ask(REVOKED, None, STAFF)),
        (40, ask(REVOKED, None, LEFT)),
        (60, ask(CONFIRMED, single)),
        (61, ask(CONFIRMED, evolve(CLICK, updated_date=at(50)))),
    )
    assert pieces(receipt_of(history)) == [
        ("dpv:ConsentRevoked", minute(30), minute(30), "OPERATOR"),
        ("dpv:ConsentWithdrawn", minute(20), minute(40), "UNKNOWN_ACTOR"),
        ("dpv:ConsentGiven", minute(60), minute(60), "UNKNOWN_ACTOR"),
        ("dpv:ConsentGiven", minute(50), minute(61), "SUBJECT"),
    ]
    double = record(CONFIRMED, single, STAFF, double_confirmed_date=at(35))
    assert pieces(cc.consent_receipt(double, []))[-1] == (
        "dpv:ConsentGiven",
        minute(35),
        "",
        "UNKNOWN_ACTOR",
    )
    own = evolve(double, subject_confirmed_date=at(35))
    (*_, piece) = cc.consent_receipt(own, [])["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]
    assert piece == {
        "@type": "dpv:ConsentGiven",
        "dpv:isIndicatedAtTime": minute(35),
        "dpv:isIndicatedBy": "dpv:DataSubject",
        "actor": "SUBJECT",
        "optInLevel": "DOUBLE_CONFIRMATION",
    }
    two = evolve(own, subject_confirmed_date=at(40))
    assert [each[1] for each in pieces(cc.consent_receipt(two, []))][-2:] == [
        minute(40),
        minute(35),
    ]


def test_an_expired_consent() -> None:
    """The vocabulary has a term for what the policy's lifetime makes of a yes."""
    history = told((1, ask(CONFIRMED, yes(1))))
    policy = cc.Policy(confirmation_lifetime=timedelta(minutes=5))
    for moment, status in ((5, "dpv:ConsentGiven"), (60, "dpv:ConsentExpired")):
        known = receipt_of(history, policy=policy, at=at(moment))["known"]
        assert known["dpv:hasConsentStatus"] == status
        assert known["communicationEligibility"]["granted"] is (status == "dpv:ConsentGiven")


def test_without_a_history_the_slots_are_the_evidence() -> None:
    """Then nobody knows when each of them was stored, unless nothing happened since."""
    consent = record(REVOKED, yes(1, SINGLE), no(5), revision=4)
    assert [stored for _, _, stored, _ in pieces(cc.consent_receipt(consent, []))] == ["", ""]
    consent = evolve(consent, revision=1)
    assert "" not in [stored for _, _, stored, _ in pieces(cc.consent_receipt(consent, []))]


def test_what_is_no_evidence_is_left_out() -> None:
    """Extended fields belong to the applications, and an erased record has no evidence."""
    fields = cc.ExtendedFields({"crm": {"score": 1}})
    history = told((1, ask(CONFIRMED, yes(1), fields=fields)))
    consent = cc.replay(history)
    assert consent is not None
    receipt = cc.consent_receipt(consent, history)
    assert "crm" not in json.dumps(receipt)
    gone = cc.ConsentDeleted(ID, 2, at(9))
    assert cc.consent_receipt(consent, [*history, gone]) == receipt


def test_a_history_of_somebody_else_is_refused() -> None:
    """A mistake must not hand one person's evidence to another."""
    other = evolve(record(CONFIRMED, 1), id=cc.ConsentDeleted(ID, 1, at(1)).id)
    with pytest.raises(cc.InvalidConsent) as caught:
        cc.consent_receipt(other, HISTORY)
    assert violations_of(caught) == [("history", cc.ViolationCode.IMMUTABLE)]


def test_a_moment_without_an_offset_is_refused() -> None:
    """It names the argument."""
    with pytest.raises(cc.InvalidConsent) as caught:
        receipt_of(HISTORY, at=datetime(2026, 1, 1))  # noqa: DTZ001  # that is the mistake
    assert [violation.path for violation in caught.value.violations] == ["at"]


@given(consent=records())
def test_every_record_has_a_receipt_and_a_page(consent: cc.MarketingConsent) -> None:
    """Whatever was stored, it can be handed out; every prefix in it is declared."""
    receipt = cc.consent_receipt(consent, [cc.ConsentCreated(consent)])
    assert json.loads(signed(receipt)) == receipt
    names = [*_names(receipt)]
    assert {name.partition(":")[0] for name in names if ":" in name} <= CONTEXT.keys()
    assert cc.receipt_page(receipt).startswith("<!DOCTYPE html>")


def _names(value: Any) -> Any:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _names(inner) if name != "@context" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def test_every_state_has_a_term() -> None:
    """A new state must be given one."""
    assert STATUSES.keys() == {UNKNOWN, NEVER, PENDING, CONFIRMED, REVOKED} == set(ConsentState)
    assert ADA.address in json.dumps(receipt_of(HISTORY))
