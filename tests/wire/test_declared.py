"""A field is declared once, on its class: reading, writing and describing follow from it."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve, field, frozen

from consent_core.domain.checks import refuse
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.validation import (
    BOUNDS,
    WIRE_NAME,
    WRITTEN_AS_NULL,
    WRITTEN_IF,
    declared_fields,
    require_valid,
)
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.reading import INVALID, Problems
from consent_core.wire.shapes import object_of

ID = UUID("6f1c2f0e-6b5c-4a52-9b7f-0d3a3f6f0c11")
DAY = datetime(2024, 1, 1, tzinfo=UTC)


class Colour(StrEnum):
    """Words of a class that the library does not know."""

    RED = "RED"
    BLUE = "BLUE"


NO_SECRET = (ViolationCode.NOT_ALLOWED, "must be no secret")


@frozen(kw_only=True)
class Inner:
    """An object inside another one."""

    note: str | None = field(default=None, metadata={WRITTEN_AS_NULL: True})
    seen_date: datetime | None = None

    def __attrs_post_init__(self) -> None:
        require_valid(self, "inner")
        refuse("inner", note=NO_SECRET if self.note == "secret" else None)


@frozen(kw_only=True)
class Everything:
    """A field of every kind: required, optional, with a default, with a name of its own."""

    colour: Colour
    id: UUID
    made_date: datetime
    title: str
    count: int = field(metadata={BOUNDS: (-5, 7), WIRE_NAME: "howMany"})
    details: Identifier
    inner: Inner
    second_colour: Colour = Colour.BLUE
    other_inner: Inner | None = None
    last_date: datetime | None = None
    hidden_date: datetime | None = field(
        default=None, metadata={WRITTEN_IF: lambda value: value.second_colour is Colour.RED}
    )
    owner: Identifier | None = field(default=None, metadata={WRITTEN_AS_NULL: True})
    extended_fields: ExtendedFields = field(
        default=NO_FIELDS, metadata={WRITTEN_IF: lambda value: bool(value.extended_fields)}
    )

    def __attrs_post_init__(self) -> None:
        require_valid(self, "")


KIND = object_of(Everything)
STORED = object_of(Everything, is_stored=True)
LEAST = Everything(
    colour=Colour.RED,
    id=ID,
    made_date=DAY,
    title='say "yes"\n',
    count=-3,
    details=Email("ada@example.org"),
    inner=Inner(),
)
LEAST_WRITTEN: dict[str, Any] = {
    "colour": "RED",
    "id": str(ID),
    "madeDate": "2024-01-01T00:00:00Z",
    "title": 'say "yes"\n',
    "howMany": -3,
    "details": {"type": "EMAIL", "email": "ada@example.org"},
    "inner": {"note": None},
    "secondColour": "BLUE",
    "owner": None,
}
MOST = evolve(
    LEAST,
    second_colour=Colour.RED,
    other_inner=Inner(note="", seen_date=DAY.replace(microsecond=120_000)),
    last_date=DAY.replace(year=1),
    hidden_date=DAY.replace(year=9999),
    owner=Phone("+445168993333"),
    extended_fields=ExtendedFields({"a": {"b": ["ü"]}}),
)
MOST_WRITTEN: dict[str, Any] = LEAST_WRITTEN | {
    "secondColour": "RED",
    "otherInner": {"note": "", "seenDate": "2024-01-01T00:00:00.120000Z"},
    "lastDate": "0001-01-01T00:00:00Z",
    "hiddenDate": "9999-01-01T00:00:00Z",
    "owner": {"type": "PHONE", "phone": "+445168993333"},
    "extendedFields": {"namespaces": {"a": {"b": ["ü"]}}},
}
BOTH = pytest.mark.parametrize(
    ("value", "written"), [(LEAST, LEAST_WRITTEN), (MOST, MOST_WRITTEN)], ids=["least", "most"]
)


@BOTH
def test_a_class_is_written_and_read(value: Everything, written: dict[str, Any]) -> None:
    """Each kind of field is written as documented, and read back, by every way there is."""
    assert KIND.write(value) == written
    assert json.loads(STORED.dump(value)) == written
    assert [KIND.accept(written), STORED.accept(written), STORED.restore(written)] == [value] * 3
    snake = {"howMany": "how_many", "madeDate": "made_date", "lastDate": "last_date"}
    assert KIND.accept({snake.get(name, name): each for name, each in written.items()}) == value


@BOTH
def test_text_is_that_of_the_dict(value: Everything, written: dict[str, Any]) -> None:
    """Documents are the compact JSON of what is written, in the order of the class."""
    text = json.dumps(KIND.write(value), ensure_ascii=False, separators=(",", ":"))
    assert STORED.dump(value) == text
    order = [each.wire_name for each in declared_fields(Everything)]
    assert list(json.loads(text)) == [name for name in order if name in written]


def test_what_has_a_condition_is_left_out() -> None:
    """``WRITTEN_IF`` is asked for each instance."""
    assert "hiddenDate" not in KIND.write(evolve(MOST, second_colour=Colour.BLUE))


def test_a_class_is_described() -> None:
    """The schema has every field with its type, what is required, and what may be null."""
    properties = KIND.schema["properties"]
    assert list(properties) == [each.wire_name for each in declared_fields(Everything)]
    assert KIND.schema["required"] == [
        "colour",
        "id",
        "madeDate",
        "title",
        "howMany",
        "details",
        "inner",
    ]
    assert properties["colour"] == {"type": "string", "enum": ["RED", "BLUE"]}
    assert properties["lastDate"] == {"type": "string", "format": "date-time"}
    assert properties["inner"]["properties"]["note"] == {"type": ["string", "null"]}
    assert properties["owner"]["type"] == ["object", "null"]


WRONG: dict[str, tuple[Any, str]] = {
    "colour": ("GREEN", "UNKNOWN_VALUE"),
    "id": ("x", "INVALID_ID"),
    "madeDate": ("soon", "INVALID_DATE"),
    "title": ("\0", "INVALID_TEXT"),
    "howMany": (8, "INVALID_NUMBER"),
    "details": ({"type": "EMAIL", "email": "x"}, "INVALID_EMAIL"),
    "inner": ([], "WRONG_TYPE"),
    "secondColour": (1, "WRONG_TYPE"),
    "otherInner": ({"colour": "RED"}, "UNKNOWN_FIELD"),
    "lastDate": ("2024-01-01T00:00:00", "DATE_WITHOUT_OFFSET"),
    "hiddenDate": (5, "WRONG_TYPE"),
    "owner": (7, "WRONG_TYPE"),
    "extendedFields": ({"namespaces": {"a": {"b": float("nan")}}}, "INVALID_NUMBER"),
}


def test_what_is_wrong_is_explained_all_at_once() -> None:
    """Every field has its own violation, beside all the others."""
    assert set(WRONG) == {each.wire_name for each in declared_fields(Everything)}
    data = {name: value for name, (value, _) in WRONG.items()}
    problems = Problems(data, "")
    assert KIND.read(data, "", problems) is INVALID
    codes = {each.path.split(".")[0]: each.code.value for each in problems.found}
    assert codes == {name: code for name, (_, code) in WRONG.items()}


@pytest.mark.parametrize("name", KIND.schema["required"])
@pytest.mark.parametrize("is_null", [False, True])
def test_what_is_required_is_missed(name: str, is_null: bool) -> None:
    """A field without a default is required, and null does not stand for it."""
    data = {key: value for key, value in LEAST_WRITTEN.items() if key != name}
    given: dict[str, Any] = {name: None} if is_null else {}
    problems = Problems(data, "")
    KIND.read(data | given, "", problems)
    assert [(each.path, each.code.value) for each in problems.found] == [(name, "REQUIRED")]


def test_a_rule_of_a_class_is_explained() -> None:
    """What a class refuses beyond the types of its fields is a violation at the caller's path."""
    data = LEAST_WRITTEN | {"inner": {"note": "secret"}}
    problems = Problems(data, "root")
    assert KIND.read(data, "root", problems) is INVALID
    assert [(each.path, each.code.value) for each in problems.found] == [
        ("root.inner.note", "NOT_ALLOWED")
    ]


def test_a_required_text_is_no_number() -> None:
    """What builds the class itself is told what the field takes."""
    wrong: Any = 5
    with pytest.raises(InvalidConsent, match=r"^title: must be a str \["):
        evolve(LEAST, title=wrong)


def test_null_stands_for_the_default() -> None:
    """A field that is null is a field that is not there."""
    nulls = dict.fromkeys(["secondColour", "otherInner", "lastDate", "extendedFields"])
    assert KIND.accept(LEAST_WRITTEN | nulls) == LEAST


def test_a_type_without_a_json_form_is_refused() -> None:
    """An author who declares one is told at once which field it is."""

    @frozen
    class Odd:
        weight: complex

    with pytest.raises(TypeError, match=r"^weight: no JSON form of complex is known$"):
        object_of(Odd)
