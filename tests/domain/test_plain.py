"""What is recognised without email-validator and phonenumbers is what they would have answered."""

import re
from collections.abc import Callable
from random import Random

import phonenumbers
import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES
from hypothesis import settings

from consent_core.domain.email_syntax import plain_email
from consent_core.domain.phone_numbers import plain_phone

CASES = settings.default.max_examples * 250 if settings.default else 0
"""For each seed: some thousands by default, half a million and more in the deep profile."""

SEEDS = range(4)

LOCAL_CHARACTERS = "abcxyzABCXYZ0123456789._-+'!#$%&*/=?^`{|}~"
STRANGE = [
    *'@"\\ ()<>[]:;,\t\n\r\0\u017f\u212a\u0131\u00df\u0130é',
    *"\u3002\uff0e\uff21\u00ad\u200d\u0660\u0301",
    "--",
    "..",
    "xn--",
    ".-",
]
TOPS = [
    "com",
    "org",
    "COM",
    "de",
    "museum",
    "c",
    "x9",
    "9x",
    "123",
    "c-m",
    "xn--p1ai",
    "co.uk",
    "",
    *SPECIAL_USE_DOMAIN_NAMES,
]


def characters(random: Random) -> str:
    """A local part of any characters that an atom may have, and of a length near the bound."""
    length = random.choice([1, 2, 5, 8, 12, 62, 63, 64, 65, 66])
    return "".join(random.choices(LOCAL_CHARACTERS, k=length))


def local_part(random: Random) -> str:
    """Mostly plain, some in a form that email-validator rewrites, some next to it."""
    if random.random() < 0.1:
        name = random.choice(CASE_INSENSITIVE_MAILBOX_NAMES)
        return random.choice([name, name.upper(), name.title(), f"{name}.a", f"a-{name}"])
    words = [
        "".join(random.choices(LOCAL_CHARACTERS[:22], k=random.randint(1, 8)))
        for _ in range(random.randint(1, 3))
    ]
    return random.choice([".".join(words), characters(random)])


def label(random: Random) -> str:
    """A label of a host name, some with a fault, some too long."""
    length = random.choice([1, 2, 3, 4, 7, 10, 30, 61, 62, 63, 64])
    text = "".join(random.choices("abcXYZ019", k=length))
    position = random.randrange(length + 1)
    return (
        text
        if random.random() < 0.6
        else text[:position] + random.choice(["-", "--", "_"]) + text[position:]
    )


def address(random: Random) -> str:
    """An address from plain to broken, most of them near the border between both."""
    labels = [label(random) for _ in range(random.choice([0, 1, 1, 1, 2, 3, 5]))]
    domain = ".".join([*labels, random.choice(TOPS)])
    text = f"{local_part(random)}@{domain}"
    if random.random() < 0.2:
        position = random.randrange(len(text) + 1)
        text = text[:position] + random.choice(STRANGE) + text[position + random.randint(0, 1) :]
    return text


def full_email(text: str) -> str | None:
    """What is kept of an address when email-validator alone decides."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def full_phone(text: str) -> str | None:
    """What is kept of a number when phonenumbers alone decides."""
    try:
        number = phonenumbers.parse(f"+{text}")
    except phonenumbers.NumberParseException:
        return None
    normalised = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if normalised[1:] != re.sub(r"\D", "", text):
        return full_phone(normalised[1:])
    return normalised if phonenumbers.is_possible_number(number) else None


def number(random: Random) -> str:
    """A country code that exists, or nearly, and digits of any length.

    Often with what may be a trunk prefix.
    """
    code = str(random.choice([*phonenumbers.COUNTRY_CODE_TO_REGION_CODE, random.randint(0, 999)]))
    prefix = random.choice(["", "", "", "0", "1", "8", "00", "06", "011", "90", "15", "044", "9"])
    return code + prefix + "".join(random.choices("0123456789", k=random.randint(0, 16)))


def share_of_plain(
    make: Callable[[Random], str],
    plain: Callable[[str], str | None],
    full: Callable[[str], str | None],
    seed: int,
) -> float:
    """Compares both on many cases; how many of the good ones were recognised at once."""
    random = Random(seed)  # noqa: S311  # nothing secret
    good = recognised = 0
    for _ in range(CASES):
        text = make(random)
        answer, at_once = full(text), plain(text)
        assert at_once is None or at_once == answer, ascii(text)
        good += answer is not None
        recognised += at_once is not None
    return recognised / good


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plain_address_is_what_email_validator_makes_of_it(seed: int) -> None:
    """Section 3, rule 2: "email-validator without DNS decides".

    And the shortcut is worth having.
    """
    assert share_of_plain(address, plain_email, full_email, seed) > 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plain_number_is_what_phonenumbers_makes_of_it(seed: int) -> None:
    """Section 3, rule 3: "parsed by phonenumbers", possible, and E.164."""
    assert share_of_plain(number, plain_phone, full_phone, seed) > 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_separators_change_nothing(seed: int) -> None:
    """A number is looked up by its digits.

    Phonenumbers reads the same from the text with its separators.
    """
    random = Random(seed)  # noqa: S311  # nothing secret
    for _ in range(CASES // 4):
        digits = number(random)
        text = "".join(digit + random.choice(["", "", *" .-/()"]) for digit in digits)
        assert plain_phone(digits) in {None, full_phone(text)}, text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 65 + "@example.org",
        "Info@example.org",
        "ada@example.test",
        "ada@a--b.example",
        "ada@xn--bcher-kva.example",
        "ada@example.123",
        "ada@example",
        "\u212aelvin@example.org",
        "ada@" + "a" * 64 + ".org",
        "ada@example.org\n",
    ],
)
def test_what_is_not_plain_is_left_to_email_validator(text: str) -> None:
    """Rewritten, reserved, refused, or too long to tell at once."""
    assert plain_email(text) is None


def test_a_domain_that_the_application_refuses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """email-validator lets applications change its list of special domains; the list is its own."""
    assert plain_email("ada@mailinator.com") is not None
    monkeypatch.setattr(
        "email_validator.SPECIAL_USE_DOMAIN_NAMES", [*SPECIAL_USE_DOMAIN_NAMES, "mailinator.com"]
    )
    assert plain_email("ada@mailinator.com") is None


@pytest.mark.parametrize(
    "digits",
    ["", "0", "999", "1", "1120255501", "4902012345678", "390612345678", "12025550172" * 2],
)
def test_what_is_not_plain_is_left_to_phonenumbers(digits: str) -> None:
    """No country code, a leading zero, a trunk prefix, or a length that no number has."""
    assert plain_phone(digits) is None


def test_the_plain_majority_is_plain() -> None:
    """What most people have is recognised."""
    assert plain_email("Ada.Lovelace+news@Mail.Example.org") == "Ada.Lovelace+news@mail.example.org"
    assert plain_phone("12025550172") == "+12025550172"
