"""Saboteurs that give way in the middle of a call: to other writers, and to who cancels them."""

from collections.abc import Iterator, Sequence

from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.errors import Conflict
from consent_core.domain.records import MarketingConsent
from tests.testing.sabotage import GivesWay, Saboteur, Steps, caught_by


@caught_by(
    "one_record_for_an_identifier", "no_change_is_lost", "rivals_over_many_keys_keep_each_whole"
)
class ChecksThenInserts(GivesWay):
    """Looks first and stores then, and does not hold a lock in between."""

    def commit_steps(self, changes: Sequence[Change]) -> Steps[None]:
        """Checks, is slow, stores."""
        if conflicts := [change for change in changes if not self._holds(change)]:
            raise Conflict(conflicts)
        yield
        with self._lock:
            self._sorted.clear()
            for change in changes:
                self._store(change)


@caught_by("writers_of_different_people_never_conflict")
class OneVersionForAll(GivesWay):
    """Compares one version of the whole store, as where all records are behind one key."""

    def commit_steps(self, changes: Sequence[Change]) -> Steps[None]:
        """Gives way between the version that it read and its change."""
        before = self.__dict__.setdefault("_version", 0)
        yield
        with self._lock:
            if self.__dict__["_version"] != before:
                raise Conflict(changes)
            Saboteur.commit(self, changes)
            self.__dict__["_version"] += 1


class _FromIndex(GivesWay):
    """Reads the ids of a page from an index, and then the records."""

    def query_steps(self, query: Query) -> Steps[Page]:
        """Gives way in between."""
        page = Saboteur.query(self, query)
        yield
        with self._lock:
            records = [self._by_id.get(each.id) for each in page.consents]
        return page._replace(consents=tuple(self._whole(records)))

    def _whole(self, records: Sequence[MarketingConsent | None]) -> Iterator[MarketingConsent]:
        raise NotImplementedError


@caught_by("pages_are_whole_while_others_write")
class TrustsItsIndex(_FromIndex):
    """Does not think of records that were erased in between."""

    def _whole(self, records: Sequence[MarketingConsent | None]) -> Iterator[MarketingConsent]:
        for each in records:
            assert each is not None, "NoneType has no attribute id"
            yield each


@caught_by("pages_are_whole_while_others_write")
class OrdersByItsIndex(_FromIndex):
    """Gives records that have moved in between the place that they had."""

    def _whole(self, records: Sequence[MarketingConsent | None]) -> Iterator[MarketingConsent]:
        return (each for each in records if each is not None)


@caught_by("a_cancelled_call_leaves_nothing_behind")
class KeepsItsLock(GivesWay):
    """Releases its lock at the end of a commit, but not where the commit is cancelled."""

    def commit_steps(self, changes: Sequence[Change]) -> Steps[None]:
        """Locks, stores, unlocks."""
        while self.__dict__.get("_taken"):
            yield
        self.__dict__["_taken"] = True
        yield
        try:
            Saboteur.commit(self, changes)
        except Conflict:
            self.__dict__["_taken"] = False
            raise
        self.__dict__["_taken"] = False


@caught_by("a_cancelled_call_leaves_nothing_behind")
class StoresEventsLater(GivesWay):
    """Stores records, is cancelled, and never stores their events."""

    def commit_steps(self, changes: Sequence[Change]) -> Steps[None]:
        """Two transactions."""
        events = {change.consent_id: [*self.history(change.consent_id)] for change in changes}
        Saboteur.commit(self, changes)
        stored = {each: self._events.get(each, []) for each in events}
        self._events |= events
        yield
        self._events |= stored


@caught_by("a_cancelled_call_leaves_nothing_behind")
class LosesConnections(GivesWay):
    """Has two connections, and does not give one back where a reader is cancelled."""

    def query_steps(self, query: Query) -> Steps[Page]:
        """Takes a connection, is answered, gives it back."""
        self._take()
        yield
        self.__dict__["_used"] -= 1
        return Saboteur.query(self, query)

    def commit_steps(self, changes: Sequence[Change]) -> Steps[None]:
        """As a query, but gives it back."""
        self._take()
        self.__dict__["_used"] -= 1
        yield
        Saboteur.commit(self, changes)

    def _take(self) -> None:
        used = self.__dict__.setdefault("_used", 0)
        assert used < 2, "no connection is free"
        self.__dict__["_used"] = used + 1
