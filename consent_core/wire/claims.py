"""What an application says of a request beside its body (contract, section 12)."""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from attrs import evolve

from consent_core.domain.checks import Finding, as_word, refuse, wrong_word
from consent_core.domain.claims import ACTIVITIES, Claims
from consent_core.domain.identifiers import Identifier
from consent_core.domain.limits import SOURCES
from consent_core.domain.policy import Policy
from consent_core.domain.requests import nothing_asked
from consent_core.domain.validation import camel_case
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.claim_schemas import claim_schema, offered
from consent_core.wire.details import DETAILS
from consent_core.wire.reading import Problems, is_object
from consent_core.wire.spelling import spellings


class Provided(NamedTuple):
    """What the application says of a request; a body that says it, too, is refused.

    Args:
        claims: what the caller may say; None for everything.
        identifier: whom the request is about.
        description: of its activities.
        source: of its activities.
    """

    claims: Claims | None = None
    identifier: Identifier | None = None
    description: str | None = None
    source: str | None = None

    def completed(self, body: object) -> object:
        """A body with the identifier in it, as the caller would send it."""
        if self.identifier is None or not is_object(body) or _DETAILS & body.keys():
            return body
        return {**body, "details": DETAILS.write(self.identifier)}

    def offered(self, policy: Policy) -> Callable[[], Collection[str]] | None:
        """The fields and words that the caller may say, worked out when first asked for.

        Args:
            policy: the choices of the deployment.
        """
        if self.claims is None:
            return None
        claims = self.claims

        @cache
        def named() -> Collection[str]:
            said = {*offered(claim_schema(claims, policy))}
            return said if self.identifier else said | {"details", *offered(DETAILS.schema)}

        return named

    def nothing_asked(self) -> Finding:
        """What is wrong with a request without a state that the caller may ask for."""
        return nothing_asked(None if self.claims is None else self.claims.states)

    def judge(
        self, values: Mapping[str, Any], sent: object, problems: Problems, policy: Policy
    ) -> None:
        """Note what a request says that it may not.

        Args:
            values: its fields by Python name.
            sent: its body, as the caller sent it.
            problems: where it is noted.
            policy: the choices of the deployment.
        """
        if self.identifier is not None and is_object(sent) and _DETAILS & sent.keys():
            problems.add(problems.sent_path("details"), ViolationCode.NOT_ALLOWED, _PROVIDED)
        for part in ("description", "source"):
            for name in ACTIVITIES:
                path = f"{camel_case(name)}.{part}"
                if getattr(self, part) is not None and problems.is_sent(path):
                    problems.add(problems.sent_path(path), ViolationCode.NOT_ALLOWED, _PROVIDED)
        if self.claims is not None:
            problems.add_violations(self.claims.violations(values, policy))

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a request, with what the application and the claims say of it."""
        claims = self.claims or Claims()
        if self.source in _ALL_SOURCES:
            claims = evolve(claims, sources={self.source})
        filled = claims.filled(values)
        for name, kind in ACTIVITIES.items():
            if (activity := filled.get(name)) is None:
                continue
            if self.description is not None:
                filled[name] = evolve(activity, description=self.description)
            if self.source is not None:
                problem = wrong_word(as_word(self.source, SOURCES[kind]), SOURCES[kind])
                refuse("", source=problem)
        return filled


NOTHING_PROVIDED: Final = Provided()
"""Where the body says everything, for trusted callers."""

_ALL_SOURCES: Final = frozenset(str(word) for kind in SOURCES.values() for word in kind)
_DETAILS: Final = frozenset(spellings("details"))
_PROVIDED: Final = "must be left out: the application sets it"
