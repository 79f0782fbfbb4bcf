"""E-mail addresses are parsed, normalised and refused as section 3, rule 2, says."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH, Email, address_key
from consent_core.domain.vocabulary import Channel, ViolationCode
from tests.domain.builders import violations_of

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).parent.parent.joinpath("vectors", "email.json").read_text(encoding="utf-8")
)
GOOD = [case for case in CASES if case["valid"]]
BAD = [case for case in CASES if not case["valid"]]

local_parts = st.text(
    "abcABC019.+-_'éYJ\u030a\u030c\u00df\u017f\u212a\u0131", min_size=1, max_size=12
)
domains = st.sampled_from(
    ["example.org", "EXAMPLE.com", "bücher.example", "xn--bcher-kva.example", "a.b.example.net"]
)
addresses = st.builds(lambda local, domain: f"{local}@{domain}", local_parts, domains)


def parse(text: str) -> Email | None:
    """The address, or None where it is refused."""
    try:
        return Email(text)
    except InvalidConsent:
        return None


def test_the_vectors_hold_both_kinds() -> None:
    """The parametrised tests below are not empty."""
    assert len(GOOD) > 20
    assert len(BAD) > 10


@pytest.mark.parametrize("case", GOOD, ids=range(len(GOOD)))
def test_an_accepted_address_is_kept_as_it_normalises(case: dict[str, str]) -> None:
    """Rule 2: "local part's case kept, domain lowered, NFC".

    The key is "``address.lower()`` in NFC".
    """
    email = Email(case["input"])
    assert (email.address, email.key) == (case["address"], case["key"])
    assert email.key == unicodedata.normalize("NFC", email.address.lower())


@pytest.mark.parametrize("case", BAD, ids=range(len(BAD)))
def test_a_refused_address_is_named_and_not_quoted(case: dict[str, str]) -> None:
    """Refused is ``details.email``, and the message tells the log nothing of the address."""
    with pytest.raises(InvalidConsent) as error:
        Email(case["input"])
    ((path, code),) = violations_of(error)
    assert path == "details.email"
    assert code in {ViolationCode.INVALID_EMAIL, ViolationCode.TOO_LONG}
    said = case["input"].strip()
    assert len(said) < 3 or said not in str(error.value)


@pytest.mark.parametrize("value", [None, 7, b"ada@example.org", ["ada@example.org"]])
def test_an_address_must_be_a_string(value: Any) -> None:
    """Section 3, rule 8: a wrong type is a violation, not a TypeError."""
    with pytest.raises(InvalidConsent, match=r": must be a string \[") as error:
        Email(value)
    assert violations_of(error) == [("details.email", ViolationCode.WRONG_TYPE)]


def test_an_address_may_have_320_characters_of_input_and_no_more() -> None:
    """Section 3, rule 9.

    Identifiers have 320 characters at most, counted before anything else is done.
    """
    core = "a@example.org"
    assert Email(core.ljust(MAX_IDENTIFIER_LENGTH)).address == core
    with pytest.raises(InvalidConsent, match=r": must have at most 320 characters \[") as error:
        Email(core.ljust(MAX_IDENTIFIER_LENGTH + 1))
    assert violations_of(error) == [("details.email", ViolationCode.TOO_LONG)]


@pytest.mark.parametrize("around", ["\n", "\r", "\x0b", "\u00a0", "\u3000"])
def test_only_spaces_and_tabs_are_trimmed(around: str) -> None:
    """Rule 2: "spaces and tabs around it are trimmed", and nothing else."""
    assert Email(" \t ada@example.org\t ").address == "ada@example.org"
    assert parse(f"ada@example.org{around}") is None


@given(st.text())
@example("a@b")
@example("@")
@example("\ud800@example.org")
@example("ada@\ud800.example")
def test_any_text_is_an_address_or_invalid(text: str) -> None:
    """Nothing but InvalidConsent leaves the parser, whatever the text."""
    email = parse(text)
    assert email is None or "@" in email.address


@given(addresses)
def test_a_normalised_address_is_read_as_itself(text: str) -> None:
    """What is stored can be sent again.

    Parsing the address gives the same identifier, spelled the same.
    """
    email = parse(text)
    if email is not None:
        again = Email(email.address)
        assert (again, again.address) == (email, email.address)


@given(addresses)
def test_an_address_compares_without_case_and_is_not_folded(text: str) -> None:
    """Rule 2: the key is the lower case, "never casefold, which merges different mailboxes"."""
    email = parse(text)
    if email is not None:
        assert Email.restore(email.address.lower()) == email
        assert email.key == unicodedata.normalize("NFC", email.address.lower())


@pytest.mark.parametrize(
    ("capital", "small"),
    [("Y\u030a", "\u1e99"), ("J\u030c", "\u01f0"), ("T\u0308", "\u1e97")],
)
def test_a_letter_that_only_its_small_form_composes_is_one_name(capital: str, small: str) -> None:
    """Rule 2: the key is "``address.lower()`` in NFC".

    Y with a ring is one character, Y with a ring is two.
    """
    known = Email(f"{capital}@example.org")
    for spelled in (small, unicodedata.normalize("NFD", small), capital.lower(), small.upper()):
        assert Email(f"{spelled}@example.org") == known, ascii(spelled)
    assert known.key == f"{small}@example.org"
    assert Email.restore(known.key) == known


@given(st.text())
def test_the_key_of_a_key_is_itself(text: str) -> None:
    """A key that was stored and is made again stays.

    And NFC before the lower case changes nothing.
    """
    key = address_key(text)
    assert address_key(key) == key == address_key(unicodedata.normalize("NFC", text))


def test_mailboxes_that_casefold_would_merge_are_two() -> None:
    """Rule 2: ß and ss, and the long s and s, are different mailboxes.

    Dots and tags are not folded.
    """
    assert Email("straße@example.org") != Email("strasse@example.org")
    assert Email("\u017fam@example.org") != Email("sam@example.org")
    assert Email("a.b@example.org") != Email("ab@example.org")
    assert Email("a+x@example.org") != Email("a@example.org")


@given(
    addresses.map(lambda text: text.replace("@", "@exa mple."))
    | addresses.map(lambda text: text + "@")
)
def test_no_refusal_carries_the_address(text: str) -> None:
    """Messages end up in logs.

    None carries the address, nor the part before the sign if it is long enough to tell.
    """
    with pytest.raises(InvalidConsent) as error:
        Email(text)
    local = text.split("@", maxsplit=1)[0]
    assert text not in str(error.value)
    assert len(local) < 6 or local not in str(error.value)


def test_a_refusal_ends_where_the_validator_would_quote_the_address() -> None:
    """The description is email-validator's sentence up to the quotation, as a fragment."""
    with pytest.raises(InvalidConsent) as error:
        Email("a b@example.org")
    assert error.value.violations[0].description == "contains invalid characters before the @-sign"
    with pytest.raises(InvalidConsent) as error:
        Email("ada")
    assert error.value.violations[0].description == "must have an @-sign"
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_an_address_is_masked_in_repr_and_str() -> None:
    """No message carries a full address: one letter of each part is shown."""
    email = Email("Ada.Lovelace@Example.org")
    assert str(email) == "A***@e***"
    assert repr(email) == "Email('A***@e***')"
    assert email.channel is Channel.EMAIL


def test_the_sign_that_splits_an_address_is_the_last_one() -> None:
    """A stored address with a quoted sign is masked by its domain."""
    assert str(Email.restore('"a@b"@example.org')) == '"***@e***'


def test_restore_does_not_judge() -> None:
    """What was valid when it was stored stays readable, whatever a later version thinks of it."""
    email = Email.restore("Old@localhost")
    assert (email.address, email.key) == ("Old@localhost", "old@localhost")


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("@example.org", "must have something before the @-sign"),
        (".ada@example.org", "cannot start with a period"),
        ("ada@example", "must be an e-mail address: the part after the @-sign is not valid"),
    ],
)
def test_a_refusal_follows_the_name_of_the_field(text: str, description: str) -> None:
    """Every description is a fragment: "details.email must have ..."."""
    with pytest.raises(InvalidConsent) as error:
        Email(text)
    assert error.value.violations[0].description.startswith(description)
