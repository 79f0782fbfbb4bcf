"""Errors, codes and reasons: what each means, what to do about it, and how it goes out."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import consent_core as cc
from consent_core.domain.reasons import TEXTS
from consent_core.rest import TRUSTED, Request, handle
from consent_core.wire import error_body
from tests.docs.reference.docstrings import parsed
from tests.docs.reference.enums import meanings
from tests.docs.reference.examples import deployment
from tests.docs.reference.mistakes import MISTAKES, answered, violation_example
from tests.docs.reference.remedies import ERRORS, KEPT, LINKS, SILENCE
from tests.docs.reference.tables import as_json, block, code, codes, prose, table


def tree(error: type[cc.ConsentError] = cc.ConsentError) -> Iterator[type[cc.ConsentError]]:
    """An error and all that are based on it, in the order in which they are written."""
    yield error
    for below in error.__subclasses__():
        if below.__module__.startswith("consent_core"):
            yield from tree(below)


def _tree() -> str:
    lines = [
        f"{'  ' * (len(_path(error)) - 1)}{error.__name__}{_beside(error)}" for error in tree()
    ]
    return block("text", "\n".join(lines))


def _path(error: type) -> list[type]:
    return [base for base in error.__mro__ if issubclass(base, cc.ConsentError)]


def _beside(error: type) -> str:
    others = [base.__name__ for base in error.__bases__ if not issubclass(base, cc.ConsentError)]
    return "" if error is cc.ConsentError or not others else f" (also a {', '.join(others)})"


def _errors() -> str:
    """Every error with its remedy; one without fails."""
    rows = []
    for error in tree():
        doc = parsed(error.__doc__)
        rows.append(
            (code(error.__name__), codes(doc.arguments), prose(doc.text), ERRORS[error].remedy)
        )
    return table(("error", "attributes", "meaning", "remedy"), rows)


class _Failing:
    """A repository that fails in a given way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def _fail(self, *_: Any) -> Any:
        raise self._error

    find = get = commit = query = history = _fail


def status_of(error: cc.ConsentError) -> int | None:
    """The status that an error of the store or the rules is answered with.

    None where it is raised.
    """
    try:
        request = Request("GET", f"/v1/marketing-consent/{UUID(int=1)}", scopes=TRUSTED)
        return handle(deployment(_Failing(error)), request).status
    except cc.ConsentError:
        return None


def _statuses() -> str:
    rows = [_status(error) for error in tree()]
    rows += [
        ("404", code(_code(answered(Request("GET", "/v2")).body)), "an unknown path"),
        (
            "405",
            code(_code(answered(Request("PUT", "/v1/marketing-consent")).body)),
            "another method of a known path",
        ),
    ]
    return table(("status", "code", "for"), sorted(row for row in rows if row[0]))


def _status(error: type[cc.ConsentError]) -> tuple[str, str, str]:
    example = ERRORS[error].example
    status = status_of(example)
    return (
        str(status) if status else "",
        code(_code(error_body(example))) or "`validationError`",
        code(error.__name__),
    )


def _code(body: Mapping[str, Any]) -> str:
    return str(body["details"].get("applicationError", {}).get("code", ""))


def _raised() -> str:
    raised = [error for error in tree() if status_of(ERRORS[error].example) is None]
    rows = [
        (code(error.__name__), code(_code(error_body(ERRORS[error].example)))) for error in raised
    ]
    return table(("raised", "code in `error_body`"), rows)


def _bodies() -> str:
    violated = answered(MISTAKES[cc.ViolationCode.UNKNOWN_VALUE])
    missing = answered(Request("GET", f"/v1/marketing-consent/{UUID(int=1)}", scopes=TRUSTED))
    return f"{as_json(violated.body)}\n{as_json(missing.body)}"


def _violations() -> str:
    rows = []
    for word, meaning in meanings(cc.ViolationCode).items():
        example = violation_example(cc.ViolationCode[word])
        shown = f"{code(example['field'])}: {example['description']}"
        rows.append((code(word), meaning, code(example["violatedRule"]), shown))
    return table(("code", "meaning and remedy", "`violatedRule`", "for example"), rows)


def _reasons(words: type[StrEnum], remedies: Mapping[Any, str]) -> str:
    """The words of an enum with their remedies; one without fails."""
    rows = [
        (code(name), meaning, remedies[words[name]]) for name, meaning in meanings(words).items()
    ]
    return table(("reason", "meaning", "what to do"), rows)


def _eligibility() -> str:
    rows = [
        (code(name), meaning, SILENCE[cc.Reason[name]], TEXTS[cc.Reason[name]])
        for name, meaning in meanings(cc.Reason).items()
    ]
    return table(("reason", "meaning", "what to do", "`reason` as text"), rows)


ERROR_PARTS: Final[dict[str, Callable[[], str]]] = {
    "errors-tree": _tree,
    "errors-remedies": _errors,
    "errors-statuses": _statuses,
    "errors-raised": _raised,
    "errors-bodies": _bodies,
    "errors-violations": _violations,
    "errors-results": lambda: table(
        ("result", "meaning"), [(code(n), m) for n, m in meanings(cc.Result).items()]
    ),
    "errors-kept": lambda: _reasons(cc.KeptReason, KEPT),
    "errors-eligibility": _eligibility,
    "errors-links": lambda: _reasons(cc.TokenRefusal, LINKS),
}
"""The parts of the page on errors, by name."""
