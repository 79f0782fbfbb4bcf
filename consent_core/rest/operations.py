"""The nine operations: what each reads, does and answers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from attrs import evolve

from consent_core.application import plans
from consent_core.application.outcomes import Rejected
from consent_core.application.plans import Plan
from consent_core.application.use_cases import BulkAnswer, BulkItem, UseCases
from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import invalid
from consent_core.domain.commands import Upsert
from consent_core.domain.decision import Outcome
from consent_core.domain.errors import ConsentError, InvalidConsent, PermissionDenied
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Identifier
from consent_core.domain.language import checked_language
from consent_core.domain.model import MarketingConsent
from consent_core.domain.vocabulary import ConsentState, ViolationCode
from consent_core.rest.bounds import MOST_ITEMS
from consent_core.rest.cursors import cursor_of
from consent_core.rest.filling import bare, fill_in
from consent_core.rest.queries import read_query
from consent_core.rest.updates import read_update
from consent_core.wire.building import build_details, build_revocation
from consent_core.wire.errors import error_body
from consent_core.wire.reading import Problems
from consent_core.wire.records import Sent, read_request, sound, unwrapped
from consent_core.wire.shapes import BULK, DETAILS, GET_BY, GUID, REMOVAL
from consent_core.wire.spelling import Names
from consent_core.wire.writing import to_wire

T = TypeVar("T")

Body = dict[str, Any]


class Call(NamedTuple):
    """One call of an operation.

    Args:
        use_cases: of the deployment.
        query: the parameters of the query.
        body: the parsed JSON.
        id: what stands in the path for the id; empty where the path has none.
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
        return sound(GUID.read(self.id, "id", problems), UUID, problems)

    @property
    def language(self) -> str | None:
        """The language tag for links, if one was given."""
        return checked_language(self.query.get("linkLanguage"))

    def written(self, consent: MarketingConsent) -> Body:
        """A record, as far as the caller may see it."""
        return to_wire(visible(consent, self.namespaces), names=Names.REST)

    def permitted(self, fields: ExtendedFields) -> None:
        """Refuse extended fields that are not the caller's to write."""
        if self.namespaces is not None and not self.namespaces >= fields.namespaces.keys():
            raise PermissionDenied("to access these namespaces of extendedFields")


def visible(consent: MarketingConsent, namespaces: frozenset[str] | None) -> MarketingConsent:
    """A record with the extended fields of some namespaces only."""
    if namespaces is None or not consent.extended_fields:
        return consent
    return evolve(consent, extended_fields=consent.extended_fields.only(namespaces))


def upsert(call: Call) -> Plan[Body]:
    """Apply a request to the identifier's record, or create one."""
    language, sent = call.language, unwrapped(call.body)
    doing = call.use_cases.upsert(_request(call, sent), language)
    return _with_link(call, (yield from _told(sent, doing)))


def bulk_upsert(call: Call) -> Plan[Body]:
    """Apply many requests; a bad one is its own error.

    The answer may be far larger than the request, for every item is answered with the whole record.
    So where extended fields would make it larger than ``MOST_BYTES``, they are left out from there
    on.
    """
    sent = [unwrapped(item, f"info[{index}]") for index, item in enumerate(_items(call.body))]
    items = [_bulk_item(call, each) for each in sent]
    answers = yield from call.use_cases.upsert_all(items)
    results = [
        {"originalIndex": index} | _bulk_result(call, *each)
        for index, each in enumerate(zip(sent, items, answers, strict=True))
    ]
    failures = sum("error" in result for result in results)
    answer = {
        "results": results,
        "metadata": {"totalSuccess": len(results) - failures, "totalFailure": failures},
    }
    fill_in(answer, answers, call.namespaces)
    return answer


def create(call: Call) -> Plan[Body]:
    """Store a CONFIRMED consent for an identifier that has none."""
    language, sent = call.language, unwrapped(call.body)
    doing = call.use_cases.create(_request(call, sent, state=ConsentState.CONFIRMED), language)
    return _with_link(call, (yield from _told(sent, doing)))


