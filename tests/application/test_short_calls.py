"""The everyday calls, in one line each: contract, sections 3, 4.2, 5 and 6."""

import pytest

from consent_core import (
    ConfirmationActivity,
    ConfirmationSource,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    Email,
    KeptReason,
    LinkType,
    MemoryRepository,
    OptInLevel,
    Phone,
    Policy,
    Reason,
    Result,
    RevokeActivity,
    RevokeSource,
)
from tests.application.services import MakeService
from tests.application.support import (
    ADA,
    NOW,
    Clock,
    Counting,
    Raced,
    UrlLinks,
    at,
    confirm,
    revoke,
    yes,
)

WHO = "Ada@Example.org"


def test_request_opt_in_asks_for_a_double_opt_in(make: MakeService) -> None:
    """Section 3, rule 6: PENDING waits for the second confirmation; it is dated at receipt."""
    outcome = make().request_opt_in(WHO, description="Send me the newsletter.")
    assert (outcome.result, outcome.kept, outcome.consent.state) == (
        Result.CREATED,
        None,
        ConsentState.PENDING,
    )
    assert outcome.consent.details == Email("ada@example.org")
    assert outcome.consent.last_confirmation_activity == ConfirmationActivity(
        source=ConfirmationSource.FORM,
        description="Send me the newsletter.",
        updated_date=at(NOW),
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    )


def test_opt_in_stores_a_yes(make: MakeService) -> None:
    """Section 4.2: "`opt_in` ... dated by the library at receipt".

    Nothing says that the person confirmed twice.
    """
    outcome = make().opt_in("+1 (202) 555-0172", source="IN_PERSON")
    assert (outcome.kept, outcome.consent.state) == (None, ConsentState.CONFIRMED)
    assert outcome.consent.details == Phone("+12025550172")
    assert outcome.consent.last_confirmation_activity == ConfirmationActivity(
        source=ConfirmationSource.IN_PERSON,
        updated_date=at(NOW),
        opt_in_level=OptInLevel.SINGLE_CONFIRMATION,
    )


def test_opt_out_is_stored_of_somebody_who_was_never_seen(make: MakeService) -> None:
    """Section 4.3: REVOKED founds a record.

    There is nothing to find first, as ``remove`` has to.
    """
    service = make()
    outcome = service.opt_out(WHO, source="OTHER", description="STOP")
    assert (outcome.result, outcome.consent.state) == (Result.CREATED, ConsentState.REVOKED)
    assert outcome.consent.last_revoke_activity == RevokeActivity(
        source=RevokeSource.OTHER, description="STOP", updated_date=at(NOW)
    )
    with pytest.raises(ConsentNotFound):
        service.remove("bob@example.org", RevokeActivity(source=RevokeSource.FORM))


def test_the_words_may_be_members_of_the_enums(make: MakeService) -> None:
    """What the complete calls take, the short ones take as well."""
    service = make()
    consent = service.opt_in(
        ADA,
        source=ConfirmationSource.LINK_CONFIRMATION,
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    ).consent
    assert consent.last_confirmation_activity == yes(
        NOW, ConfirmationSource.LINK_CONFIRMATION, OptInLevel.DOUBLE_CONFIRMATION
    )
    assert service.opt_out(
        ADA, source=RevokeSource.IN_PERSON
    ).consent.last_revoke_activity == RevokeActivity(
        source=RevokeSource.IN_PERSON, updated_date=at(NOW)
    )


@pytest.mark.parametrize("source", ConfirmationSource)
@pytest.mark.parametrize(
    "policy", [Policy(), Policy(undated_is_now=frozenset())], ids=["default", "none"]
)
def test_an_opt_in_counts_at_receipt_whatever_its_source(
    make: MakeService, source: ConfirmationSource, policy: Policy
) -> None:
    """Section 4.2: the library dates it, so no source and no policy makes it undated evidence."""
    clock = Clock()
    service = make(clock=clock, policy=policy)
    service.opt_out(WHO)
    clock.minute += 1
    outcome = service.opt_in(WHO, source=source)
    assert (outcome.kept, outcome.consent.state) == (None, ConsentState.CONFIRMED)
    assert outcome.consent.last_confirmation_activity == yes(
        NOW + 1, source, OptInLevel.SINGLE_CONFIRMATION
    )


