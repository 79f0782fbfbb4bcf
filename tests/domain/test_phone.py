"""Phone numbers are parsed, normalised and refused as section 3, rule 3, says."""

import json
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH, Phone
from consent_core.domain.vocabulary import Channel, ViolationCode
from tests.domain.builders import violations_of

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).parent.parent.joinpath("vectors", "phone.json").read_text(encoding="utf-8")
)
GOOD = [case for case in CASES if case["accepted_by_default"]]
BAD = [case for case in CASES if not case["accepted_by_default"]]

country_codes = st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
leading_zeros = st.sampled_from(["", "0", "00", "000", "0000", "8", "1", "15"])
national = st.text("0123456789", min_size=1, max_size=14)
numbers = st.builds(
    lambda code, zeros, rest: f"+{code}{zeros}{rest}", country_codes, leading_zeros, national
)
shaped = st.text("0123456789 .-/()", max_size=20).map(lambda rest: f"+{rest}")


def parse(text: str) -> Phone | None:
    """The number, or None where it is refused."""
    try:
        return Phone(text)
    except InvalidConsent:
        return None


def test_the_vectors_hold_both_kinds() -> None:
    """The parametrised tests below are not empty."""
    assert len(GOOD) > 10
    assert len(BAD) > 10


@pytest.mark.parametrize("case", GOOD, ids=range(len(GOOD)))
def test_an_accepted_number_is_stored_and_compared_as_e164(case: dict[str, Any]) -> None:
    """Rule 3: "Stored and compared as E.164"; whether it is also valid is a second question."""
    phone = Phone(case["input"])
    assert (phone.address, phone.key) == (case["e164"], case["e164"])
    assert phone.is_valid() is case["valid"]


@pytest.mark.parametrize("case", BAD, ids=range(len(BAD)))
def test_a_refused_number_is_named_and_not_quoted(case: dict[str, Any]) -> None:
    """Refused is ``details.phone``, and the message tells the log nothing of the number."""
    with pytest.raises(InvalidConsent) as error:
        Phone(case["input"])
    ((path, code),) = violations_of(error)
    assert path == "details.phone"
    assert code in {ViolationCode.INVALID_PHONE, ViolationCode.TOO_LONG}
    digits = "".join(c for c in case["input"] if c.isdigit())
    assert not digits or digits not in str(error.value).replace("+12025550172", "the example")


@pytest.mark.parametrize("value", [None, 12025550172, b"+12025550172"])
def test_a_number_must_be_a_string(value: Any) -> None:
    """Section 3, rule 8: a wrong type is a violation, not a TypeError."""
    with pytest.raises(InvalidConsent, match=r": must be a string \[") as error:
        Phone(value)
    assert violations_of(error) == [("details.phone", ViolationCode.WRONG_TYPE)]


def test_a_long_text_is_left_to_phonenumbers() -> None:
    """Rule 3.

    "parsed by phonenumbers", which refuses long texts, whatever is between the digits.
    """
    with pytest.raises(InvalidConsent):
        Phone("+1" + " " * 260 + "2025550172")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2025550172", "must be a plus sign, the country code and digits, such as +12025550172"),
        (" +12025550172", "must be a plus sign, the country code and digits, such as +12025550172"),
        ("+1202555017x", "must be a plus sign, the country code and digits, such as +12025550172"),
        (
            "+12025550172 ext. 5",
            "must be a plus sign, the country code and digits, such as +12025550172",
        ),
        (
            "+1\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0667\u0662",
            "must be a plus sign, the country code and digits, such as +12025550172",
        ),
        ("+", "must begin with a plus sign and a country code that exists"),
        ("+9992025550172", "must begin with a plus sign and a country code that exists"),
        ("+1202555", "has too many or too few digits for its country"),
        ("+120255501721", "has too many or too few digits for its country"),
    ],
)
def test_a_refusal_says_what_to_mend(text: str, sentence: str) -> None:
    """Rule 3: a plus sign, digits and separators; a country code; a possible length."""
    with pytest.raises(InvalidConsent) as error:
        Phone(text)
    (violation,) = error.value.violations
    assert (violation.path, violation.code) == ("details.phone", ViolationCode.INVALID_PHONE)
    assert violation.description == sentence
    assert error.value.__cause__ is None


