"""What the public may do through the routes: opt in, and opt out (contract, section 12)."""

from typing import Any

from consent_core.application.plans import Plan
from consent_core.application.use_cases import UseCases
from consent_core.domain.errors import InvalidConsent, PermissionDenied
from consent_core.domain.language import check_language
from consent_core.domain.outcome import Outcome
from consent_core.domain.vocabulary import ConsentState
from consent_core.rest.operations import remove, upsert
from consent_core.rest.routes import Operation
from consent_core.wire.claims import Provided
from consent_core.wire.records import Payload, read_request, unwrapped
from consent_core.wire.shapes import REMOVAL


def answer_claimed(
    operation: Operation,
    use_cases: UseCases,
    body: Any,
    provided: Provided,
    language: str | None,
) -> Plan[Outcome | InvalidConsent]:
    """Apply a request from the public; what became of it is for the application only.

    Args:
        operation: an upsert, or a remove, which asks for REVOKED and founds a record if need be.
        use_cases: of the deployment.
        body: the parsed JSON.
        provided: what the caller may say, and what the application says itself.
        language: a BCP 47 tag for the page behind the link.

    Returns:
        What became of it; or what is wrong with it beside what is stored, which is for the
        application only, too.

    Raises:
        PermissionDenied: it is another operation.
        InvalidConsent: the request breaks rules or claims more than it may.
    """
    check_language(language)
    policy, now = use_cases.policy, use_cases.clock()
    if operation.answer is upsert:
        payload = unwrapped(body)
        request = read_request(payload, policy=policy, now=now, provided=provided)
    elif operation.answer is remove:
        payload = Payload(body, "", ())
        request = read_request(
            payload,
            policy=policy,
            now=now,
            state=ConsentState.REVOKED,
            kind=REMOVAL,
            provided=provided,
        )
    else:
        raise PermissionDenied(operation.scope)
    try:
        return (yield from use_cases.upsert(request, language))
    except InvalidConsent as error:
        return payload.with_sent_paths(error)
