"""The nine operations: each reads a request, runs a use case and writes the response."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from attrs import evolve

from consent_core.application import plans
from consent_core.application.bulk import BulkAnswer, BulkItem
from consent_core.application.outcomes import Rejected
from consent_core.application.plans import Plan
from consent_core.application.use_cases import UseCases
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import invalid
from consent_core.domain.errors import ConsentError, InvalidConsent, PermissionDenied
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.language import check_language
from consent_core.domain.outcome import Outcome
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TopicQuestion
from consent_core.domain.vocabulary import ConsentState, ViolationCode
from consent_core.rest.bounds import MOST_ITEMS
from consent_core.rest.cursors import cursor_of
from consent_core.rest.filling import add_extended_fields, without_extended_fields
from consent_core.rest.queries import read_query
from consent_core.rest.updates import read_update
from consent_core.wire.details import DETAILS, FIELDS
from consent_core.wire.errors import error_body
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import GUID, JSON
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import Problems, is_object
from consent_core.wire.records import Payload, read_request, unwrapped
from consent_core.wire.shapes import REMOVAL
from consent_core.wire.writing import to_wire

T = TypeVar("T")

Body = dict[str, Any]

_BULK: Final = ObjectKind(plain_fields(info=JSON))


class Call(NamedTuple):
    """One call of an operation.

    Args:
        use_cases: of the deployment.
        query: the parameters of the query.
        body: the parsed JSON.
        id: the id as the path has it; empty where the path has none.
        namespaces: the namespaces of extended fields that the caller sees and writes; None for all.
    """

    use_cases: UseCases
    query: Mapping[str, str]
    body: Any
    id: str
    namespaces: frozenset[str] | None

    @property
    def consent_id(self) -> UUID:
        """The id in the path."""
        problems = Problems(None, "")
        consent_id: UUID = GUID.read(self.id, "id", problems)
        problems.raise_if_any()
        return consent_id

    @property
    def language(self) -> str | None:
        """The language tag for links, if one was given."""
        return check_language(self.query.get("linkLanguage"))

    def written(self, consent: MarketingConsent) -> Body:
        """A record, with the extended fields that the caller may see."""
        if self.namespaces is not None and consent.extended_fields:
            visible = consent.extended_fields.only(self.namespaces)
            consent = evolve(consent, extended_fields=visible)
        return to_wire(consent)

    def require_permission(self, fields: ExtendedFields) -> None:
        """Refuse extended fields in namespaces that the caller may not access."""
        if self.namespaces is not None and not self.namespaces >= fields.namespaces.keys():
            raise PermissionDenied("to access these namespaces of extendedFields")


def upsert(call: Call) -> Plan[Body]:
    """Apply a request to the identifier's record, or create one."""
    language, payload = call.language, unwrapped(call.body)
    plan = call.use_cases.upsert(_request(call, payload), language)
    return _with_link(call, (yield from _with_sent_paths(payload, plan)))


def bulk_upsert(call: Call) -> Plan[Body]:
    """Apply many requests; a bad one is its own error.

    The answer may be far larger than the request, for every item is answered with the whole record.
    So where extended fields would make it larger than ``MOST_BYTES``, they are left out from there
    on.
    """
    payloads = [unwrapped(item, f"info[{index}]") for index, item in enumerate(_items(call.body))]
    items = [_bulk_item(call, payload) for payload in payloads]
    answers = yield from call.use_cases.upsert_all(items)
    results = [
        {"originalIndex": index} | _bulk_result(call, *each)
        for index, each in enumerate(zip(payloads, items, answers, strict=True))
    ]
    failures = sum("error" in result for result in results)
    body = {
        "results": results,
        "metadata": {"totalSuccess": len(results) - failures, "totalFailure": failures},
    }
    add_extended_fields(body, answers, call.namespaces)
    return body


def create(call: Call) -> Plan[Body]:
    """Store a CONFIRMED consent for an identifier that has none."""
    language, payload = call.language, unwrapped(call.body)
    request = _request(call, payload, state=ConsentState.CONFIRMED)
    plan = call.use_cases.create(request, language)
    return _with_link(call, (yield from _with_sent_paths(payload, plan)))


def update(call: Call) -> Plan[Body]:
    """Change the consent with this id."""
    consent_id, language = call.consent_id, call.language
    request, payload = read_update(consent_id, call.body, policy=call.use_cases.policy)
    call.require_permission(request.extended_fields)
    plan = call.use_cases.update(request, language)
    return _with_link(call, (yield from _with_sent_paths(payload, plan)))