def update(call: Call) -> Plan[Body]:
    """Change the consent with this id."""
    consent_id, language = call.consent_id, call.language
    command, sent = read_update(consent_id, call.body, policy=call.use_cases.policy)
    call.permitted(command.extended_fields)
    return _with_link(call, (yield from _told(sent, call.use_cases.update(command, language))))


def remove(call: Call) -> Plan[Body]:
    """Revoke the consent of an identifier; an opt-out is never refused for want of paperwork."""
    problems = Problems(call.body, "")
    values = REMOVAL.read(call.body, "", problems)
    problems.raise_if_any()
    details = build_details(values.get("details"), problems)
    revocation = build_revocation(values.get("lastRevokeActivity"), problems)
    problems.raise_if_any()
    doing = call.use_cases.remove(details, revocation or RevokeActivity())
    outcome = yield from _told(Sent(call.body, "", ()), doing)
    return {"marketingConsent": call.written(outcome.consent)}


def _told(sent: Sent, plan: Plan[T]) -> Plan[T]:
    """Do something with what was sent.

    What the rules find wrong with it is told with the paths of the caller.
    """
    try:
        return (yield from plan)
    except InvalidConsent as error:
        raise sent.told(error) from None


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
    found = yield from call.use_cases.get_by_identifier(_asked_for(call.query), call.language)
    answer = {} if found.consent is None else {"marketingConsent": call.written(found.consent)}
    return answer | {"communicationEligibility": to_wire(found.eligibility)}


def query(call: Call) -> Plan[Body]:
    """One page of the consents that match."""
    asked = read_query(call.body)
    page = yield from plans.page(asked)
    ahead, behind = page.next_of(asked), page.back_of(asked)
    following, before = (behind, ahead) if asked.backward else (ahead, behind)
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


def _request(call: Call, sent: Sent, state: ConsentState | None = None) -> Upsert:
    use_cases = call.use_cases
    command = read_request(sent, policy=use_cases.policy, now=use_cases.clock(), state=state)
    call.permitted(command.extended_fields)
    return command


def _items(body: Any) -> Sequence[Any]:
    info = body.get("info") if isinstance(body, Mapping) else None
    if not isinstance(info, list):
        raise invalid("info", ViolationCode.WRONG_TYPE, "is required: an array of consents")
    problems = Problems(body, "")
    BULK.read(body, "", problems)
    if len(info) > MOST_ITEMS:
        problems.add("info", ViolationCode.TOO_LARGE, f"may have at most {MOST_ITEMS:,} items")
    problems.raise_if_any()
    return info


def _bulk_item(call: Call, sent: Sent) -> BulkItem:
    try:
        return _request(call, sent)
    except ConsentError as error:
        return error


def _bulk_result(call: Call, sent: Sent, item: BulkItem, answer: BulkAnswer) -> Body:
    if not isinstance(answer, Rejected):
        return _with_link(call, answer._replace(consent=bare(answer.consent)))
    read = isinstance(item, Upsert)
    told = (
        sent.told(answer.error)
        if read and isinstance(answer.error, InvalidConsent)
        else answer.error
    )
    return {"error": error_body(told)}


def _with_link(call: Call, outcome: Outcome) -> Body:
    written = {"marketingConsent": call.written(outcome.consent)}
    return written if outcome.link is None else written | {"link": to_wire(outcome.link)}


def _asked_for(parameters: Mapping[str, str]) -> Identifier:
    given: dict[str, str] = {
        name: parameters[name] for name in DETAILS.fields if name in parameters
    }
    # A plus sign in a query means a space, and is often left unescaped.
    given = {
        name: f"+{text[1:]}" if name == "phone" and text[:1] == " " else text
        for name, text in given.items()
    }
    problems = Problems({"details": given}, "")
    identifier: Identifier = build_details(GET_BY.read(given, "", problems), problems)
    if problems.found:
        raise InvalidConsent(
            evolve(v, path=v.path.removeprefix("details.")) for v in problems.found
        )
    return identifier
