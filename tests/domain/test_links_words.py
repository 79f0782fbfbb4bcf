"""The words of links: language tags, refused tokens."""

import pickle

import pytest

from consent_core.domain.errors import InvalidConsent, InvalidToken
from consent_core.domain.language import check_language
from consent_core.domain.vocabulary import TokenRefusal, ViolationCode

LONGEST = "de-x-" + "-".join(["a" * 8] * 6 + ["a" * 5])


@pytest.mark.parametrize(
    "tag", [None, "de", "pt-BR", "zh-Hant-TW", "x-pig-latin", "a" * 2 + "-x-" + "b" * 8, LONGEST]
)
def test_well_formed_tags_are_taken_as_they_are(tag: str | None) -> None:
    """RFC 5646: the case and the parts of a tag are the caller's."""
    assert check_language(tag) == tag


@pytest.mark.parametrize("tag", ["", "de_DE", "d", "de-", "de-" + "-".join(["abcde"] * 11)])
def test_other_tags_are_refused(tag: str) -> None:
    """Section 6: "a BCP 47 tag", and nothing longer than anyone needs."""
    with pytest.raises(InvalidConsent) as error:
        check_language(tag)
    (violation,) = error.value.violations
    assert (violation.path, violation.code) == ("linkLanguage", ViolationCode.INVALID_LANGUAGE)
    assert violation.description == "must be a BCP 47 tag such as de or pt-BR"


@pytest.mark.parametrize("reason", TokenRefusal)
def test_a_refused_token_says_why(reason: TokenRefusal) -> None:
    """As a field, in the message, and after pickling."""
    error = pickle.loads(pickle.dumps(InvalidToken(reason)))  # noqa: S301  # our own bytes
    assert (error.reason, error.args) == (reason, (reason,))
    assert str(error) == f"the link is not valid: {reason.value.lower().replace('_', ' ')}"
