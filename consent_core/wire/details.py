"""The identifier of a record as the JSON object ``details`` (contract, section 3, rule 1)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import IDENTIFIERS, Identifier
from consent_core.domain.vocabulary import Channel, ViolationCode
from consent_core.wire.fields import plain_fields
from consent_core.wire.kinds import STRING, dump_text, word
from consent_core.wire.objects import ObjectKind
from consent_core.wire.reading import INVALID, Kind, Problems, join

_FIELD_NAMES: Final = {channel: channel.lower() for channel in IDENTIFIERS}
"""The field that holds the identifier, by channel."""

FIELDS: Final = ObjectKind(
    plain_fields(
        type=word(Channel, {"UNKNOWN_TYPE": "must be EMAIL or PHONE"}),
        **dict.fromkeys(_FIELD_NAMES.values(), STRING),
    )
)
"""``details`` as plain fields; also the parameters of get-by."""


def _details(make: Callable[[type[Identifier]], Callable[[str], Identifier]]) -> Kind:
    """The kind of ``details``.

    Args:
        make: what makes an identifier of this class from text.
    """
    makers = {
        str(channel): (_FIELD_NAMES[channel], make(cls)) for channel, cls in IDENTIFIERS.items()
    }

    def accept(value: Any) -> Identifier:
        name, made = makers[value["type"]]
        text = value[name]
        if type(value) is dict and len(value) == 2 and type(text) is str:  # noqa: PLR2004
            return made(text)
        raise ValueError("more than a type and its identifier")

    def explain(value: Any, path: str, problems: Problems) -> Any:
        values = FIELDS.read_fields(value, path, problems)
        if values is INVALID:
            return INVALID
        return _identifier(values, path, problems, makers)

    return Kind(
        accept,
        explain,
        FIELDS.schema,
        write=_write,
        dump=_dump,
        required="is required, with a type and an email or phone",
    )


def _identifier(
    values: Mapping[str, Any],
    path: str,
    problems: Problems,
    makers: Mapping[str, tuple[str, Callable[[str], Identifier]]],
) -> Any:
    """Rule 1: exactly one of email and phone, and the one that the type names.

    Where the type is missing or unknown, the first identifier is judged nevertheless.
    """
    channel = values.get("type")
    given = [name for name in _FIELD_NAMES.values() if values.get(name) is not None]
    if channel is None:
        at = join(path, "type")
        problems.add(at, ViolationCode.REQUIRED, "is required: EMAIL or PHONE")
    is_known = isinstance(channel, Channel)
    wanted = _FIELD_NAMES[channel] if isinstance(channel, Channel) else (given or [""])[0]
    for name in given:
        if name != wanted:
            why = "must be left out: one consent, one identifier"
            problems.add(join(path, name), ViolationCode.NOT_ALLOWED, why)
    if is_known and wanted not in given:
        why = f"is required, because the type is {channel}"
        problems.add(join(path, wanted), ViolationCode.REQUIRED, why)
    if wanted not in given or values[wanted] is INVALID:
        return INVALID
    try:
        identifier = dict(makers.values())[wanted](values[wanted])
    except InvalidConsent as error:
        for violation in error.violations:
            problems.add(join(path, wanted), violation.code, violation.description)
        return INVALID
    return identifier if is_known else INVALID


def _write(identifier: Identifier) -> dict[str, str]:
    channel, name = _WRITTEN[type(identifier)]
    return {"type": channel, name: identifier.address}


_WRITTEN: Final = {
    cls: (channel.value, _FIELD_NAMES[channel]) for channel, cls in IDENTIFIERS.items()
}


def _dump(identifier: Identifier) -> str:
    return _PREFIXES[type(identifier)] + dump_text(identifier.address) + "}"


_PREFIXES: Final = {
    cls: f'{{"type":"{channel}","{_FIELD_NAMES[channel]}":' for channel, cls in IDENTIFIERS.items()
}

DETAILS: Final = _details(lambda cls: cls)
"""``details`` from a caller."""

STORED_DETAILS: Final = _details(lambda cls: cls.restore)
"""``details`` that were judged when they were stored."""
