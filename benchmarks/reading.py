"""The comparisons of the way in.

From an untrusted dict to a request, an outcome, and an answer over HTTP.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec

import consent_core as cc
from benchmarks.harness import Comparison
from benchmarks.inputs import email_request, phone_request
from benchmarks.rivals import Consent
from consent_core.links import SignedLinks
from consent_core.rest import TRUSTED, Request, handle
from consent_core.wire import read_upsert, to_wire


def comparisons(rounds: int, size: int) -> Iterator[Comparison]:
    """All of them.

    Args:
        rounds: batches of each.
        size: items of a batch.
    """

    def emails(prefix: str) -> list[list[dict[str, Any]]]:
        return [
            [email_request(f"{prefix}{batch}.{number}") for number in range(size)]
            for batch in range(rounds)
        ]

    phones = [
        [phone_request(batch * size + number) for number in range(size)] for batch in range(rounds)
    ]
    pydantic = "pydantic 2 with the same conditional rules"
    yield Comparison(
        "dict to request, e-mail", f"{pydantic} and EmailStr", 3, _read, _pydantic, emails("read")
    )
    yield Comparison(
        "dict to request, phone", f"{pydantic} and PhoneNumber", 2, _read, _pydantic, phones
    )
    alone = f"{pydantic} and EmailStr, validating alone"
    yield Comparison(
        "dict to outcome in memory, bulk", alone, 2, _bulk, _pydantic, emails("bulk"), accepted=1.05
    )
    yield Comparison(
        "dict to outcome in memory, one by one",
        alone,
        1.4,
        _one_by_one,
        _pydantic,
        emails("one"),
        accepted=0.9,
    )
    yield Comparison(
        "dict to outcome in memory, bulk, with links",
        "the same without links",
        None,
        _bulk_with_links,
        _bulk,
        emails("links"),
    )
    yield Comparison(
        "upsert over the wire",
        "the same request read, applied by the service and written",
        1 / 1.5,
        _handle,
        _service,
        emails("wire"),
    )
    texts = [[msgspec.json.encode(document) for document in batch] for batch in emails("text")]
    yield Comparison(
        "JSON to request, e-mail",
        "msgspec decoding the same JSON unchecked",
        None,
        _read_json,
        _json,
        texts,
    )
    yield Comparison(
        "dict to outcome in memory, bulk",
        "a bare dict store",
        None,
        _bulk,
        _bare_dict,
        emails("bare"),
    )


def _each(work: Callable[[Any], object]) -> Callable[[Sequence[Any]], None]:
    def do(batch: Sequence[Any]) -> None:
        for item in batch:
            work(item)

    return do


_read = _each(read_upsert)
_pydantic = _each(Consent.model_validate)
_json = _each(msgspec.json.decode)
_read_json = _each(lambda text: read_upsert(msgspec.json.decode(text)))


def _bulk(batch: Sequence[Any], links: cc.LinkIssuer | None = None) -> None:
    for _ in cc.ConsentService(links=links).bulk_upsert(map(read_upsert, batch)):
        pass


_bulk_with_links = partial(_bulk, links=SignedLinks("https://example.org/consent", ["k" * 32]))


def _one_by_one(batch: Sequence[Any]) -> None:
    consents = cc.ConsentService()
    for document in batch:
        consents.upsert(read_upsert(document))


def _handle(batch: Sequence[Any]) -> None:
    consents = cc.ConsentService()
    for document in batch:
        body = {"marketingConsent": document}
        handle(consents, Request("POST", "/v1/marketing-consent/upsert", body=body, scopes=TRUSTED))


def _service(batch: Sequence[Any]) -> None:
    consents = cc.ConsentService()
    for document in batch:
        to_wire(consents.upsert(read_upsert(document)))


def _bare_dict(batch: Sequence[Any]) -> None:
    records: dict[str, dict[str, Any]] = {}
    for document in batch:
        records[document["details"]["email"]] = {"id": uuid4(), **document}
