"""The reference is whole and true.

Nothing public is missing, and its examples are what the code does.
"""

import ast
import re
from collections import Counter
from enum import StrEnum
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

import consent_core as cc
from consent_core.domain import vocabulary
from consent_core.domain.reasons import RULES
from consent_core.rest import openapi
from consent_core.wire import read_eligibility, read_event, read_upsert, to_wire
from tests.cli.process import Console, line
from tests.docs.markdown import ROOT, generated
from tests.docs.reference import REFERENCE
from tests.docs.reference.command_line import LINES, REPORTED, lines
from tests.docs.reference.docstrings import parsed
from tests.docs.reference.enums import meanings
from tests.docs.reference.errors import tree
from tests.docs.reference.examples import Example, examples
from tests.docs.reference.mistakes import MISTAKES, answered
from tests.docs.reference.remedies import ERRORS, KEPT, LINKS, SILENCE
from tests.docs.reference.themes import checked_themes
from tests.docs.reference.where import WHERE, headings
from tests.docs.reference.wire import eligibilities, events

DOCUMENT = openapi()
WORDS = [
    value
    for value in vars(vocabulary).values()
    if isinstance(value, type) and value.__base__ is StrEnum
]


class Undocumented(StrEnum):
    """An enum with a word that nobody explains."""

    KNOWN = "KNOWN"
    """What everybody knows."""
    OBSCURE = "OBSCURE"


def validate(value: Any, schema: Any) -> None:
    """Hold a JSON value against a schema of the OpenAPI document."""
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(
        value
    )


def described(example: Example) -> Any:
    """What the OpenAPI document says of an operation."""
    return DOCUMENT["paths"][example.operation.path][example.operation.method.lower()]


def test_every_part_stands_on_one_page() -> None:
    """What is generated is shown, and only once."""
    pages = (ROOT / "docs" / "reference").glob("*.md")
    shown = Counter(name for page in pages for name in generated(page))
    assert shown == Counter(REFERENCE.keys())


def test_each_section_of_the_contract_has_its_place_in_the_code() -> None:
    """The page "Where is what" names every numbered section, and no other."""
    assert list(WHERE) == list(headings())
    assert {"1", "2", "3", "4.1", "4.2", "4.3", "5", "6", "13"} <= WHERE.keys()


def test_a_place_that_is_not_in_the_code_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that was renamed, or is only imported where the page says, must be given its new
    place.
    """
    monkeypatch.setitem(WHERE, "5", (("gone", "domain.eligibility:nothing"),))
    with pytest.raises(AttributeError, match="nothing"):
        REFERENCE["where-is-what"]()
    monkeypatch.setitem(WHERE, "5", (("elsewhere", "domain.eligibility:Policy"),))
    with pytest.raises(ValueError, match="imports Policy"):
        REFERENCE["where-is-what"]()


def test_every_rule_of_eligibility_is_shown() -> None:
    """One row for each reason, in their order."""
    shown = re.findall(r"^\| `([A-Z_]+)`", REFERENCE["eligibility-rules"](), re.MULTILINE)
    assert shown == [cc.Reason.NO_CONSENT, *(row.reason for row in RULES)] == list(cc.Reason)


def test_a_name_without_a_theme_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new public name must be given its place."""
    monkeypatch.setattr(cc, "__all__", [*cc.__all__, "Novelty"])
    with pytest.raises(ValueError, match="Novelty"):
        checked_themes()


@pytest.mark.parametrize("service", [cc.ConsentService, cc.AsyncConsentService])
def test_every_call_of_a_service_is_described(service: type) -> None:
    """Also one that stands in a base of it."""
    written = REFERENCE["api-services"]().partition(f"### {service.__name__}\n")[2]
    own = written.partition("\n### ")[0]
    calls = {name for name in dir(service) if name[0] != "_" and callable(getattr(service, name))}
    assert "revocation_link" in calls
    assert calls - {*re.findall(r"(\w+)\(", own)} == set()


def test_the_documented_arguments_are_those_of_the_signature() -> None:
    """Where a section tells arguments, it tells all of them, in their order, and no other."""
    documented = 0
    for section in re.split(
        r"^#{3,4} ", (ROOT / "docs/reference/api.md").read_text("utf-8"), flags=re.MULTILINE
    ):
        takes = re.search(r"^Takes:\n\n((?:[* ] .*\n)+)", section, re.MULTILINE)
        if takes is not None:
            documented += 1
            called = re.search(r"^```py\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
            assert called is not None, section
            assert re.findall(r"^\* `(\w+)`", takes[1], re.MULTILINE) == parameters(called[1]), (
                section
            )
    assert documented > 50


def parameters(signature: str) -> list[str]:
    """The names of all parameters."""
    written = ast.parse(f"def {signature.strip().removeprefix('await ')}: ...").body[0]
    assert isinstance(written, ast.FunctionDef)
    given = written.args
    rest = [each for each in (given.vararg, given.kwarg) if each is not None]
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, *rest)]


