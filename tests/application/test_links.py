"""Which links go with an answer: contract, section 6."""

import pytest

from consent_core import (
    ConsentService,
    ConsentState,
    Email,
    KeptReason,
    Link,
    LinkType,
    MemoryRepository,
    Outcome,
)
from tests.application.services import MakeService
from tests.application.support import ADA, BOB, NOW, Clock, UrlLinks, ask, confirm, no, revoke, yes

LINK_OF = {
    ConsentState.UNKNOWN_STATE: None,
    ConsentState.NEVER_CONFIRMED: None,
    ConsentState.PENDING: LinkType.CONFIRMATION,
    ConsentState.CONFIRMED: LinkType.REVOKE_CONFIRMATION,
    ConsentState.REVOKED: None,
}


@pytest.mark.parametrize(("state", "link_type"), LINK_OF.items())
def test_the_state_afterwards_decides_on_the_link(
    make: MakeService, state: ConsentState, link_type: LinkType | None
) -> None:
    """PENDING has a link to confirm, CONFIRMED one to revoke, other states none."""
    outcome = make(links=UrlLinks()).upsert(ask(state), link_language="de-CH")
    assert outcome.link == (
        None if link_type is None else Link(link_type, "https://example.org/de-CH/1/1640")
    )


def test_a_kept_question_is_answered_with_a_link_to_confirm(make: MakeService) -> None:
    """Section 6: "whoever confirmed singly, or long ago, can confirm again.

    Until then the state stays".
    """
    service = make(links=UrlLinks())
    stored = service.upsert(confirm()).consent
    outcome = service.upsert(ask(ConsentState.PENDING))
    assert (outcome.kept, outcome.consent) == (KeptReason.ALREADY_CONFIRMED, stored)
    assert outcome.link is not None
    assert outcome.link.type is LinkType.CONFIRMATION


def test_any_other_kept_state_decides_on_the_link(make: MakeService) -> None:
    """Section 6: CONFIRMED otherwise has a link to revoke.

    A question that is older than the one asked, none.
    """
    service = make(links=UrlLinks())
    service.upsert(confirm())
    outcome = service.upsert(ask(ConsentState.UNKNOWN_STATE))
    assert outcome.kept is KeptReason.EMAIL_KEEPS_STATE
    assert outcome.link is not None
    assert outcome.link.type is LinkType.REVOKE_CONFIRMATION
    service.upsert(ask(ConsentState.PENDING, NOW - 1, BOB))
    stale = service.upsert(ask(ConsentState.PENDING, NOW - 2, BOB))
    assert (stale.kept, stale.link) == (KeptReason.STALE_EVIDENCE, None)


def test_without_an_issuer_there_are_no_links(make: MakeService) -> None:
    """Links are an extra that nothing else depends on."""
    service = make()
    assert service.upsert(ask(ConsentState.PENDING), link_language="de").link is None
    assert (
        service.get_by_identifier(ADA, link_language="de").eligibility.revoke_confirmation_link
        is None
    )


def test_every_write_carries_its_link_and_passes_the_language_on(make: MakeService) -> None:
    """Create, update and remove answer with the link of the state, made at receipt and in the
    caller's language.
    """
    clock = Clock()
    service = make(links=UrlLinks(), clock=clock)
    created = service.create(ADA, yes(), link_language="fr")
    assert created.link == Link(LinkType.REVOKE_CONFIRMATION, "https://example.org/fr/1/1640")
    clock.minute += 1
    updated = service.update(
        created.consent.id, extended_fields={"a": {"x": 1}}, link_language="it"
    )
    assert updated.link == Link(LinkType.REVOKE_CONFIRMATION, "https://example.org/it/1/1641")
    assert service.remove(ADA, no(NOW - 9)).link == Link(
        LinkType.REVOKE_CONFIRMATION, "https://example.org/-/1/1641"
    )
    assert service.remove(ADA, no()).link is None


@pytest.mark.parametrize("state", ConsentState)
def test_eligibility_carries_the_link_to_revoke(make: MakeService, state: ConsentState) -> None:
    """Whoever has a record can be shown the way out, in the language asked for."""
    service = make(links=UrlLinks())
    service.upsert(ask(state))
    signal = service.get_by_identifier(ADA, link_language="en").eligibility
    assert signal.revoke_confirmation_link == Link(
        LinkType.REVOKE_CONFIRMATION, "https://example.org/en/1/1640"
    )
    assert signal.granted is (state is ConsentState.CONFIRMED)


def test_nobody_gets_no_link(make: MakeService) -> None:
    """Where there is no record there is nothing to revoke."""
    assert (
        make(links=UrlLinks()).get_by_identifier(ADA).eligibility.revoke_confirmation_link is None
    )


def test_a_bulk_answers_with_links(make: MakeService) -> None:
    """Every outcome of a bulk has the link of its own state."""
    service = make(links=UrlLinks())
    commands = [
        confirm(ADA),
        ask(ConsentState.PENDING, None, BOB),
        revoke(Email("carl@example.org")),
    ]
    links = [answer.link for answer in service.bulk_upsert(commands) if isinstance(answer, Outcome)]
    assert [link and link.type for link in links] == [
        LinkType.REVOKE_CONFIRMATION,
        LinkType.CONFIRMATION,
        None,
    ]


def test_links_are_made_from_what_is_stored(make: MakeService) -> None:
    """A link names the consent that a rival created, not the one that lost the race."""
    repository = MemoryRepository()
    stored = ConsentService(repository, clock=Clock()).upsert(revoke(minute=1)).consent
    link = make(repository, links=UrlLinks()).upsert(confirm(minute=2)).link
    assert link is not None
    assert f"/{stored.id.int}/" in link.url
