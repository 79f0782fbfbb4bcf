"""Drives the service with random sequences and holds every answer against the naive model."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from consent_core import (
    ConsentError,
    ConsentService,
    ConsentState,
    MemoryRepository,
    Outcome,
    Rejected,
    Result,
    replay,
)
from tests.application.naive_model import NaiveModel, Plain, RefusedError
from tests.application.requests import (
    PEOPLE,
    START,
    as_request,
    confirmation_of,
    fields_of,
    plain_of,
    requests,
    revocation_of,
    updates,
    upsert_of,
    who,
)
from tests.application.support import NOBODY, Clock, Ids, UrlLinks

CHUNK = 3
"""Requests of a bulk that are stored together."""


class ServiceAgainstModel(RuleBasedStateMachine):
    """Every operation, on few identifiers, with evidence of random dates and a clock that may step
    back.
    """

    @initialize()
    def begin(self) -> None:
        """Nothing is stored yet."""
        self.clock = Clock(START)
        self.store = MemoryRepository()
        self.service = ConsentService(
            self.store, clock=self.clock, new_id=Ids(), links=UrlLinks(), chunk_size=CHUNK
        )
        self.model = NaiveModel()
        self.erased: dict[Any, int] = {}

    @rule(minutes=st.integers(-7, 12))
    def pass_time(self, minutes: int) -> None:
        """Usually forward; a machine whose clock is corrected steps back."""
        self.clock.minute = max(0, self.clock.minute + minutes)

    @rule(request=requests())
    def upsert(self, request: Plain) -> None:
        """One request."""
        self._both(request, lambda: self.service.upsert(upsert_of(request)), self.model.upsert)

    @rule(chunk=st.lists(requests(), max_size=7))
    def bulk_upsert(self, chunk: list[Plain]) -> None:
        """Several requests, of which some are for the same identifier."""
        answers = self.service.bulk_upsert([upsert_of(request) for request in chunk])
        of_fields: set[str] = set()
        for number, (request, answer) in enumerate(zip(chunk, list(answers), strict=True)):
            if number % CHUNK == 0:
                of_fields.clear()
            try:
                expected = self.model.upsert(request, self._now(), of_fields)
            except RefusedError as refused:
                expected = "REJECTED", str(refused)
            assert _told(answer) == expected

    @rule(request=requests(st.just("CONFIRMED")))
    def create(self, request: Plain) -> None:
        """Only where there is none."""
        confirmation = confirmation_of(request["yes"])
        assert confirmation is not None

        def call() -> Outcome:
            return self.service.create(
                PEOPLE[request["who"]],
                confirmation,
                last_revoke_activity=revocation_of(request["no"]),
                extended_fields=fields_of(request),
            )

        self._both(request, call, self.model.create)

    @rule(request=requests(st.just("REVOKED")))
    def remove(self, request: Plain) -> None:
        """Only where there is one."""
        request = {**request, "yes": None, "fields": {}}
        revocation = revocation_of(request["no"])
        assert revocation is not None
        self._both(
            request,
            lambda: self.service.remove(PEOPLE[request["who"]], revocation),
            self.model.remove,
        )

    @rule(request=updates(), expected=st.none() | st.integers(1, 3))
    def update(self, request: Plain, expected: int | None) -> None:
        """By id, in parts, sometimes insisting on a revision."""
        found = self.service.get_by_identifier(PEOPLE[request["who"]]).consent
        given: Any = {
            "state": request["state"] and ConsentState(request["state"]),
            "last_confirmation_activity": confirmation_of(request["yes"]),
            "last_revoke_activity": revocation_of(request["no"]),
            "extended_fields": fields_of(request),
            "revision": expected,
        }
        self._both(
            request,
            lambda: self.service.update(found.id if found else NOBODY, **given),
            lambda plain, now: self.model.update(plain, expected, now),
        )

    @rule(name=who)
    def delete(self, name: str) -> None:
        """By id, with the history."""
        found = self.service.get_by_identifier(PEOPLE[name]).consent
        if found is not None:
            event = self.service.delete(found.id)
            assert event.sequence == self.model.delete(name)
            self.erased[found.id] = event.sequence

    @rule(name=who)
    def send_back_what_was_read(self, name: str) -> None:
        """A record that was read and is upserted as it was read is unchanged, whatever the clock
        says.
        """
        found = self.service.get_by_identifier(PEOPLE[name]).consent
        if found is not None:
            outcome = self.service.upsert(as_request(found))
            assert (outcome.result, outcome.kept, outcome.events) == (Result.UNCHANGED, None, ())

    @invariant()
    def records_are_those_of_the_model(self) -> None:
        """State, slots, fields, revision and the length of the history.

        And the history replayed is the record.
        """
        found = {name: self.store.find([identifier]) for name, identifier in PEOPLE.items()}
        assert {name for name, records in found.items() if records} == set(self.model.records)
        assert len(self.store) == len(self.model.records)
        for name, expected in self.model.records.items():
            [consent] = found[name].values()
            history = self.service.history(consent.id)
            assert {**plain_of(consent), "events": len(history)} == expected
            assert [event.sequence for event in history] == list(range(1, consent.revision + 1))
            moments = [event.occurred_at for event in history]
            assert moments == sorted(moments)
            assert replay(history) == consent == self.service.get(consent.id)

    @invariant()
    def of_the_erased_only_the_event_remains(self) -> None:
        """No erased record comes back, and none leaves more than one event."""
        for consent_id, sequence in self.erased.items():
            assert [event.sequence for event in self.service.history(consent_id)] == [sequence]
            assert not self.store.get([consent_id])

    def _now(self) -> int:
        return int(self.clock.minute)

    def _both(
        self,
        request: Plain,
        call: Callable[[], Outcome],
        model: Callable[[Plain, int], tuple[str, str | None]],
    ) -> None:
        answer: Outcome | Rejected
        try:
            expected = model(request, self._now())
        except RefusedError as refused:
            expected = "REJECTED", str(refused)
        try:
            answer = call()
        except ConsentError as error:
            answer = Rejected(error)
        assert _told(answer) == expected


def _told(answer: Outcome | Rejected) -> tuple[str, str | None]:
    if isinstance(answer, Rejected):
        return "REJECTED", type(answer.error).__name__
    assert bool(answer.events) is (answer.result is not Result.UNCHANGED)
    return answer.result.value, answer.kept and answer.kept.value


TestServiceAgainstModel = ServiceAgainstModel.TestCase