def test_an_opt_out_outlives_a_confirmation_by_a_fast_clock(make: MakeService) -> None:
    """Section 4.4, law 4.

    "A revocation dated at receipt, or undated, is never kept back, from any state".
    """
    repository = MemoryRepository()
    ConsentService(repository, clock=Clock(NOW + 60)).upsert(confirm())
    outcome = make(repository).opt_out(WHO)
    assert (outcome.kept, outcome.consent.state) == (None, ConsentState.REVOKED)
    assert outcome.consent.last_revoke_activity == RevokeActivity(
        source=RevokeSource.FORM, updated_date=at(NOW + 60)
    )


def test_may_contact_is_true_exactly_where_it_is_granted(make: MakeService) -> None:
    """Section 5: the answer to "may I contact this person?", with every reason against it."""
    clock = Clock()
    service = make(policy=Policy.strict(), clock=clock)
    found = service.may_contact(WHO)
    assert not found
    assert (found.reasons, found.consent, found.link) == ((Reason.NO_CONSENT,), None, None)
    consent = service.opt_in(WHO).consent
    found = service.may_contact(ADA)
    assert not found
    assert (found.reasons, found.consent) == ((Reason.DOUBLE_CONFIRMATION_REQUIRED,), consent)
    clock.minute += 1
    service.opt_in(WHO, opt_in_level="DOUBLE_CONFIRMATION")
    assert service.may_contact(WHO)
    assert service.may_contact(WHO).reasons == ()
    service.opt_out(WHO)
    assert service.may_contact(WHO).reasons[0] is Reason.REVOKED


def test_links_go_with_the_short_calls(make: MakeService) -> None:
    """Section 6: a question has a link to confirm, a yes one to revoke, a no has none.

    In the language given.
    """
    service = make(links=UrlLinks())
    asked = service.request_opt_in(WHO, link_language="de").link
    confirmed = service.opt_in(WHO, link_language="fr").link
    found = service.may_contact(WHO, link_language="it").link
    again = service.request_opt_in(WHO)
    assert asked is not None
    assert (asked.type, asked.url) == (LinkType.CONFIRMATION, "https://example.org/de/1/1640")
    assert confirmed is not None
    assert (confirmed.type, confirmed.url) == (
        LinkType.REVOKE_CONFIRMATION,
        "https://example.org/fr/1/1640",
    )
    assert found is not None
    assert (found.type, found.url) == (
        LinkType.REVOKE_CONFIRMATION,
        "https://example.org/it/1/1640",
    )
    assert again.kept is KeptReason.ALREADY_CONFIRMED
    assert again.link is not None
    assert again.link.type is LinkType.CONFIRMATION
    assert service.opt_out(WHO).link is None


def test_a_dated_call_may_be_repeated(make: MakeService) -> None:
    """Section 4.2: "A dated request may be sent again .

    It lifts no opt-out that came in between".
    """
    clock = Clock()
    service = make(clock=clock)
    for call in (service.request_opt_in, service.opt_in):
        assert call(WHO, updated_date=at(clock.minute)).result is not Result.UNCHANGED
        clicked = at(clock.minute)
        clock.minute += 1
        assert call(WHO, updated_date=clicked).result is Result.UNCHANGED
        service.opt_out(WHO, updated_date=at(clock.minute))
        clock.minute += 1
        assert service.opt_out(WHO, updated_date=at(clock.minute - 1)).result is Result.UNCHANGED
        late = call(WHO, updated_date=clicked)
        assert (late.kept, late.consent.state) == (KeptReason.STALE_EVIDENCE, ConsentState.REVOKED)
        clock.minute += 1


def test_a_call_that_meets_a_rival_keeps_its_moment(make: MakeService) -> None:
    """Section 4.2: it is dated once, at receipt.

    An opt-out of a later moment that wins the race stands.
    """
    repository, clock = MemoryRepository(), Clock()

    def rival() -> None:
        clock.minute += 1
        ConsentService(repository, clock=clock).upsert(revoke())
        clock.minute += 1

    raced = Raced(repository, rival)
    outcome = make(raced, clock=clock).opt_in(WHO)
    assert len(raced.commits) == 2
    assert (outcome.kept, outcome.consent.state) == (
        KeptReason.STALE_EVIDENCE,
        ConsentState.REVOKED,
    )
    assert outcome.consent.last_confirmation_activity == yes(
        NOW, level=OptInLevel.SINGLE_CONFIRMATION
    )


def test_a_short_call_costs_what_a_complete_one_does(make: MakeService) -> None:
    """One read and one write."""
    repository = Counting(MemoryRepository())
    service = make(repository)
    service.opt_in(WHO)
    assert (len(repository.finds), len(repository.commits)) == (1, 1)
    service.may_contact(WHO)
    assert (len(repository.finds), len(repository.commits)) == (2, 1)
