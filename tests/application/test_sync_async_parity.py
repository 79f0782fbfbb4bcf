"""Both services give the same outcomes, events and errors for the same random calls."""

import asyncio
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from consent_core import (
    AsyncConsentService,
    AsyncMemoryRepository,
    Channel,
    ConsentError,
    ConsentService,
    ConsentState,
    DeliveryEvent,
    DeliveryReport,
    MemoryRepository,
    Policy,
    Query,
    QueryField,
)
from tests.application.naive_model import Plain
from tests.application.requests import (
    PEOPLE,
    START,
    confirmation_of,
    fields_of,
    requests,
    revocation_of,
    updates,
    upsert_of,
    who,
)
from tests.application.services import collected
from tests.application.support import Clock, Ids, UrlLinks, at

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method of a service, with its arguments."""


def _create(plain: Plain) -> Call:
    more = {"last_revoke_activity": revocation_of(plain["no"]), "extended_fields": fields_of(plain)}
    return "create", (PEOPLE[plain["who"]], confirmation_of(plain["yes"])), more


def _update(plain: Plain, number: int, revision: int | None) -> Call:
    changes = {
        "state": plain["state"] and ConsentState(plain["state"]),
        "last_confirmation_activity": confirmation_of(plain["yes"]),
        "last_revoke_activity": revocation_of(plain["no"]),
        "extended_fields": fields_of(plain),
        "revision": revision,
    }
    return "update", (UUID(int=number),), changes


BY_UPDATE = QueryField.UPDATED_DATE
numbers = st.integers(1, 4)
reports = st.builds(
    lambda who, event, minute: DeliveryReport(
        identifier=PEOPLE[who], event=event, reported_date=minute and at(minute)
    ),
    who,
    st.sampled_from(DeliveryEvent),
    st.none() | st.integers(1, START + 30),
)
calls = st.one_of(
    st.builds(lambda plain: ("upsert", (upsert_of(plain),), {"link_language": "de"}), requests()),
    st.builds(
        lambda many: ("bulk_upsert", (list(map(upsert_of, many)),), {}),
        st.lists(requests(), max_size=6),
    ),
    st.builds(_create, requests(st.just("CONFIRMED"))),
    st.builds(_update, updates(), numbers, st.none() | numbers),
    st.builds(
        lambda p: ("remove", (PEOPLE[p["who"]], revocation_of(p["no"])), {}),
        requests(st.just("REVOKED")),
    ),
    st.builds(
        lambda method, who, words: (method, (who,), words),
        st.sampled_from(["request_opt_in", "opt_in", "opt_out"]),
        who | st.just("ada"),
        st.fixed_dictionaries({}, optional={"source": st.sampled_from(["IN_PERSON", "FROM"])}),
    ),
    st.builds(
        lambda method, name: (method, (name,), {}),
        st.sampled_from(["may_contact", "get_by_identifier"]),
        who,
    ),
    st.builds(
        lambda name, minute: ("explain", (name,), {"at": minute and at(minute)}),
        who,
        st.none() | st.integers(1, START + 30),
    ),
    st.builds(lambda many: ("bulk_report", (many,), {}), st.lists(reports, max_size=4)),
    st.builds(lambda one: ("report", (one,), {}), reports),
    st.builds(
        lambda method, n: (method, (UUID(int=n),), {}),
        st.sampled_from(["get", "delete", "history"]),
        numbers,
    ),
    st.builds(
        lambda channel, size: ("audience", (channel,), {"page_size": size}),
        st.sampled_from(Channel),
        numbers,
    ),
    st.builds(lambda channel: ("addresses", (channel,), {}), st.sampled_from(Channel)),
    st.builds(
        lambda method, size, down: (
            method,
            (Query(sort=BY_UPDATE, page_size=size, descending=down),),
            {},
        ),
        st.sampled_from(["query", "page"]),
        numbers,
        st.booleans(),
    ),
)
steps = st.lists(st.tuples(st.integers(-3, 6), calls), max_size=12)
MANY = ("bulk_upsert", "bulk_report", "query", "audience", "addresses")


def _what_went_wrong(error: ConsentError) -> tuple[object, ...]:
    return type(error), error.args, str(error)


def _answer(service: ConsentService, call: Call) -> object:
    method, arguments, named = call
    try:
        answer = getattr(service, method)(*arguments, **named)
        return list(map(_plain, answer)) if method in MANY else answer
    except ConsentError as error:
        return _what_went_wrong(error)


async def _async_answer(service: AsyncConsentService, call: Call) -> object:
    method, arguments, named = call
    answer: Any = getattr(service, method)(*arguments, **named)
    try:
        if method in MANY:
            return list(map(_plain, await collected(answer)))
        plain: object = await answer
    except ConsentError as error:
        return _what_went_wrong(error)
    return plain


def _plain(answer: object) -> object:
    error = getattr(answer, "error", None)
    return _what_went_wrong(error) if isinstance(error, ConsentError) else answer


@given(steps=steps, policy=st.sampled_from([Policy(), Policy.wix(), Policy.strict()]))
def test_both_services_answer_alike(steps: list[tuple[int, Call]], policy: Policy) -> None:
    """Call by call the answers are equal, errors with their arguments too, and so are the stores
    afterwards.
    """
    stores = MemoryRepository(), MemoryRepository()
    clocks = Clock(START), Clock(START)
    one = ConsentService(
        stores[0], policy=policy, clock=clocks[0], new_id=Ids(), links=UrlLinks(), chunk_size=2
    )
    other = AsyncConsentService(
        AsyncMemoryRepository(stores[1]),
        policy=policy,
        clock=clocks[1],
        new_id=Ids(),
        links=UrlLinks(),
        chunk_size=2,
    )

    async def scenario() -> None:
        for minutes, call in steps:
            for clock in clocks:
                clock.minute = max(0, clock.minute + minutes)
            assert await _async_answer(other, call) == _answer(one, call)

    asyncio.run(scenario())
    assert stores[0].query(Query()) == stores[1].query(Query())
    for number in range(1, 20):
        assert stores[0].history(UUID(int=number)) == stores[1].history(UUID(int=number))
