"""Consents in DynamoDB: a table of records and tombstones, and one of events."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

import consent_core as cc
from consent_core import porting as port
from consent_core import wire

AT_ONCE = 100  # keys of one BatchGetItem, and items of one TransactWriteItems
ATTEMPTS = 10

# Why a transaction is cancelled that may succeed the next time.
PASSING = {"None", "ConditionalCheckFailed", "TransactionConflict"}

Read = Callable[[Iterable[str]], Iterable[Any]]


class DynamoDBPlans:
    """What ``PlannedRepository`` asks boto3; threads may share its client."""

    errors = port.DriverErrors(BotoCoreError, ClientError)

    # 25 people with a record, an event and tombstones of two secrets: 100 items.
    max_changes = 50

    def __init__(
        self, client: Any, site: str = "", prefix: str = "consent_"
    ) -> None:
        self._client, self.site = client, site
        self._records, self._events = f"{prefix}records", f"{prefix}events"

    def ask(self, step: tuple[str, Any], /) -> Any:
        operation, arguments = step
        return getattr(self._client, operation)(**arguments)

    def find(self, keys: Collection[Any], /) -> port.Steps[Any]:
        names = [self._name(port.name_of(key)) for key in keys]
        rest, texts = [{"pk": {"S": name}} for name in set(names)], {}
        while rest:
            asked = {"Keys": rest[:AT_ONCE], "ConsistentRead": True}
            answer = yield (
                "batch_get_item",
                {"RequestItems": {self._records: asked}},
            )
            for item in answer["Responses"].get(self._records, []):
                texts[item["pk"]["S"]] = item["document"]["S"]
            # What is beyond 16 MB, or throttled, has to be asked again.
            left = answer["UnprocessedKeys"].get(self._records, {"Keys": []})
            rest = rest[AT_ONCE:] + left["Keys"]
        return wire.load_found(keys, map(texts.get, names))

    def get(self, ids: Collection[UUID], /) -> port.Steps[Any]:
        found = {}
        for each in set(ids):
            # The last event has the record as it is stored, or says it is erased.
            newest = self._of(each) | {"ScanIndexForward": False, "Limit": 1}
            for event in events_in(texts_in((yield "query", newest))):
                if not isinstance(event, cc.ConsentDeleted):
                    found[each] = event.consent
        return found

    def history(self, consent_id: UUID, /) -> port.Steps[Any]:
        events = yield from self._all("query", self._of(consent_id), events_in)
        if not events or not isinstance(events[-1], cc.ConsentDeleted):
            return events
        # Whoever erased the record was stopped before these were deleted.
        for event in events[:-1]:
            yield "delete_item", self._at(consent_id, event)
        return events[-1:]

    def query(self, query: cc.Query, /) -> port.Steps[Any]:
        named = port.identifiers_of(query)
        if named is not None:
            return port.page_of(query, (yield from self.find(named)).values())
        scan = {
            "TableName": self._records,
            "ConsistentRead": True,
            "ProjectionExpression": "document",
            "FilterExpression": "begins_with(pk, :records)",
            "ExpressionAttributeValues": {":records": {"S": self._name("record:")}},
        }

        def read(texts: Iterable[str]) -> Iterable[cc.MarketingConsent]:
            return filter(query.matches, map(wire.load_record, texts))

        return port.page_of(query, (yield from self._all("scan", scan, read)))

    def commit(self, changes: Sequence[cc.Change], /) -> port.Steps[None]:
        writes = [write for change in changes for write in self._written(change)]
        old: list[Any] = []
        for change in changes:
            if change.events and change.consent is None:
                asked, last = self._of(change.consent_id), change.events[-1]
                stored = yield from self._all("query", asked, events_in)
                earlier = (each for each in stored if each.sequence < last.sequence)
                old += [self._at(change.consent_id, each) for each in earlier]
        room = AT_ONCE - len(writes)
        writes += [{"Delete": each} for each in old[:room]]
        if writes:
            yield from self._transact(changes, writes)
        for each in old[room:]:
            yield "delete_item", each

    def _transact(
        self, changes: Sequence[cc.Change], writes: Any
    ) -> port.Steps[None]:
        for left in reversed(range(ATTEMPTS)):
            # boto3 gives it a ClientRequestToken, which its own retries repeat.
            try:
                yield "transact_write_items", {"TransactItems": writes}
            except ClientError as error:
                reasons = error.response.get("CancellationReasons")
                if reasons is None:
                    raise
                # A TransactionConflict does not tell who wins: ask what is stored.
                found = yield from self.find(port.keys_of(changes))
                if conflict := port.conflict_among(changes, found):
                    raise conflict from None
                codes = {str(each.get("Code")) for each in reasons}
                if not left or codes - PASSING:
                    raise
            else:
                return

    def _written(self, change: cc.Change) -> Iterator[Any]:
        for digest, *both in change.tombstones:
            before, after = (each and wire.dump_tombstone(each) for each in both)
            yield self._replaced(digest, before, after, after)
        if change.events:
            records = change.expects, change.leaves
            before, after = (each and f"{each[0]} {each[1]}" for each in records)
            text = change.consent and wire.dump_record(change.consent)
            yield self._replaced(change.identifier, before, after, text)
        for event in change.remaining:
            document = {"document": {"S": wire.dump_event(event)}}
            item = self._at(change.consent_id, event)["Key"] | document
            yield {"Put": {"TableName": self._events, "Item": item}}

    def _replaced(self, key: Any, before: Any, after: Any, text: Any) -> Any:
        """How a record or a tombstone is written if this version is stored."""
        pk = {"pk": {"S": self._name(port.name_of(key))}}
        write: Any = {"TableName": self._records}
        write["ConditionExpression"] = "attribute_not_exists(pk)"
        if before is not None:
            write["ConditionExpression"] = "version = :version"
            write["ExpressionAttributeValues"] = {":version": {"S": before}}
        if after is None:
            return {"Delete": write | {"Key": pk}}
        item = pk | {"version": {"S": after}, "document": {"S": text}}
        return {"Put": write | {"Item": item}}

    def _all(self, operation: str, asked: Any, read: Read) -> port.Steps[list[Any]]:
        """What is read from all items, of which one answer has 1 MB at most."""
        found: list[Any] = []
        while asked:
            answer = yield operation, asked
            found += read(texts_in(answer))
            last = answer.get("LastEvaluatedKey")
            asked = last and asked | {"ExclusiveStartKey": last}
        return found

    def _of(self, consent_id: UUID) -> dict[str, Any]:
        """How the events of a consent are queried."""
        return {
            "TableName": self._events,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": self._name(consent_id)}},
        }

    def _at(self, consent_id: UUID, event: cc.ConsentEvent) -> dict[str, Any]:
        """Where an event is stored."""
        key = {"pk": {"S": self._name(consent_id)}}
        key["sequence"] = {"N": str(event.sequence)}
        return {"TableName": self._events, "Key": key}

    def _name(self, name: object) -> str:
        return f"{quote(self.site, safe='')}:{name}"


def texts_in(answer: Any) -> Iterator[str]:
    return (item["document"]["S"] for item in answer["Items"])


def events_in(texts: Iterable[str]) -> Iterator[cc.ConsentEvent]:
    return map(wire.load_event, texts)