def test_all_separators_are_read() -> None:
    """Rule 3: space, full stop, hyphen, slash and parentheses may stand between the digits."""
    assert Phone("+1 (202)/555.01-72") == Phone("+12025550172")


def test_a_number_may_have_320_characters_of_input_and_no_more() -> None:
    """Section 3, rule 9: longer input is refused before it is read, shorter is only no number."""
    with pytest.raises(InvalidConsent) as error:
        Phone("+".ljust(MAX_IDENTIFIER_LENGTH, "1"))
    assert violations_of(error) == [("details.phone", ViolationCode.INVALID_PHONE)]
    with pytest.raises(InvalidConsent) as error:
        Phone("+".ljust(MAX_IDENTIFIER_LENGTH + 1, "1"))
    assert violations_of(error) == [("details.phone", ViolationCode.TOO_LONG)]


@given(st.text() | shaped | numbers)
@example("+" + "0" * 300)
@example("+44" + "0" * 300)
@example("+54 9 0011 15")
def test_any_text_is_a_number_or_invalid(text: str) -> None:
    """Nothing but InvalidConsent leaves the parser, whatever the text."""
    phone = parse(text)
    assert phone is None or phone.address.startswith("+")


@given(numbers)
@example("+44002079460958")
@example("+440002079460958")
@example("+39006612345678")
@example("+5490115551234567")
@example("+5200015512345678")
def test_a_normalised_number_is_read_as_itself(text: str) -> None:
    """A key that is read again is itself, however many zeros follow the country code."""
    phone = parse(text)
    if phone is not None:
        again = Phone(phone.address)
        assert (again, again.address) == (phone, phone.address)
        assert phonenumbers.is_possible_number(phonenumbers.parse(phone.address))


@pytest.mark.parametrize("zeros", ["0", "(0)", "00", "(0)0", "000"])
def test_trunk_zeros_do_not_make_another_number(zeros: str) -> None:
    """However often the trunk prefix was typed, the person is the same."""
    assert parse(f"+44 {zeros} 20 7946 0958") in (None, Phone("+442079460958"))
    assert Phone("+44 (0)20 7946 0958") == Phone("+442079460958")


def test_an_italian_zero_is_part_of_the_number() -> None:
    """Where zeros belong to the number they stay."""
    assert Phone("+39 06 1234 5678").address == "+390612345678"


@given(numbers)
def test_no_message_carries_the_number(text: str) -> None:
    """Messages end up in logs: neither a refusal nor a masked number carries the digits."""
    try:
        phone = Phone(text)
    except InvalidConsent as error:
        assert text not in str(error)  # noqa: PT017 - one of two outcomes
    else:
        assert phone.address not in str(phone) + repr(phone)


@given(numbers)
@example("+4928")
@example("+49673")
def test_a_mask_hides_digits_of_every_number(text: str) -> None:
    """No message carries a full number (design, principle 7).

    Two digits are hidden even of the shortest possible.
    """
    phone = parse(text)
    if phone is not None:
        assert len(str(phone).replace("***", "")) <= len(phone.address) - 2


def test_a_number_is_masked_in_repr_and_str() -> None:
    """No message carries a full number: its beginning and its last two digits are shown."""
    phone = Phone("+12025550172")
    assert str(phone) == "+12***72"
    assert repr(phone) == "Phone('+12***72')"
    assert phone.channel is Channel.PHONE


def test_a_short_number_shows_no_end() -> None:
    """From nine characters on, the end is shown, too."""
    assert str(Phone.restore("+2904123")) == "+29***"
    assert str(Phone.restore("+29041234")) == "+29***34"


def test_restore_does_not_judge() -> None:
    """What was valid when it was stored stays readable, whatever a later version thinks of it."""
    phone = Phone.restore("+0")
    assert (phone.address, phone.key) == ("+0", "+0")