def remove(call: Call) -> Plan[Body]:
    """Revoke the consent of an identifier; its activity may be left out."""
    problems = Problems(call.body, "")
    values = REMOVAL.read_fields(call.body, "", problems)
    problems.raise_if_any()
    revocation = values.get("last_revoke_activity") or RevokeActivity()
    plan = call.use_cases.remove(values["details"], revocation)
    outcome = yield from _with_sent_paths(Payload(call.body, "", ()), plan)
    return _with_link(call, outcome._replace(link=None))


def _with_sent_paths(payload: Payload, plan: Plan[T]) -> Plan[T]:
    """Run a plan; the paths in its errors become those of the caller."""
    try:
        return (yield from plan)
    except InvalidConsent as error:
        raise payload.with_sent_paths(error) from None


def delete(call: Call) -> Plan[Body]:
    """Erase the consent with this id."""
    yield from call.use_cases.delete(call.consent_id)
    return {}


def get(call: Call) -> Plan[Body]:
    """The consent with this id."""
    consent = yield from plans.one(call.consent_id)
    return {"marketingConsent": call.written(consent)}


def get_by(call: Call) -> Plan[Body]:
    """The consent of an identifier, if there is one, and whether the person may be contacted."""
    identifier = _identifier(call.query)
    # Without a topic, the documented route grants only to those who left none (section 8).
    topic = call.query.get("topic", TopicQuestion.NO_TOPIC_LEFT)
    found = yield from call.use_cases.get_by_identifier(identifier, call.language, topic)
    body = {} if found.consent is None else {"marketingConsent": call.written(found.consent)}
    return body | {"communicationEligibility": to_wire(found.eligibility)}


def query(call: Call) -> Plan[Body]:
    """One page of the consents that match."""
    wanted = read_query(call.body)
    page = yield from plans.page(wanted)
    forward, backward = page.next_of(wanted), page.back_of(wanted)
    following, before = (backward, forward) if wanted.backward else (forward, backward)
    return {
        "marketingConsent": [call.written(consent) for consent in page.consents],
        "pagingMetadata": {
            "count": len(page.consents),
            "cursors": {
                "next": following and cursor_of(following),
                "prev": before and cursor_of(before),
            },
            "hasNext": following is not None,
        },
    }


def _request(call: Call, payload: Payload, state: ConsentState | None = None) -> Upsert:
    policy, now = call.use_cases.policy, call.use_cases.clock()
    request = read_request(payload, policy=policy, now=now, state=state)
    call.require_permission(request.extended_fields)
    return request


def _items(body: Any) -> Sequence[Any]:
    info = body.get("info") if is_object(body) else None
    if not isinstance(info, list):
        raise invalid("info", ViolationCode.WRONG_TYPE, "is required: an array of consents")
    problems = Problems(body, "")
    _BULK.read(body, "", problems)
    if len(info) > MOST_ITEMS:
        problems.add("info", ViolationCode.TOO_LARGE, f"may have at most {MOST_ITEMS:,} items")
    problems.raise_if_any()
    return info


def _bulk_item(call: Call, payload: Payload) -> BulkItem:
    try:
        return _request(call, payload)
    except ConsentError as error:
        return error


def _bulk_result(call: Call, payload: Payload, item: BulkItem, answer: BulkAnswer) -> Body:
    if not isinstance(answer, Rejected):
        bare = answer.record and without_extended_fields(answer.record)
        return _with_link(call, answer._replace(record=bare))
    error = answer.error
    if isinstance(item, Upsert) and isinstance(error, InvalidConsent):
        error = payload.with_sent_paths(error)
    return {"error": error_body(error)}


def _with_link(call: Call, outcome: Outcome) -> Body:
    # An erased person who stays erased has no record (contract, section 10).
    body = {} if outcome.record is None else {"marketingConsent": call.written(outcome.record)}
    return body if outcome.link is None else body | {"link": to_wire(outcome.link)}


def _identifier(parameters: Mapping[str, str]) -> Identifier:
    """The identifier in the parameters of a query, which may have others."""
    given = {name: parameters[name] for name in FIELDS.fields if name in parameters}
    if given.get("phone", "").startswith(" "):
        # A plus sign in a query means a space, and is often left unescaped.
        given["phone"] = "+" + given["phone"][1:]
    problems = Problems(given, "")
    identifier: Identifier = DETAILS.read(given, "", problems)
    problems.raise_if_any()
    return identifier
