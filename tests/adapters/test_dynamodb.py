"""The adapter of the documents for DynamoDB, in an emulator; and what the emulator cannot do."""

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

import consent_core as cc
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.porting import PlannedRepository
from consent_core.testing.arrange import consent, creation, email, erasure_of, revision_of
from tests.adapters.test_redis import code_lines
from tests.docs.reference.clauses import EXAMPLES

import dynamodb_store  # isort: skip  # of the examples
from dynamodb_store import DynamoDBPlans  # isort: skip  # as above
from dynamodb_tables import create_tables  # isort: skip  # as above
from test_dynamodb_store import TestDynamoDB, client  # isort: skip  # as above

__all__ = ["TestDynamoDB", "client"]

ADA: Final = consent(email("ada"))
BOB: Final = consent(email("bob"))
CONFLICT: Final = "TransactionConflict"


def test_the_adapter_is_short() -> None:
    """A page shows it, and a reader reads it once."""
    assert code_lines((EXAMPLES / "dynamodb_store.py").read_text("utf-8")) <= 150


class Disturbed(DynamoDBPlans):
    """Something happens before a call, as no emulator does it."""

    def __init__(self, client: Any, prefix: str) -> None:
        super().__init__(client, prefix=prefix)
        self.prefix = prefix
        self.repository = PlannedRepository(self)
        self.happens: list[Any] = []
        self.asked: list[str] = []

    def ask(self, step: Any, /) -> Any:
        """The next of what happens comes before the next write, and may raise."""
        self.asked.append(step[0])
        if self.happens and step[0] in ("transact_write_items", "delete_item"):
            self.happens.pop(0)()
        return super().ask(step)

    def cancelled(self, *codes: str) -> Any:
        """A transaction is cancelled for these reasons."""

        def cancel() -> None:
            said = {"Code": "TransactionCanceledException", "Message": "ada@example.com"}
            reasons = [{"Code": code, "Message": "ada@example.com"} for code in codes]
            answer: Any = {"Error": said, "CancellationReasons": reasons}
            raise ClientError(answer, "TransactWriteItems")

        return cancel


@pytest.fixture
def store(client: Any) -> Disturbed:
    """The adapter on new tables."""
    prefix = f"{uuid4().hex}_"
    create_tables(client, prefix)
    return Disturbed(client, prefix)


def rows(store: Disturbed, table: str) -> list[Any]:
    """Everything that is in a table."""
    found: list[Any] = store.ask(("scan", {"TableName": store.prefix + table}))["Items"]
    return found


def test_a_transaction_that_met_another_is_tried_again(store: Disturbed) -> None:
    """Nobody lost where the other one was cancelled, too, or what it wrote is gone again."""
    gone = store.cancelled("ConditionalCheckFailed", "None")
    store.happens = [store.cancelled("None", CONFLICT), gone]
    store.repository.commit([creation(ADA), creation(BOB)])
    assert set(store.repository.find([ADA.details, BOB.details])) == {ADA.details, BOB.details}


def test_who_lost_to_the_other_is_named(store: Disturbed) -> None:
    """The reasons of a conflict of transactions do not say who won: what is stored does."""

    def overtake() -> None:
        store.repository.commit([creation(BOB)])
        store.cancelled(CONFLICT, CONFLICT)()

    store.happens = [overtake]
    with pytest.raises(cc.Conflict) as caught:
        store.repository.commit([creation(ADA), creation(BOB)])
    assert [each.identifier for each in caught.value.changes] == [BOB.details]
    assert ADA.details not in store.repository.find([ADA.details])


@pytest.mark.parametrize(
    ("codes", "tried"),
    [(["None", "ThrottlingError"], 1), ([CONFLICT, "ValidationError"], 1), ([CONFLICT], 10)],
)
def test_what_does_not_pass_is_unavailable(store: Disturbed, codes: list[str], tried: int) -> None:
    """Throttled, refused, or in the way of others every time; the message has no values."""
    store.happens = [store.cancelled(*codes)] * 20
    with pytest.raises(cc.Unavailable) as caught:
        store.repository.commit([creation(ADA)])
    assert "ada" not in f"{caught.value!r} {caught.value}".lower()
    assert store.asked.count("transact_write_items") == tried


def test_a_network_that_is_gone_is_unavailable(store: Disturbed) -> None:
    """So is an error of botocore that is no answer of the server."""

    def unplug() -> None:
        raise EndpointConnectionError(endpoint_url="https://ada@example.com")

    store.happens = [unplug]
    with pytest.raises(cc.Unavailable, match="EndpointConnectionError"):
        store.repository.commit([creation(ADA)])


