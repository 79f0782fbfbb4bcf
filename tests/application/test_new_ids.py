"""Ids of new records by clock and chance, one by one and for a whole bulk."""

from datetime import UTC, datetime, timedelta

from consent_core import ConsentService
from consent_core.application.ids import new_consent_id, new_consent_ids
from consent_core.domain.ids import shard_of, shard_of_id
from tests.adapters.requests import confirm, person

PEOPLE = [person(number) for number in range(50)]


def test_a_bulk_makes_as_many_ids_as_it_needs() -> None:
    """More than were expected, too, and each carries its identifier's shard and the moment."""
    for count in (1, 7, 50):
        new_id = new_consent_ids(count)
        before = datetime.now(UTC)
        ids = [new_id(who) for who in PEOPLE]
        assert len(set(ids)) == len(PEOPLE)
        assert [shard_of_id(each) for each in ids] == [shard_of(who) for who in PEOPLE]
        made = datetime.fromtimestamp((ids[0].int >> 80) / 1000, UTC)
        assert abs(made - before) < timedelta(minutes=1)


def test_two_bulks_share_no_chance() -> None:
    """Also for the same people at the same moment."""
    first, second = new_consent_ids(50), new_consent_ids(50)
    assert {first(who) for who in PEOPLE}.isdisjoint(second(who) for who in PEOPLE)


def test_the_bulk_of_a_service_uses_ids_like_those_of_single_calls() -> None:
    """And the caller's own, where there are any."""
    consents = ConsentService()
    for answer in consents.bulk_upsert([confirm(who) for who in PEOPLE]):
        assert answer.error is None
        assert shard_of_id(answer.consent.id) == shard_of(answer.consent.details)
    given = [new_consent_id(who) for who in PEOPLE]
    mine = iter(given)
    consents = ConsentService(new_id=lambda _who: next(mine))
    answers = consents.bulk_upsert([confirm(who) for who in PEOPLE])
    assert [answer.consent.id for answer in answers if answer.error is None] == given