@pytest.mark.parametrize("words", WORDS)
def test_every_word_of_the_vocabulary_is_explained(words: type[StrEnum]) -> None:
    """A member of an enum has a docstring below it."""
    assert meanings(words).keys() == words.__members__.keys()


def test_a_word_without_a_meaning_is_noticed() -> None:
    """One docstring too few, and the reference cannot be made."""
    with pytest.raises(ValueError, match="Undocumented without a docstring: OBSCURE"):
        meanings(Undocumented)


def test_remedies_are_those_of_what_exists() -> None:
    """Every error and every reason has one, and no other."""
    assert list(ERRORS) == list(tree())
    assert [list(texts) for texts in (KEPT, SILENCE, LINKS)] == [
        list(cc.KeptReason),
        list(cc.Reason),
        list(cc.TokenRefusal),
    ]
    assert all(type(help_.example) is error for error, help_ in ERRORS.items())


@pytest.mark.parametrize("code", cc.ViolationCode)
def test_every_violation_is_answered_as_documented(code: cc.ViolationCode) -> None:
    """Each code has a request that is refused with it, and the body is that of the OpenAPI
    document.
    """
    response = answered(MISTAKES[code])
    assert response.status == 400
    validate(response.body, DOCUMENT["components"]["schemas"]["Error"])


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.operation.name)
def test_examples_of_routes_are_as_the_openapi_document_says(example: Example) -> None:
    """What is sent and what is answered."""
    assert example.response.status == 200
    validate(
        example.response.body,
        described(example)["responses"]["200"]["content"]["application/json"]["schema"],
    )
    if example.operation.name == "bulkUpsertMarketingConsent":
        assert example.response.body["metadata"] == {"totalSuccess": 1, "totalFailure": 1}
    elif example.request.body is not None:
        validate(
            example.request.body,
            described(example)["requestBody"]["content"]["application/json"]["schema"],
        )


def test_examples_of_events_and_eligibilities_read_back() -> None:
    """What is shown is what the readers take."""
    assert [read_event(to_wire(event)) for event in events()] == events()
    assert [read_eligibility(to_wire(signal)) for signal in eligibilities()] == eligibilities()
    assert [signal.granted for signal in eligibilities()] == [True, False]


def shape(value: Any) -> Any:
    """A JSON value without what differs from run to run: ids and dates."""
    if isinstance(value, dict):
        return {
            name: shape(inside)
            for name, inside in value.items()
            if name not in ("id", "createdDate", "updatedDate", "entityId", "eventTime")
        }
    return value


def test_lines_of_the_command_line_are_what_it_writes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines shown are those of the real command, but for ids and dates."""
    console, sent = Console(monkeypatch, capsys), b"".join(map(line, LINES))
    for command in ("apply", "check"):
        assert shape_of_all(console(command, "-", stdin=sent).answers) == shape_of_all(
            lines()[command]
        )


def shape_of_all(answers: list[dict[str, Any]]) -> list[Any]:
    """The shapes of several lines."""
    return [shape(answer) for answer in answers]


def test_stored_lines_of_the_command_line_are_what_it_writes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    """The same, for the commands that need a store; in the order in which they change it."""
    console, sent = Console(monkeypatch, capsys), b"".join(map(line, LINES))
    store = ("--store", f"sqlite:///{tmp_path}/consents.db")
    calls = {
        "check-store": ["check", "-"],
        "apply": ["apply", "-"],
        "get": ["get", "ada@example.org"],
        "explain": ["explain", "ada@example.org"],
        "history": ["history", "ada@example.org"],
        "export": ["export"],
        "audience": ["audience", "EMAIL"],
        "remove": [
            "remove",
            "ada@example.org",
            "--source",
            "FORM",
            "--description",
            "Asked at the counter.",
        ],
        "report": ["report", "-"],
    }
    for name, call in calls.items():
        given = REPORTED if name == "report" else sent
        assert shape_of_all(console(*call, *store, stdin=given).answers) == shape_of_all(
            lines()[name]
        )
    (found,) = console("get", "ada@example.org", *store).answers
    erased = console("delete", found["marketingConsent"]["id"], *store).answers
    assert shape_of_all(erased) == shape_of_all(lines()["delete"])


def test_what_export_writes_is_what_apply_reads() -> None:
    """As the page says."""
    for answer in lines()["export"]:
        assert read_upsert(answer).details == cc.Email("ada@example.org")


def test_docstrings_are_taken_apart() -> None:
    """Sections, entries over several lines, and what stands before and behind them."""
    doc = parsed(
        """Does it.

        More of it:

        Args:
            one: the first,
                over: two lines.
            two: the second.

        Returns:
            What was done.

        Raises:
            ValueError: it cannot be done.
        """
    )
    assert doc.text == "Does it.\n\nMore of it:"
    assert {name: text.split() for name, text in doc.arguments.items()} == {
        "one": ["the", "first,", "over:", "two", "lines."],
        "two": ["the", "second."],
    }
    assert doc.returns == "What was done."
    assert doc.raises == {"ValueError": "it cannot be done."}
