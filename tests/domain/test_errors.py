"""Errors are data.

Typed fields, derived messages, one tree, no personal data (design, section 6).
"""

import pickle
from collections.abc import Callable

import pytest

from consent_core.domain.checks import refuse
from consent_core.domain.errors import (
    ChartError,
    Conflict,
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    Contended,
    InvalidConsent,
    PermissionDenied,
    RepositoryError,
    RevisionMismatch,
    Unavailable,
    Violation,
)
from consent_core.domain.identifiers import Email
from consent_core.domain.vocabulary import ViolationCode
from tests.domain.builders import ADA, ID, LINE

TWO = (
    Violation("details.email", ViolationCode.INVALID_EMAIL, "must be an address"),
    Violation("", ViolationCode.WRONG_TYPE, "must be an object"),
)

# Each error, the fields it was made of, and its message.
ALL: list[tuple[Callable[[], ConsentError], dict[str, object], str]] = [
    (
        lambda: InvalidConsent(list(TWO)),
        {"violations": TWO},
        (
            "details.email: must be an address [INVALID_EMAIL]; "
            "request: must be an object [WRONG_TYPE]"
        ),
    ),
    (lambda: ConsentNotFound(ID), {"subject": ID}, f"there is no consent for {ID}"),
    (lambda: ConsentNotFound(ADA), {"subject": ADA}, "there is no consent for a***@e***"),
    (lambda: ConsentNotFound(LINE), {"subject": LINE}, "there is no consent for +12***72"),
    (
        lambda: ConsentAlreadyExists(ID),
        {"consent_id": ID},
        f"the identifier already has the consent {ID}; upsert or update it instead",
    ),
    (
        lambda: PermissionDenied("SCOPE.X"),
        {"permission": "SCOPE.X"},
        "this needs the permission SCOPE.X",
    ),
    (
        lambda: Conflict(["a", "b"]),
        {"changes": ("a", "b")},
        "2 change(s) met another revision than they expected",
    ),
    (
        lambda: RevisionMismatch(3, 4),
        {"expected": 3, "stored": 4},
        "expected revision 3, but revision 4 is stored",
    ),
    (lambda: Contended(9), {"attempts": 9}, "other writers were faster 9 times; try again later"),
    (
        lambda: Unavailable("timeout"),
        {"why": "timeout", "error_class": None, "code": None, "constraint": None},
        "the store is unavailable: timeout",
    ),
    (
        lambda: Unavailable("refused", "UniqueViolation", "23505", "one_each"),
        {
            "why": "refused",
            "error_class": "UniqueViolation",
            "code": "23505",
            "constraint": "one_each",
        },
        "the store is unavailable: refused (23505, one_each)",
    ),
    (lambda: ChartError("no arrow"), {}, "no arrow"),
]
every_error = pytest.mark.parametrize(
    ("make", "fields", "message"), ALL, ids=[message for _, _, message in ALL]
)


@every_error
def test_fields_are_the_interface_and_messages_derived(
    make: Callable[[], ConsentError], fields: dict[str, object], message: str
) -> None:
    """Design, principle 7: "Typed fields are the API, messages are derived from them"."""
    error = make()
    assert vars(error) == fields
    assert error.args == (tuple(fields.values()) or (message,))
    assert str(error) == message


@every_error
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_survive_pickling(
    make: Callable[[], ConsentError], fields: dict[str, object], message: str, protocol: int
) -> None:
    """Errors travel from worker processes with fields and message."""
    error = make()
    again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - our own bytes
    assert type(again) is type(error)
    assert vars(again) == fields
    assert str(again) == message


@every_error
def test_reprs_are_free_of_personal_data(
    make: Callable[[], ConsentError], fields: dict[str, object], message: str
) -> None:
    """Design, principle 7: a message ends up in logs, and so does a repr."""
    shown = repr(make()) + repr(fields) + message
    assert ADA.address not in shown
    assert LINE.address not in shown


def test_the_tree() -> None:
    """Design, section 6: one root, and the parents that Python programs expect."""
    assert all(isinstance(make(), ConsentError) for make, _, _ in ALL)
    assert issubclass(InvalidConsent, ValueError)
    assert issubclass(ConsentNotFound, LookupError)
    for kind in (Conflict, RevisionMismatch, Contended, Unavailable):
        assert issubclass(kind, RepositoryError)
    for other in (
        InvalidConsent,
        ConsentNotFound,
        ConsentAlreadyExists,
        PermissionDenied,
        ChartError,
    ):
        assert not issubclass(other, RepositoryError)
    assert issubclass(RepositoryError, ConsentError)
    assert not issubclass(ConsentError, ValueError | LookupError)


def test_a_generator_of_violations_is_read_once() -> None:
    """The error holds all of them however they were given."""
    assert InvalidConsent(violation for violation in TWO).violations == TWO
    assert InvalidConsent([]).violations == ()


def test_refusing_tells_all_problems_below_a_path() -> None:
    """All problems become one error, by wire name; none is no error."""
    problem = (ViolationCode.REQUIRED, "is required")
    with pytest.raises(InvalidConsent) as error:
        refuse("top", first=problem, second=None, third=problem)
    assert [(v.path, v.code, v.description) for v in error.value.violations] == [
        ("top.first", *problem),
        ("top.third", *problem),
    ]
    with pytest.raises(InvalidConsent) as error:
        refuse("", first=problem)
    assert error.value.violations[0].path == "first"
    refuse("top", first=None)


def test_a_parser_does_not_chain_what_would_quote_the_address() -> None:
    """A traceback shows causes too.

    The validator's own error, which quotes the address, is left out.
    """
    with pytest.raises(InvalidConsent) as error:
        Email("secret name@example.org")
    assert error.value.__suppress_context__
    assert "secret" not in str(error.value)
