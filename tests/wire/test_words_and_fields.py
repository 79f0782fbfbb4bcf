"""Unknown words, wrong JSON types and unknown fields: rule 8 of the contract's section 3."""

from typing import Any

import pytest

from tests.wire.bodies import ADA, Body, body, confirmed, found, full, revoked, told

REVOKE_SOURCES = ["UNKNOWN_SOURCE", "IN_PERSON", "FORM", "REVOKE_LINK", "WIX_USERS", "OTHER"]
CONFIRMATION_SOURCES = [
    "UNKNOWN_SOURCE",
    "IN_PERSON",
    "FORM",
    "LINK_CONFIRMATION",
    "EMAIL_SERVICE",
    "WIX_USERS",
    "OTHER",
]
LEVELS = ["UNKNOWN_OPT_IN_LEVEL", "SINGLE_CONFIRMATION", "DOUBLE_CONFIRMATION"]


@pytest.mark.parametrize(
    ("sent", "path", "words"),
    [
        (confirmed(source="?"), "lastConfirmationActivity.source", CONFIRMATION_SOURCES),
        (revoked(source="?"), "lastRevokeActivity.source", REVOKE_SOURCES),
        (confirmed(optInLevel="?"), "lastConfirmationActivity.optInLevel", LEVELS),
        (body(details={"type": "?", "email": ADA}), "details.type", ["EMAIL", "PHONE"]),
    ],
)
def test_the_words_of_the_contract_and_no_others(sent: Body, path: str, words: list[str]) -> None:
    """Section 1: the enums have these words, in this order; rule 8.

    Any other is a violation that names them.
    """
    assert found(sent) == {(path, "UNKNOWN_VALUE")}
    assert told(sent, path) == f"is not a known word; known are {', '.join(words)}"


@pytest.mark.parametrize("word", CONFIRMATION_SOURCES)
def test_confirmation_sources(word: str) -> None:
    """Section 1: every confirmation source is taken.

    LINK_CONFIRMATION and EMAIL_SERVICE for confirmations only.
    """
    expected = set() if word in REVOKE_SOURCES else {("lastRevokeActivity.source", "UNKNOWN_VALUE")}
    assert found(confirmed(source=word)) == set()
    assert found(revoked(source=word)) == expected


@pytest.mark.parametrize("word", REVOKE_SOURCES)
def test_revoke_sources(word: str) -> None:
    """Section 1: every revoke source is taken; REVOKE_LINK for revocations only."""
    expected = (
        set()
        if word in CONFIRMATION_SOURCES
        else {("lastConfirmationActivity.source", "UNKNOWN_VALUE")}
    )
    assert found(revoked(source=word)) == set()
    assert found(confirmed(source=word)) == expected


@pytest.mark.parametrize("word", LEVELS)
def test_levels(word: str) -> None:
    """Section 1: every level is taken with a confirmation."""
    assert found(confirmed(optInLevel=word)) == set()


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("form", "FORM"),
        ("LINK-CONFIRMATION", "LINK_CONFIRMATION"),
        ("inPerson", "IN_PERSON"),
        ("WIX", "WIX_USERS"),
        ("email", "EMAIL_SERVICE"),
        ("OTHR", "OTHER"),
    ],
)
def test_the_nearest_source(word: str, nearest: str) -> None:
    """Rule 8: an unknown enum word is a violation "naming the nearest known word"."""
    assert told(confirmed(source=word), "lastConfirmationActivity.source").endswith(
        f"did you mean {nearest}?"
    )


STRINGS = [
    "state",
    "details.type",
    "details.email",
    "lastConfirmationActivity.source",
    "lastConfirmationActivity.description",
    "lastConfirmationActivity.optInLevel",
    "lastConfirmationActivity.updatedDate",
    "lastRevokeActivity.source",
    "lastRevokeActivity.description",
    "lastRevokeActivity.updatedDate",
]
OBJECTS = ["details", "lastConfirmationActivity", "lastRevokeActivity", "extendedFields"]
TYPES: list[tuple[Any, str]] = [
    (1, "a number"),
    (1.5, "a number"),
    (True, "a boolean"),
    ([], "an array"),
    ({}, "an object"),
    ("", "a string"),
]


def with_value(path: str, value: Any) -> Body:
    """The full request with another value at a path."""
    sent: Body = full()
    *outer, name = path.split(".")
    inner = sent
    for step in outer:
        inner = inner[step]
    inner[name] = value
    return sent


