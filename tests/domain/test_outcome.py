"""What became of a request, for programs and for logs."""

import json
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given

import consent_core as cc
from consent_core.testing import strategies
from tests.domain.builders import NOW

ADA = cc.Email("ada@example.org")


@given(strategies.records(), strategies.upserts())
def test_a_summary_has_no_personal_data(record: cc.MarketingConsent, request: cc.Upsert) -> None:
    """Every value is a word, a number or an id: whatever was asked for, of whomever."""
    asked = evolve(request, details=record.details)
    outcome = cc.decide(record, asked, now=strategies.MOMENT)
    summary = outcome.summary()
    assert json.loads(json.dumps(summary)) == summary
    assert summary == {
        "result": outcome.result.value,
        "kept": outcome.kept and outcome.kept.value,
        "consentId": str(record.id),
        "revision": outcome.consent.revision,
        "channel": record.details.channel.value,
        "state": outcome.consent.state.value,
        "events": [type(event).__name__ for event in outcome.events],
        "link": None,
    }


def test_a_summary_of_nothing() -> None:
    """A person who was erased and stays so."""
    tombstone = cc.Tombstone(revoked_date=NOW)
    never = cc.Upsert(details=ADA, state=cc.ConsentState.NEVER_CONFIRMED)
    outcome = cc.decide(None, never, now=NOW + timedelta(days=1), tombstone=tombstone)
    assert outcome.summary() == {
        "result": "UNCHANGED",
        "kept": "REVOKED_NEEDS_EVIDENCE",
        "consentId": None,
        "revision": None,
        "channel": None,
        "state": None,
        "events": [],
        "link": None,
    }


def test_a_summary_names_the_link_and_does_not_show_it() -> None:
    """Whoever holds a link can act for the person."""
    never = cc.Upsert(details=ADA, state=cc.ConsentState.NEVER_CONFIRMED)
    link = cc.Link(cc.LinkType.CONFIRMATION, "https://example.org/?token=secret")
    outcome = cc.decide(None, never, now=NOW)._replace(link=link)
    assert outcome.summary()["link"] == "CONFIRMATION"


def test_a_record_has_the_address_that_messages_are_sent_to() -> None:
    """As the audience of a campaign is read."""
    consents = cc.ConsentService()
    consents.opt_in("Ada@Example.org")
    assert [each.address for each in consents.audience(cc.Channel.EMAIL)] == ["Ada@example.org"]


def test_a_language_is_judged_before_anything_else_happens() -> None:
    """``check_language`` is public for that."""
    assert cc.check_language("pt-BR") == "pt-BR"
    assert cc.check_language(None) is None
    with pytest.raises(cc.InvalidConsent, match="INVALID_LANGUAGE"):
        cc.check_language("not a tag")
