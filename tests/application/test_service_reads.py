"""What both services tell: get, get_by_identifier, query, page, audience, history and as_of."""

from itertools import islice

import pytest

from consent_core import (
    Channel,
    ConsentEvent,
    ConsentNotFound,
    ConsentService,
    ConsentState,
    Email,
    Filter,
    InvalidConsent,
    MarketingConsent,
    MemoryRepository,
    Operator,
    OptInLevel,
    Outcome,
    Page,
    Phone,
    Policy,
    Query,
    QueryField,
    Reason,
    TopicDefault,
    Upsert,
    ViolationCode,
    as_of,
    eligibility,
    replay,
)
from tests.application.services import MakeService
from tests.application.support import (
    ADA,
    BOB,
    CARL,
    NOBODY,
    NOW,
    Clock,
    Counting,
    ask,
    at,
    confirm,
    no,
    revoke,
    yes,
)


def test_get_of_an_unknown_id_is_not_found(make: MakeService) -> None:
    """Get names the id that has no record."""
    with pytest.raises(ConsentNotFound) as caught:
        make().get(NOBODY)
    assert caught.value.subject == NOBODY


def test_get_by_identifier_tells_record_and_eligibility(make: MakeService) -> None:
    """Whoever asks by identifier learns at once whether the person may be contacted, by the policy
    and the clock.
    """
    clock = Clock()
    policy = Policy(minimum_opt_in_level=OptInLevel.DOUBLE_CONFIRMATION)
    service = make(clock=clock, policy=policy)
    consent = service.upsert(confirm()).consent
    found = service.get_by_identifier(Email("ADA@example.org"))
    assert found.consent == consent
    assert found.eligibility.reasons == (Reason.DOUBLE_CONFIRMATION_REQUIRED,)
    assert found.eligibility == eligibility(consent, now=clock(), policy=policy)


def test_get_by_identifier_of_somebody_unknown_is_no_error(make: MakeService) -> None:
    """Where there is no record, the answer is that nobody consented."""
    found = make().get_by_identifier(ADA)
    assert (found.consent, found.eligibility.reasons) == (None, (Reason.NO_CONSENT,))
    assert not found.eligibility.granted


def test_query_gives_everything_in_the_order_of_ids(make: MakeService) -> None:
    """Without conditions all records come, by ascending id."""
    service = make()
    stored = [service.upsert(confirm(who)).consent for who in (ADA, BOB, CARL)]
    assert list(service.query()) == sorted(stored, key=lambda consent: consent.id)
    assert service.page() == Page(tuple(sorted(stored, key=lambda consent: consent.id)), more=False)


def test_query_fetches_page_by_page_what_matches(make: MakeService) -> None:
    """A query of many pages gives each match once, in order, with one call of the repository for a
    page.
    """
    repository = Counting(MemoryRepository())
    service = make(repository)
    for n in range(10):
        service.upsert(
            ask(
                ConsentState.CONFIRMED if n % 2 else ConsentState.REVOKED,
                n,
                Email(f"p{n}@example.org"),
            )
        )
    query = Query(
        state=ConsentState.CONFIRMED,
        sort=QueryField.CREATED_DATE,
        descending=True,
        page_size=2,
    )
    found = list(islice(service.query(query), 20))
    assert [consent.id.int for consent in found] == [10, 8, 6, 4, 2]
    assert len(repository.queries) == 3
    assert service.page(query).more


def test_a_page_leads_to_the_next_in_both_directions(make: MakeService) -> None:
    """From a page one gets on, and back again, until there is nothing more."""
    service = make()
    for n in range(5):
        service.upsert(confirm(Email(f"p{n}@example.org")))
    first = service.page(Query(page_size=2))
    second_query = first.next_of(Query(page_size=2))
    assert second_query is not None
    second = service.page(second_query)
    back = service.page(second_query.before(second.consents[0]))
    last_query = second.next_of(second_query)
    assert last_query is not None
    last = service.page(last_query)
    assert [[c.id.int for c in page.consents] for page in (first, second, last)] == [
        [1, 2],
        [3, 4],
        [5],
    ]
    assert (last.more, last.next_of(last_query)) == (False, None)
    assert (back.consents, back.more) == (first.consents, False)


def test_an_empty_page_leads_nowhere() -> None:
    """A store that promises more but gives nothing cannot send a caller round in circles."""
    assert Page((), more=True).next_of(Query()) is None


POLICIES = [
    Policy(),
    Policy.wix(),
    Policy.strict(),
    Policy(confirmation_lifetime=at(100) - at(0)),
    Policy(
        never_confirmed_granted=frozenset(Channel),
        confirmation_lifetime=at(500) - at(0),
        minimum_opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    ),
]


