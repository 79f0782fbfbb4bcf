"""What the kit says of a broken promise, and how it runs clauses and exceptions from them."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from consent_core.application.memory import AsyncMemoryRepository, MemoryRepository
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier
from consent_core.domain.records import MarketingConsent
from consent_core.testing import (
    CLAUSES,
    WITHOUT_TOMBSTONES,
    AsyncRepositoryContract,
    BrokenPromise,
    RepositoryContract,
    assert_conforms,
)
from consent_core.testing.arrange import (
    confirmation,
    consent,
    creation,
    email,
    erasure_of,
    exact_history,
    exactly,
)
from consent_core.testing.kit import expect, run_clause
from tests.testing.saboteurs import BY_NAME
from tests.testing.saboteurs_burying import ForgetsTombstones
from tests.testing.saboteurs_erasing import KeepsErasedHistories, LeaksBetweenSites
from tests.testing.saboteurs_reading import NewestFirst
from tests.testing.saboteurs_values import RevisionsOf32Bits
from tests.testing.saboteurs_writing import TakesFewRows

WIDE = {
    "every_field_is_read_as_written": "revisions have 32 bits",
    "large_revisions_are_told_apart": "as above",
}


class _AnswersViews(MemoryRepository):
    """Answers with mappings that are no dicts, as it may."""

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        return MappingProxyType(dict(super().find(identifiers)))

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        return MappingProxyType(dict(super().get(ids)))


async def _made_async() -> AsyncMemoryRepository:
    await asyncio.sleep(0)
    return AsyncMemoryRepository()


async def _broken_async() -> AsyncMemoryRepository:
    await asyncio.sleep(0)
    return AsyncMemoryRepository(NewestFirst())


FACTORIES: list[Callable[[], Any]] = [_AnswersViews, AsyncMemoryRepository, _made_async]
BROKEN: list[Callable[[], Any]] = [
    NewestFirst,
    lambda: AsyncMemoryRepository(NewestFirst()),
    _broken_async,
]
WAYS = ["called", "awaited", "made by a coroutine"]


def test_clause_names_are_unique() -> None:
    """An exception names one clause."""
    assert len({clause.name for clause in CLAUSES}) == len(CLAUSES)
    assert all(clause.name.isidentifier() for clause in CLAUSES)


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.name)
def test_a_clause_is_a_sentence(clause: Any) -> None:
    """Each has a promise on one line that begins with a capital and ends with a full stop, and a
    known version.
    """
    assert clause.promise[0].isupper() or clause.promise.startswith("``")
    assert clause.promise.endswith(".")
    assert clause.promise == " ".join(clause.promise.split())
    assert clause.since == "0.1"


def test_what_differs_is_told_apart_and_kept_secret() -> None:
    """Records that differ in a text alone look different, and their texts are not shown."""
    secret, namespaces = "SECRET@example.com", {"shop": {"note": "SECRET"}}
    described = confirmation().__class__(
        description="SECRET", updated_date=confirmation().updated_date
    )
    records = [
        consent(Email.restore(secret)),
        consent(Email.restore(secret.lower()), id=consent(Email.restore(secret)).id),
        consent(Email.restore(secret), last_confirmation_activity=described),
        consent(Email.restore(secret), extended_fields=ExtendedFields(namespaces)),
    ]
    shown = [repr(exactly(record)) for record in records]
    assert len(set(shown)) == len(shown)
    assert "secret" not in "".join(shown).lower()
    assert [exactly(records[0]) == exactly(record) for record in records] == [
        True,
        False,
        False,
        False,
    ]


def test_histories_are_told_apart() -> None:
    """A deletion is told as it is, other events with their kind and the whole record."""
    record = consent(email("ada"))
    created, deleted = creation(record).events[0], erasure_of(record).events[0]
    assert exact_history([created, deleted]) == (("ConsentCreated", exactly(record)), deleted)


def test_what_an_adapter_raises_breaks_the_promise() -> None:
    """The message says what was raised, and the error is chained."""
    with pytest.raises(
        BrokenPromise, match=r"expected: 'no error'\n  found:    .*Unavailable\('too many"
    ) as caught:
        run_clause(BY_NAME["many_are_stored_at_once"], TakesFewRows())
    assert type(caught.value.__cause__).__name__ == "Unavailable"


def test_what_is_as_expected_is_passed_over() -> None:
    """Only a difference is a mismatch."""
    expect([1], [1])
    with pytest.raises(Exception, match="another answer than expected"):
        expect([1], [2])


@pytest.mark.parametrize("make", FACTORIES, ids=WAYS)
def test_a_repository_conforms(make: Callable[[], Any]) -> None:
    """Sync, async, and made by a coroutine."""
    assert_conforms(make)


@pytest.mark.parametrize("make", BROKEN, ids=WAYS)
def test_a_broken_repository_does_not_conform(make: Callable[[], Any]) -> None:
    """The first promise that is broken is raised."""
    with pytest.raises(BrokenPromise) as caught:
        assert_conforms(make)
    assert caught.value.clause in {"no_change_is_lost", "events_come_with_their_record"}


def test_sites_are_judged_when_they_are_given() -> None:
    """Without ``make_sites`` nobody is accused of leaking between sites; with it, who leaks is."""
    assert_conforms(LeaksBetweenSites)
    assert_conforms(MemoryRepository, make_sites=lambda: (MemoryRepository(), MemoryRepository()))
    assert_conforms(
        AsyncMemoryRepository, make_sites=lambda: (AsyncMemoryRepository(), AsyncMemoryRepository())
    )
    with pytest.raises(BrokenPromise, match="sites_do_not_see_each_other"):
        assert_conforms(LeaksBetweenSites, make_sites=LeaksBetweenSites.pair)


def test_sites_may_be_made_by_coroutines() -> None:
    """Each of the two may be awaitable."""
    assert_conforms(_made_async, make_sites=lambda: (_made_async(), _made_async()))


def test_a_known_limitation_is_excepted() -> None:
    """A clause with an exception may be broken, as long as it is."""
    assert_conforms(RevisionsOf32Bits, exceptions=WIDE)
    with pytest.raises(
        ValueError, match=r"every_field_is_read_as_written is kept.*revisions have 32 bits"
    ):
        assert_conforms(MemoryRepository, exceptions=WIDE)


def test_a_store_without_tombstones_says_so() -> None:
    """With one word for all of their clauses; a store that has them may not say it."""
    assert_conforms(ForgetsTombstones, exceptions=WITHOUT_TOMBSTONES)
    with pytest.raises(ValueError, match=r"tombstone.* is kept: remove its exception"):
        assert_conforms(MemoryRepository, exceptions=WITHOUT_TOMBSTONES)


def test_an_exception_excuses_its_own_clause_only() -> None:
    """What is broken beside it is still raised."""
    with pytest.raises(BrokenPromise, match="erasing_takes_the_history_along"):
        assert_conforms(KeepsErasedHistories, exceptions={"erased_identifiers_start_anew": "known"})


def test_an_exception_that_names_no_clause_is_refused() -> None:
    """A clause that was renamed does not leave an exception behind."""
    with pytest.raises(ValueError, match=r"exceptions that name no clause: another, nothing$"):
        assert_conforms(MemoryRepository, exceptions={"nothing": "", "another": "", **WIDE})
    for base in (RepositoryContract, AsyncRepositoryContract):
        with pytest.raises(ValueError, match="exceptions that name no clause: nothing"):
            type("Mine", (base,), {"exceptions": {"nothing": ""}})


def judged(base: Any, repository: Any, name: str, exceptions: dict[str, str]) -> None:
    """Run one test of a contract as pytest would."""
    contract = type("Mine", (base,), {"exceptions": exceptions, "has_sites": True})()
    test = getattr(contract, f"test_{name}")
    sites = [repository, repository] if BY_NAME[name].needs else [repository]
    if base is RepositoryContract:
        test(*sites)
    else:
        with asyncio.Runner() as runner:
            test(runner, *[AsyncMemoryRepository(each) for each in sites])


@pytest.mark.parametrize("base", [RepositoryContract, AsyncRepositoryContract])
def test_a_test_of_a_contract_is_strict(base: Any) -> None:
    """Broken and not excepted fails, broken and excepted passes, kept and excepted fails."""
    excepted = {"sites_do_not_see_each_other": "one site", **WIDE}
    wide, *_ = WIDE
    for name, broken in (
        ("sites_do_not_see_each_other", MemoryRepository),
        (wide, RevisionsOf32Bits),
    ):
        with pytest.raises(BrokenPromise, match=name):
            judged(base, broken(), name, {})
        judged(base, broken(), name, excepted)
    with pytest.raises(
        AssertionError, match=r"written is kept: remove its exception \(revisions have 32 bits\)$"
    ):
        judged(base, MemoryRepository(), wide, excepted)


@pytest.mark.parametrize("base", [RepositoryContract, AsyncRepositoryContract])
def test_a_contract_has_a_test_for_each_clause(base: type[RepositoryContract]) -> None:
    """Named after the clause, with its promise as docstring.

    Those of sites only where there are sites.
    """

    def tests_of(contract: type) -> dict[str, str | None]:
        return {
            name: getattr(contract, name).__doc__
            for name in dir(contract)
            if name.startswith("test_")
        }

    promise = "Random calls are answered as ``MemoryRepository`` answers them."
    comparison = {"test_behaves_like_memory": promise}
    promised = [each for each in CLAUSES if base.is_awaited or not each.awaited]
    everything = {f"test_{clause.name}": clause.promise for clause in promised}
    here = {f"test_{clause.name}": clause.promise for clause in promised if not clause.needs}
    assert tests_of(type("Mine", (base,), {})) == here | comparison
    whole = {"has_sites": True, "has_broken": True}
    assert tests_of(type("Whole", (base,), whole)) == everything | comparison
    assert len(here) == len(everything) - 2
