"""Reads untrusted JSON values by declared shapes, collecting every violation with the path that the caller sent."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeGuard

from consent_core.domain.checks import nearest
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.spelling import shown, spellings

FAULTY: Final = object()
"""Stands for a value that was given and is wrong: it is told already, and is not missing."""

MOST: Final = 100
"""Violations that one request is told of; a hostile one could have a hundred thousand."""

_SUGGESTIONS: Final = 20
"""Typos beyond this many in one request are listed without a suggestion, to stay cheap on hostile input."""


class Problems:
    """The violations found so far in one record.

    Args:
        data: the record as the caller sent it.
        root: its path from the body's root; empty where it is the body.
    """

    def __init__(self, data: Any, root: str) -> None:
        self.found: list[Violation] = []
        self._data = data
        self._root = root

    def add(self, path: str, code: ViolationCode, description: str) -> Any:
        """Note one; answers FAULTY, to stand in the value's place."""
        if len(self.found) < MOST:
            self.found.append(Violation(path or "request", code, description))
        elif len(self.found) == MOST:
            self.found.append(
                Violation(path or "request", code, f"{description}; and more that is not listed")
            )
        return FAULTY

    def unknown(
        self, path: str, code: ViolationCode, what: str, word: object, known: Iterable[str]
    ) -> Any:
        """Note a word that is not known, with the nearest one that is."""
        hint = (
            nearest(word, list(known))
            if len(self.found) < _SUGGESTIONS
            else "see the documentation"
        )
        return self.add(path, code, f"{what}; {hint}")

    def note(self, path: str, code: ViolationCode, description: str) -> Any:
        """Note one at a path from the record's root by camelCase names, in the caller's own spelling."""
        return self.add(join(self._root, sent_path(self._data, path)), code, description)

    def adopt(self, error: InvalidConsent) -> Any:
        """Note what the rules found in the record."""
        for violation in error.violations:
            self.note(violation.path, violation.code, violation.description)
        return FAULTY

    def raise_if_any(self) -> None:
        """Raise all at once."""
        if self.found:
            raise InvalidConsent(self.found)


REFUSED: Final = (LookupError, TypeError, ValueError, OverflowError)
"""What a kind raises for a value that it does not accept."""


class Kind(ABC):
    """How one kind of JSON value is read, and described in JSON Schema.

    Most values are right and are accepted at once. What is wrong with the others, and where, is
    worked out afterwards.
    """

    @abstractmethod
    def accept(self, value: Any) -> Any:
        """The value as the rules take it; raises one of ``REFUSED`` where it is wrong."""

    def explain(self, value: Any, path: str, problems: Problems) -> Any:
        """Note why a value was not accepted; answers FAULTY, or what is right of it."""
        return wrong_type(value, "a string", path, problems)

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """The value as the rules take it, or FAULTY when a problem was noted."""
        try:
            return self.accept(value)
        except REFUSED:
            return self.explain(value, path, problems)

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what is written."""


class Shape(Kind):
    """An object with declared fields; what it reads is a dict by camelCase name, None for null.

    Args:
        title: what it is called in descriptions.
        fields: the kind of each field, by camelCase name.
    """

    def __init__(self, title: str, fields: Mapping[str, Kind]) -> None:
        self.title = title
        self.fields = fields
        self._spellings = {
            spelling: (name, fields[name]) for name in fields for spelling in spellings(name)
        }
        self._accepting = {
            spelling: (name, kind.accept) for spelling, (name, kind) in self._spellings.items()
        }
        inside = [
            (name, inner)
            for name, kind in fields.items()
            if isinstance(kind, Shape)
            for inner in kind.fields
        ]
        self._homes = {
            spelling: name for name, inner in reversed(inside) for spelling in spellings(inner)
        }

    def accept(self, value: Any) -> dict[str, Any]:
        """As ``Kind.accept``.

        Other mappings than dicts may count or iterate as they like, and are read one by one.
        """
        if type(value) is not dict:
            raise TypeError
        values: dict[str, Any] = {}
        for key, given in value.items():
            name, accept = self._accepting[key]
            values[name] = None if given is None else accept(given)
        if len(values) < len(value):
            # One field in two spellings.
            raise ValueError
        return values

    def explain(self, value: Any, path: str, problems: Problems) -> Any:
        """As ``Kind.explain``.

        What is right beside what is wrong is read, so that all can be told at once.
        """
        if not is_object(value):
            return wrong_type(value, "an object", path, problems)
        values: dict[str, Any] = {}
        for key, given in value.items():
            known = self._spellings.get(key)
            if known is None:
                self._note_unknown(key, path, problems)
                continue
            name, kind = known
            if name in values:
                problems.add(
                    join(path, key), ViolationCode.GIVEN_TWICE, f"is {name}, which is given already"
                )
            values[name] = None if given is None else kind.read(given, join(path, key), problems)
        return values

    def _note_unknown(self, key: object, path: str, problems: Problems) -> None:
        code, sent = ViolationCode.UNKNOWN_FIELD, join(path, shown(key))
        home = self._homes.get(key) if isinstance(key, str) else None
        if home is not None:
            problems.add(sent, code, f"is not known here: it belongs into {home}")
        else:
            problems.unknown(sent, code, "is not a known field", key, self.fields)

    def schema(self) -> dict[str, Any]:
        """As ``Kind.schema``."""
        properties = {name: kind.schema() for name, kind in self.fields.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


def is_object(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    """Whether a value is a JSON object."""
    return type(value) is dict or isinstance(value, Mapping)


def join(path: str, name: str) -> str:
    """A path one step further."""
    return f"{path}.{name}" if path else name


def sent_path(data: Any, path: str) -> str:
    """A path by camelCase names, as the caller spelled them.

    What the caller did not send stays as it is.
    """
    sent = []
    for name in path.split("."):
        keys = [key for key in spellings(name) if isinstance(data, Mapping) and key in data]
        sent.append(keys[0] if keys else name)
        data = data[keys[0]] if keys else None
    return ".".join(sent)


def wrong_type(value: Any, wanted: str, path: str, problems: Problems) -> Any:
    """Note that a value is of another JSON type than the wanted one."""
    return problems.add(
        path,
        ViolationCode.WRONG_TYPE,
        f"must be {wanted}, not {_JSON_TYPES.get(type(value), 'this')}",
    )


_JSON_TYPES: Final = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}