def _all_kinds(service: ConsentService) -> list[MarketingConsent]:
    requests = []
    n = 0
    for state in ConsentState:
        for minute in (NOW - 600, NOW - 500, NOW - 100, NOW - 99, NOW):
            for level in (OptInLevel.DOUBLE_CONFIRMATION, OptInLevel.UNKNOWN_OPT_IN_LEVEL):
                for who in (Email(f"p{n}@example.org"), Phone(f"+1202555{1000 + n}")):
                    revocation = no(minute) if state is ConsentState.REVOKED else None
                    requests.append(
                        Upsert(
                            details=who,
                            state=state,
                            last_confirmation_activity=yes(minute, level=level)
                            if n % 3 or not revocation
                            else None,
                            last_revoke_activity=revocation,
                        )
                    )
                    n += 1
    return [service.upsert(request).consent for request in requests]


@pytest.mark.parametrize("policy", POLICIES, ids=range(len(POLICIES)))
@pytest.mark.parametrize("channel", Channel)
def test_an_audience_is_exactly_what_eligibility_grants(
    make: MakeService, policy: Policy, channel: Channel
) -> None:
    """Over every state, date and opt-in level, the audience has those granted on the channel and no
    others.
    """
    repository = Counting(MemoryRepository())
    stored = _all_kinds(ConsentService(repository, clock=Clock()))
    granted = {
        consent.id
        for consent in stored
        if consent.details.channel is channel
        and eligibility(consent, now=at(NOW), policy=policy).granted
    }
    found = [
        consent.id for consent in make(repository, policy=policy).audience(channel, page_size=3)
    ]
    assert len(found) == len(granted)
    assert set(found) == granted
    assert {query.page_size for query in repository.queries} == {3}


def test_addresses_are_those_of_the_audience(make: MakeService) -> None:
    """From a repository that knows nothing of addresses, page by page."""
    repository = Counting(MemoryRepository())
    service = make(repository, clock=Clock())
    people = [Email(f"Person{number}@example.org") for number in range(1_001)]
    requests = [confirm(who, minute=1) for who in people]
    assert all(isinstance(each, Outcome) for each in service.bulk_upsert(requests))
    service.opt_out(people[7])
    service.opt_in("+12025550100")
    found = list(service.addresses(Channel.EMAIL))
    assert set(found) == {who.address for who in people} - {people[7].address}
    assert len(found) == 1_000
    assert found == [each.address for each in service.audience(Channel.EMAIL)]
    assert list(service.addresses(Channel.PHONE)) == ["+12025550100"]


def test_addresses_are_asked_for_at_once(make: MakeService) -> None:
    """What is wrong with the question is told by the call, not by the first address."""
    service = make(policy=Policy(topics={"news": TopicDefault.OPT_IN}))
    with pytest.raises(InvalidConsent):
        service.addresses(Channel.EMAIL)
    with pytest.raises(InvalidConsent) as refused:
        service.addresses("MAIL", topic="news")
    (violation,) = refused.value.violations
    assert (violation.path, violation.code) == ("audience.channel", ViolationCode.UNKNOWN_VALUE)
    assert violation.description.endswith("did you mean EMAIL?")
    assert list(service.addresses("EMAIL", topic="news")) == []


def test_history_has_every_event_in_order(make: MakeService) -> None:
    """The history is what the outcomes told, with revisions without gaps, and replaying it gives
    the record.
    """
    clock = Clock()
    service = make(clock=clock)
    told: list[ConsentEvent] = []
    for minute, request in enumerate(
        (ask(ConsentState.PENDING, 1), confirm(minute=2), revoke(minute=3))
    ):
        clock.minute = NOW + minute
        told += service.upsert(request).events
    consent = service.query()
    history = service.history(told[0].consent_id)
    assert list(history) == told
    assert [event.sequence for event in history] == [1, 2, 3]
    assert replay(history) == next(consent)


def test_as_of_tells_what_was_true_then(make: MakeService) -> None:
    """What the history says of a moment is the record as it was stored at that moment."""
    clock = Clock()
    service = make(clock=clock)
    pending = service.upsert(ask(ConsentState.PENDING, 1)).consent
    clock.minute += 10
    confirmed = service.upsert(confirm(minute=2)).consent
    history = service.history(pending.id)
    assert as_of(history, at(NOW - 0.1)) is None
    assert as_of(history, at(NOW)) == as_of(history, at(NOW + 9.9)) == pending
    assert as_of(history, at(NOW + 10)) == as_of(history, at(NOW + 9_999)) == confirmed
    service.delete(pending.id)
    assert as_of(service.history(pending.id), at(NOW + 5)) is None


def test_history_of_an_unknown_id_is_empty(make: MakeService) -> None:
    """Nothing happened to a consent that never was."""
    assert list(make().history(NOBODY)) == []


def test_conditions_of_a_query_must_all_hold(make: MakeService) -> None:
    """A state, a filter and another filter narrow one another."""
    service = make()
    for who in (ADA, BOB, CARL):
        service.upsert(confirm(who))
    where = (
        Filter(QueryField.EMAIL, Operator.EXISTS, value=True),
        Filter(QueryField.EMAIL, Operator.NE, "ADA@example.org"),
    )
    assert [c.details for c in service.query(Query(where=where, state=ConsentState.CONFIRMED))] == [
        BOB
    ]
    assert list(service.query(Query(where=where, state=ConsentState.REVOKED))) == []
