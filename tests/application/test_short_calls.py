"""The everyday calls, in one line each: contract, sections 3, 4.2, 5 and 6."""

from typing import Any

import pytest

from consent_core import (
    Channel,
    ConfirmationActivity,
    ConfirmationSource,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    Email,
    InvalidConsent,
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
    ViolationCode,
)
from tests.application.services import MakeService, Service
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


def _violations(call: Any, *arguments: Any, **named: Any) -> list[tuple[str, ViolationCode, str]]:
    with pytest.raises(InvalidConsent) as caught:
        call(*arguments, **named)
    return [
        (violation.path, violation.code, violation.description)
        for violation in caught.value.violations
    ]


@pytest.mark.parametrize(
    ("method", "word", "value", "path", "description"),
    [
        (
            "request_opt_in",
            "source",
            "FROM",
            "source",
            "must be a ConfirmationSource; did you mean FORM?",
        ),
        (
            "opt_in",
            "source",
            "inperson",
            "source",
            "must be a ConfirmationSource; did you mean IN_PERSON?",
        ),
        (
            "opt_in",
            "opt_in_level",
            "DOUBLE",
            "optInLevel",
            "must be a OptInLevel; did you mean DOUBLE_CONFIRMATION?",
        ),
        (
            "opt_out",
            "source",
            "revokelink",
            "source",
            "must be a RevokeSource; did you mean REVOKE_LINK?",
        ),
    ],
)
def test_an_unknown_word_names_the_nearest(
    make: MakeService, method: str, word: str, value: str, path: str, description: str
) -> None:
    """Section 3, rule 8: an unknown word is a violation "naming the nearest known word".

    Nothing is stored.
    """
    service = make()
    slot = "lastRevokeActivity" if method == "opt_out" else "lastConfirmationActivity"
    found = _violations(getattr(service, method), WHO, **{word: value})
    assert found == [(f"{slot}.{path}", ViolationCode.UNKNOWN_VALUE, description)]
    assert list(service.query()) == []


@pytest.mark.parametrize("value", ["", "carrier pigeon to ada@example.org", None, 7, ["FORM"], {}])
def test_what_is_near_no_word_names_them_all(make: MakeService, value: object) -> None:
    """The words are told, and what was given is not: it may be personal data."""
    ((path, code, description),) = _violations(make().opt_out, WHO, source=value)
    assert (path, code) == ("lastRevokeActivity.source", ViolationCode.UNKNOWN_VALUE)
    assert description == f"must be a RevokeSource; known are {', '.join(RevokeSource)}"


def _every_call(service: Service) -> list[Any]:
    activity = RevokeActivity(source=RevokeSource.FORM)
    return [
        service.request_opt_in,
        service.opt_in,
        service.opt_out,
        service.may_contact,
        service.get_by_identifier,
        lambda who: service.remove(who, activity),
        lambda who: service.create(who, yes()),
    ]


@pytest.mark.parametrize(
    ("who", "path", "code"),
    [
        ("ada@", "details.email", ViolationCode.INVALID_EMAIL),
        ("+12", "details.phone", ViolationCode.INVALID_PHONE),
        ("ada", "identifier", ViolationCode.NOT_ALLOWED),
        ("", "identifier", ViolationCode.NOT_ALLOWED),
        (None, "identifier", ViolationCode.NOT_ALLOWED),
        (b"ada@example.org", "identifier", ViolationCode.NOT_ALLOWED),
    ],
)
def test_a_string_that_is_no_identifier_is_refused(
    make: MakeService, who: object, path: str, code: ViolationCode
) -> None:
    """Section 3, rules 2 and 3; in every call that takes strings, and before anything is stored."""
    service = make()
    for call in _every_call(service):
        assert [violation[:2] for violation in _violations(call, who)] == [(path, code)]
    assert list(service.query()) == []


def test_every_call_finds_the_same_person_by_a_string(make: MakeService) -> None:
    """Section 4.1: one record for each key, however it is written."""
    service = make()
    consent = service.create(WHO, yes()).consent
    assert service.get_by_identifier("ADA@EXAMPLE.ORG").consent == consent
    assert service.may_contact(" ada@example.org").consent == consent
    removed = service.remove("ada@example.org ", RevokeActivity(source=RevokeSource.FORM))
    assert removed.consent.id == consent.id
    for call in (service.opt_in, service.request_opt_in, service.opt_out):
        assert call("aDa@example.org").consent.id == consent.id
    assert list(service.audience(Channel.EMAIL)) == []


def test_all_that_is_wrong_is_told_at_once(make: MakeService) -> None:
    """Section 3.

    All violations, not only the first, with their paths, and without what was given.
    """
    service = make()
    with pytest.raises(InvalidConsent) as caught:
        service.opt_in(
            "ada at example.org",
            source="FORMS",
            opt_in_level="TRIPLE",
            description="NUL\0",
            updated_date=at(NOW).replace(tzinfo=None),
        )
    assert [violation.path for violation in caught.value.violations] == [
        "identifier",
        *(
            f"lastConfirmationActivity.{name}"
            for name in ("source", "description", "updatedDate", "optInLevel")
        ),
    ]
    assert not any(given in str(caught.value) for given in ("ada", "FORMS", "TRIPLE"))


def test_the_rules_hold_for_short_calls(make: MakeService) -> None:
    """Section 3: what the policy and the moment forbid is refused as in the complete calls.

    Nothing is stored.
    """
    service = make()
    for call in (service.request_opt_in, service.opt_in):
        violations = _violations(call, WHO, updated_date=at(NOW + 60))
        assert [each[:2] for each in violations] == [
            ("lastConfirmationActivity.updatedDate", ViolationCode.DATE_IN_FUTURE)
        ]
        ((path, code, _),) = _violations(call, WHO, link_language="not a tag")
        assert (path, code) == ("linkLanguage", ViolationCode.INVALID_LANGUAGE)
    assert list(service.query()) == []
