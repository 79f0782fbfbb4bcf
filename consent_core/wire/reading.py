"""How untrusted JSON is read: a fast way for what is right, an explaining way for what is wrong."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, TypeGuard

from consent_core.domain.checks import nearest
from consent_core.domain.errors import InvalidConsent, Violation
from consent_core.domain.limits import LEFT_OUT
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.spelling import spellings

INVALID: Final = object()
"""Stands for a value that was given and is wrong: its violation is already noted."""

REFUSED: Final = (AttributeError, LookupError, OverflowError, TypeError, ValueError)
"""What the fast way raises for anything that it does not take."""

MOST_VIOLATIONS: Final = 100
"""Violations listed for one request; a hostile one could have a hundred thousand."""

MOST_SUGGESTIONS: Final = 20
"""Unknown words in one request beyond this many get no suggestion: finding one is expensive."""


class Problems:
    """The violations that were found so far in one body.

    Args:
        data: the record as the caller sent it.
        root: its path from the body's root; empty where it is the body.
        offered: gives the fields and words that this caller may say; without it, hints name all.
    """

    def __init__(
        self, data: Any, root: str, offered: Callable[[], Collection[str]] | None = None
    ) -> None:
        self.found: list[Violation] = []
        self._offered = offered
        self._data = data
        self._root = root

    def add(self, path: str, code: ViolationCode, description: str) -> Any:
        """Note a violation at a path as the caller spelled it; returns INVALID."""
        if len(self.found) == MOST_VIOLATIONS:
            description += "; and more that is not listed"
        if len(self.found) <= MOST_VIOLATIONS:
            self.found.append(Violation(path or "request", code, description))
        return INVALID

    def add_unknown(
        self, path: str, code: ViolationCode, what: str, word: object, known: Iterable[str]
    ) -> Any:
        """Note a word that is not known, with the nearest one that is; returns INVALID."""
        hint = "see the documentation"
        if len(self.found) < MOST_SUGGESTIONS:
            names = [name for name in known if self.is_offered(name)]
            hint = nearest(word, names) if names else LEFT_OUT
        return self.add(path, code, f"{what}; {hint}")

    def is_offered(self, name: str) -> bool:
        """Whether hints may name a field or a word to this caller."""
        return self._offered is None or name in self._offered()

    def add_violations(self, violations: Iterable[Violation]) -> Any:
        """Note violations whose paths have documented names; returns INVALID."""
        for violation in violations:
            self.add(self.sent_path(violation.path), violation.code, violation.description)
        return INVALID

    def sent_path(self, path: str) -> str:
        """A path of documented names from the record's root, as the caller spelled it.

        What the caller did not send keeps its documented name.
        """
        return self._located(path)[0]

    def is_sent(self, path: str) -> bool:
        """Whether the caller sent a field, even if null; its path is as for ``sent_path``."""
        return self._located(path)[1]

    def _located(self, path: str) -> tuple[str, bool]:
        sent, data, is_sent = [self._root] if self._root else [], self._data, True
        for name in path.split("."):
            keys = [key for key in spellings(name) if isinstance(data, Mapping) and key in data]
            sent.append(keys[0] if keys else name)
            data, is_sent = (data[keys[0]], is_sent) if keys else (None, False)
        return ".".join(sent), is_sent

    def has(self, path: str) -> bool:
        """Whether a violation was found at a path of documented names from the record's root."""
        sent = self.sent_path(path)
        return any(violation.path == sent for violation in self.found)

    def raise_if_any(self) -> None:
        """Raise everything that was found as one error."""
        if self.found:
            raise InvalidConsent(self.found)


class Kind:
    """One kind of JSON value: how it is read, written and described.

    Nearly all values are right, so ``accept`` only decides, and what is wrong is worked out by
    ``explain`` after it has refused.

    Args:
        accept: returns the value for what a caller sent; raises one of ``REFUSED`` if it is wrong.
        explain: notes what is wrong with what a caller sent, at a path as the caller spelled it,
            and returns INVALID; or returns the value, if it is right in an unusual form.
        schema: the JSON Schema of what is written.
        write: returns what ``json.dumps`` takes.
        dump: returns JSON text; without it, ``write`` returns a string that needs nothing but
            quotation marks.
        restore: returns the value for what ``write`` returned. It may take more than ``accept``,
            for the class that holds the value checks its type.
        required: the description of the violation where the value is required and missing.
    """

    def __init__(
        self,
        accept: Callable[[Any], Any],
        explain: Callable[[Any, str, Problems], Any],
        schema: dict[str, Any],
        *,
        write: Callable[[Any], Any],
        dump: Callable[[Any], str] | None = None,
        restore: Callable[[Any], Any] | None = None,
        required: str = "is required",
    ) -> None:
        self.accept = accept
        self.explain = explain
        self.schema = schema
        self.write = write
        self.is_quoted = dump is None
        self.dump = dump or (lambda value: f'"{write(value)}"')
        self.restore = restore or accept
        self.required = required

    def read(self, value: Any, path: str, problems: Problems) -> Any:
        """The value for what a caller sent, or INVALID after its violations were noted."""
        try:
            return self.accept(value)
        except REFUSED:
            return self.explain(value, path, problems)


def is_object(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    """Whether a value is a JSON object."""
    return type(value) is dict or isinstance(value, Mapping)


def join(path: str, name: str) -> str:
    """A path one step further."""
    return f"{path}.{name}" if path else name


def wrong_type(value: Any, wanted: str, path: str, problems: Problems) -> Any:
    """Note that a value is of another JSON type than the wanted one; returns INVALID."""
    given = _JSON_TYPES.get(type(value), "this")
    return problems.add(path, ViolationCode.WRONG_TYPE, f"must be {wanted}, not {given}")


_JSON_TYPES: Final = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}
