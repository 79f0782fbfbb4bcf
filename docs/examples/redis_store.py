"""Consents in Redis or Valkey, for sync and async; a site is in one slot."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from redis import RedisError

import consent_core as cc
from consent_core import porting as port
from consent_core import wire

# Write only if nothing has changed since it was read; a script is atomic.
COMMIT = """
for i, key in ipairs(KEYS) do
  if (redis.call('GET', key) or '') ~= ARGV[i] then return 0 end
end
for _, each in ipairs(cjson.decode(ARGV[#KEYS + 1])) do redis.call(unpack(each)) end
return 1"""

# Keys of an index end with the id of the record.
SCAN = """
local found, at = {}, ARGV[1]
for i, key in ipairs(redis.call(unpack(ARGV, 2))) do
  found[i] = redis.call('GET', at .. redis.call('GET', at .. 'id:' .. key:sub(-36)))
end
return found"""

UPWARD, DOWNWARD = ("ZRANGEBYLEX", "-", "+"), ("ZREVRANGEBYLEX", "+", "-")


class RedisPlans:
    """What ``PlannedRepository`` or ``AsyncPlannedRepository`` asks a client.

    Make the client, sync or async, with ``decode_responses=True``.
    """

    errors = port.DriverErrors(RedisError, OSError)

    def __init__(self, client: Any, site: str = "") -> None:
        self._client, self.site = client, site

    def ask(self, command: Sequence[Any], /) -> Any:
        return self._client.execute_command(*command)

    def find(self, keys: Collection[Any], /) -> port.Steps[Any]:
        texts = yield from self._read(map(port.name_of, keys))
        return wire.load_found(keys, texts)

    def get(self, ids: Collection[UUID], /) -> port.Steps[Any]:
        names = yield from self._read(f"id:{each}" for each in ids)
        texts = yield from self._read(filter(None, names))
        found = {c.id: c for c in map(wire.load_record, filter(None, texts))}
        return {each: found[each] for each in ids if each in found}

    def history(self, consent_id: UUID, /) -> port.Steps[Any]:
        texts = yield "LRANGE", self._key(f"events:{consent_id}"), 0, -1
        return [wire.load_event(text) for text in texts]

    def query(self, query: cc.Query, /) -> port.Steps[Any]:
        return port.plan_page(query, self._scan, self.find)

    def _scan(self, scan: port.Scan) -> port.Steps[Any]:
        command, first, last = DOWNWARD if scan.downward else UPWARD
        bounds = f"({scan.after}" if scan.after else first, last
        read = command, self._key(scan.sort), *bounds, "LIMIT", 0, scan.limit
        texts = yield "EVAL", SCAN, 0, self._key(""), *read
        return [wire.load_record(text) for text in texts]

    def commit(self, changes: Sequence[cc.Change], /) -> port.Steps[Any]:
        keys, done = port.keys_of(changes), not changes
        names = [*map(port.name_of, keys)]
        while not done:
            texts = yield from self._read(names)
            found = wire.load_found(keys, texts)
            if conflict := port.conflict_among(changes, found):
                raise conflict
            commands = [c for each in changes for c in self._written(each, found)]
            read = [*map(self._key, names), *(text or "" for text in texts)]
            done = yield "EVAL", COMMIT, len(keys), *read, json.dumps(commands)

    def _written(self, change: cc.Change, found: Any) -> Iterator[Sequence[Any]]:
        for digest, _, left in change.tombstones:
            name = port.name_of(digest)
            yield self._put(name, left and wire.dump_tombstone(left))
        if change.events:
            name, after = port.name_of(change.identifier), change.consent
            for sort, key in port.order_keys(found.get(change.identifier)).items():
                yield "ZREM", self._key(sort), key
            for sort, key in port.order_keys(after).items():
                yield "ZADD", self._key(sort), 0, key
            yield self._put(name, after and wire.dump_record(after))
            yield self._put(f"id:{change.consent_id}", after and name)
            history = self._key(f"events:{change.consent_id}")
            if after is None:
                yield "DEL", history
            yield "RPUSH", history, *map(wire.dump_event, change.remaining)

    def _put(self, name: str, text: str | None) -> Sequence[str]:
        return ("SET", self._key(name), text) if text else ("DEL", self._key(name))

    def _read(self, names: Iterable[str]) -> port.Steps[Any]:
        keys = [*map(self._key, names)]
        return (yield "MGET", *keys) if keys else []

    def _key(self, name: str) -> str:
        return f"consents:{{{self.site}}}:{name}"
