"""Types for the fields of pydantic models, and so of FastAPI (extra ``pydantic``).

What is wrong arrives in one ``ValidationError``: each violation at the caller's own field, with the
library's code as its type, and without the input, which is personal data.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, TypeAlias

from attrs import evolve, field, frozen

from consent_core.domain import identifiers
from consent_core.domain.claims import Claims
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH, identifier_of
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.requests import Upsert
from consent_core.wire.claim_schemas import claim_schema
from consent_core.wire.records import read_upsert

try:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError
    from pydantic_core.core_schema import (
        no_info_plain_validator_function,
        plain_serializer_function_ser_schema,
    )
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "consent_core.pydantic needs pydantic: pip install 'consent_core[pydantic]'"
    ) from error

__all__ = ["ConsentPart", "Email", "Identifier", "Limits", "Phone"]


@frozen
class _IdentifierText:
    """How text becomes an identifier, and back.

    Args:
        read: makes the identifier.
        schema: the JSON Schema of the text.
    """

    read: Callable[[str], identifiers.Identifier]
    schema: Mapping[str, Any] = field(hash=False)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_plain_validator_function(
            self._validate,
            serialization=plain_serializer_function_ser_schema(lambda value: value.address),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)

    def _validate(self, value: Any) -> identifiers.Identifier:
        if isinstance(value, identifiers.Identifier):
            value = value.address
        try:
            return self.read(value)
        except InvalidConsent as error:
            # The path of the one field is that of the model.
            raise _validation_error(error, lambda _: ()) from None


_EMAIL_SCHEMA: Final = {
    "type": "string",
    "format": "email",
    "maxLength": MAX_IDENTIFIER_LENGTH,
    "examples": ["ada@example.org"],
}
_PHONE_SCHEMA: Final = {
    "type": "string",
    "format": "phone",
    "pattern": r"^\s*\+",
    "maxLength": MAX_IDENTIFIER_LENGTH,
    "examples": ["+12025550172"],
}

_EMAIL_TEXT: Final = _IdentifierText(identifiers.Email, _EMAIL_SCHEMA)
_PHONE_TEXT: Final = _IdentifierText(identifiers.Phone, _PHONE_SCHEMA)
_EITHER_TEXT: Final = _IdentifierText(identifier_of, {"anyOf": [_EMAIL_SCHEMA, _PHONE_SCHEMA]})

Email: TypeAlias = Annotated[identifiers.Email, _EMAIL_TEXT]
"""An e-mail address: a ``consent_core.Email``, read from text and written as its address."""

Phone: TypeAlias = Annotated[identifiers.Phone, _PHONE_TEXT]
"""A phone number: a ``consent_core.Phone``, read from text and written in E.164."""

Identifier: TypeAlias = Annotated[identifiers.Identifier, _EITHER_TEXT]
"""Either of the two, told apart by "@" and "+"."""


@frozen
class ConsentPart:
    """The consent part of a body, judged by the claims of its field.

    It says nothing of whom it is about: with an identifier it makes a request.

    Args:
        body: as the caller sent it.
        claims: what the caller may say.
        policy: the choices of the deployment.
    """

    body: Mapping[str, Any] = field(repr=False)
    claims: Claims
    policy: Policy = field(repr=False)

    def upsert(
        self,
        identifier: identifiers.Identifier | str,
        *,
        description: str | None = None,
        source: str | None = None,
    ) -> Upsert:
        """The request that the body makes for a person.

        Args:
            identifier: whom it is about.
            description: the description of its evidence, such as the text of the form.
            source: the source of its evidence, where the claims leave it open.

        Raises:
            InvalidConsent: the body gives a description or a source, too.
        """
        return read_upsert(
            self.body,
            policy=self.policy,
            claims=self.claims,
            identifier=identifier,
            description=description,
            source=source,
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        raise TypeError(
            "say what the caller may claim: Annotated[ConsentPart, Limits(Claims.sign_up_form())]"
        )


@frozen
class Limits:
    """What the caller may claim in a ``ConsentPart``.

    Args:
        claims: the limits; ``Claims()`` for a caller who may claim everything.
        policy: the choices of the deployment: its bounds apply.
    """

    claims: Claims
    policy: Policy = DEFAULT_POLICY

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_plain_validator_function(
            self._validate,
            serialization=plain_serializer_function_ser_schema(lambda part: dict(part.body)),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return claim_schema(self.claims, self.policy)

    def _validate(self, value: Any) -> ConsentPart:
        if isinstance(value, ConsentPart):
            value = value.body
        part = ConsentPart(value, self.claims, self.policy)
        try:
            # Whom it is about is not known yet, and nothing but the identifier depends on it.
            ConsentPart(value, self.claims, self._any_identifier).upsert(_ANYBODY)
        except InvalidConsent as error:
            raise _validation_error(error, lambda each: _location(each.path, value)) from None
        return part

    @cached_property
    def _any_identifier(self) -> Policy:
        return evolve(self.policy, max_identifier_length=MAX_IDENTIFIER_LENGTH)


_ANYBODY: Final = identifiers.Email("anybody@example.org")


def _location(path: str, body: Any) -> tuple[str, ...]:
    """Where a violation is, from the consent part on; the name of a topic may have dots."""
    if path == "request":
        return ()
    location: list[str] = []
    while path:
        names = body if isinstance(body, Mapping) else ()
        whole = [name for name in names if f"{path}.".startswith(f"{name}.")]
        name = max(whole, key=len, default=path.partition(".")[0])
        location.append(name)
        path, body = path[len(name) + 1 :], body.get(name) if name in names else None
    return tuple(location)


def _validation_error(
    error: InvalidConsent, location: Callable[[Violation], tuple[str, ...]]
) -> ValidationError:
    """All violations as one error of pydantic; the input is left out, for it is personal data."""
    return ValidationError.from_exception_data(
        "consent",
        [
            InitErrorDetails(
                type=PydanticCustomError(violation.code.value, violation.description),
                loc=location(violation),
                input=None,
            )
            for violation in error.violations
        ],
    )