@pytest.mark.usefixtures("client")
def test_a_repeated_request_has_the_same_token() -> None:
    """Where the answer was lost, boto3 sends again what DynamoDB recognises."""
    sent: list[str] = []

    def lose(request: Any, **_: Any) -> AWSResponse:
        sent.append(json.loads(request.body)["ClientRequestToken"])
        return AWSResponse(request.url, 500 if len(sent) < 3 else 200, {}, Raw())

    class Raw:
        def stream(self) -> Iterator[bytes]:
            yield b"{}"

    often = Config(retries={"mode": "legacy", "max_attempts": 3})
    mine = boto3.client("dynamodb", "eu-central-1", config=often)
    mine.meta.events.register_first("before-send.dynamodb.TransactWriteItems", lose)
    repository = PlannedRepository(DynamoDBPlans(mine))
    repository.commit([creation(ADA)])
    assert len(sent) == 3
    assert len(set(sent)) == 1
    repository.commit([creation(ADA)])
    assert len(set(sent)) == 2


def with_events(store: Disturbed, *steps: int) -> cc.Change:
    """The erasure of a record that is stored with so many events in each commit."""
    last = ADA
    store.repository.commit([creation(last)])
    for each in steps:
        change = revision_of(last, steps=each)
        store.repository.commit([change])
        assert change.consent is not None
        last = change.consent
    return erasure_of(last)


def test_what_has_no_room_is_erased_after_the_transaction(
    store: Disturbed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but one event remains, of a long and of a short history."""
    monkeypatch.setattr(dynamodb_store, "AT_ONCE", 4)
    gone = with_events(store, 2, 2)
    store.repository.commit([gone])
    assert store.asked.count("delete_item") == 3
    assert [row["sequence"]["N"] for row in rows(store, "events")] == ["6"]
    assert rows(store, "records") == []
    assert store.repository.history(ADA.id) == [*gone.events]


def test_an_erasure_that_died_half_way_is_finished(store: Disturbed) -> None:
    """Nobody sees what is left of it, and whoever asks for the history erases it."""

    def die() -> None:
        raise KeyboardInterrupt

    gone = with_events(store, 50, 53)
    store.happens = [lambda: None, lambda: None, die]
    with pytest.raises(KeyboardInterrupt):
        store.repository.commit([gone])
    assert len(rows(store, "events")) == 6
    assert store.repository.get([ADA.id]) == {}
    assert store.repository.history(ADA.id) == [*gone.events]
    assert len(rows(store, "events")) == 1


def test_an_erasure_is_refused_twice(store: Disturbed) -> None:
    """The second does not try to erase the event that the first has left."""
    store.repository.commit([creation(ADA)])
    gone = erasure_of(ADA)
    store.repository.commit([gone])
    with pytest.raises(cc.Conflict):
        store.repository.commit([gone])
    assert store.repository.history(ADA.id) == [*gone.events]


def test_answers_beyond_one_megabyte_are_read_on(store: Disturbed) -> None:
    """Of histories and of pages."""
    large = ExtendedFields({f"app{n}": {"text": "x" * 60_000} for n in range(3)})
    people = [consent(email(f"p{n}"), extended_fields=large) for n in range(8)]
    for each in people:
        store.repository.commit([creation(each)])
    changed = revision_of(people[0], steps=7)
    store.repository.commit([changed])
    assert len(store.repository.history(people[0].id)) == 8
    before = store.asked.count("scan")
    assert len(store.repository.query(cc.Query()).consents) == 8
    assert store.asked.count("scan") - before == 2


def test_what_a_server_leaves_is_asked_again(client: Any, store: Disturbed) -> None:
    """A look-up of many is answered in parts where it is throttled."""

    class Slow(DynamoDBPlans):
        def ask(self, step: Any, /) -> Any:
            answer = super().ask(step)
            for table, found in answer["Responses"].items():
                later = [{"pk": each["pk"]} for each in found[1:]]
                answer["Responses"][table] = found[:1]
                answer["UnprocessedKeys"] = {table: {"Keys": later}} if later else {}
            return answer

    people = [consent(email(f"p{n}")) for n in range(5)]
    store.repository.commit([creation(each) for each in people])
    slow = PlannedRepository(Slow(client, prefix=store.prefix))
    assert len(slow.find([each.details for each in people])) == 5