@pytest.mark.parametrize("path", STRINGS)
@pytest.mark.parametrize(("value", "called"), TYPES[:-1])
def test_strings_are_strings(path: str, value: Any, called: str) -> None:
    """Rule 8: a wrong JSON type is a violation that names what is wanted and what was sent."""
    sent = with_value(path, value)
    assert found(sent) == {(path, "WRONG_TYPE")}
    assert told(sent, path) == f"must be a string, not {called}"


@pytest.mark.parametrize("path", OBJECTS)
@pytest.mark.parametrize(("value", "called"), [pair for pair in TYPES if pair[0] != {}])
def test_objects_are_objects(path: str, value: Any, called: str) -> None:
    """Rule 8: a wrong JSON type in the place of an object is one violation, not several."""
    sent = with_value(path, value)
    assert found(sent) == {(path, "WRONG_TYPE")}
    assert told(sent, path) == f"must be an object, not {called}"


@pytest.mark.parametrize(
    ("value", "called"), [*(pair for pair in TYPES if pair[0] != {}), (None, "null")]
)
def test_the_body_is_an_object(value: Any, called: str) -> None:
    """Rule 8: a body that is no object is one violation."""
    assert {code for _, code in found(value)} == {"WRONG_TYPE"}
    assert told(value, "request") == f"must be an object, not {called}"


def test_what_json_cannot_say_is_refused_in_words() -> None:
    """Rule 8: a Python value that no JSON reader gives is a wrong type, too."""
    assert told(body(b"CONFIRMED"), "state") == "must be a string, not this"


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("stat", "state"),
        ("detail", "details"),
        ("lastConfirmation", "lastConfirmationActivity"),
        ("STATE", "state"),
        ("lastrevokeactivity", "lastRevokeActivity"),
        ("extended", "extendedFields"),
        ("lastConfirmationActivity.optinlevel", "optInLevel"),
        ("lastConfirmationActivity.updated", "updatedDate"),
        ("lastConfirmationActivity.desc", "description"),
        ("details.mail", "email"),
        ("details.phone_", "phone"),
        ("extendedFields.namespace", "namespaces"),
    ],
)
def test_an_unknown_field_names_the_nearest(path: str, nearest: str) -> None:
    """Rule 8: "an unknown field: a violation each, naming the nearest known word"."""
    sent = with_value(path, None)
    assert found(sent) == {(path, "UNKNOWN_FIELD")}
    assert told(sent, path).endswith(f"did you mean {nearest}?")


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("email", "details"),
        ("phone", "details"),
        ("type", "details"),
        ("source", "lastConfirmationActivity"),
        ("description", "lastConfirmationActivity"),
        ("optInLevel", "lastConfirmationActivity"),
        ("opt_in_level", "lastConfirmationActivity"),
        ("namespaces", "extendedFields"),
    ],
)
def test_a_field_outside_its_object_is_told_where_it_belongs(name: str, home: str) -> None:
    """Rule 8: a field that belongs into a nested object is told so, in place of a guess."""
    sent = body() | {name: "x"}
    assert found(sent) == {(name, "UNKNOWN_FIELD")}
    assert told(sent, name) == f"is not known here: it belongs into {home}"


@pytest.mark.parametrize(
    "key", [ADA, "+442079460958", "", " ", "a b", "\0", "\ud800", "ключ", "x" * 200, "a1234", "a\n"]
)
def test_names_that_could_be_personal_are_not_repeated(key: str) -> None:
    """Design 1.7: no message carries a full address or number.

    Such a field is shown as a question mark.
    """
    assert found(body() | {key: 1}) == {("?", "UNKNOWN_FIELD")}


def test_an_unknown_field_is_named_in_every_object() -> None:
    """Rule 8: unknown fields are found at every depth, below the wrapper the caller sent."""
    sent = {"marketing_consent": with_value("details.foo", 1) | {"bar": 2}}
    sent["marketing_consent"]["extendedFields"]["qux"] = 3
    sent["marketing_consent"]["lastRevokeActivity"]["quux"] = 4
    paths = {"details.foo", "bar", "extendedFields.qux", "lastRevokeActivity.quux"}
    assert found(sent) == {(f"marketing_consent.{path}", "UNKNOWN_FIELD") for path in paths}


def test_suggestions_end_but_violations_do_not() -> None:
    """Rules 8 and 9: all unknown fields are named.

    Beyond some, without the costly search for the nearest word.
    """
    names = [f"statea{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(100)]
    sent = body() | dict.fromkeys(names)
    assert found(sent) == {(name, "UNKNOWN_FIELD") for name in names}
    assert told(sent, names[0]).endswith("did you mean state?")
    assert told(sent, names[-1]).endswith("see the documentation")
