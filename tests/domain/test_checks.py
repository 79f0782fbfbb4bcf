"""Hints of errors: they name the nearest known word, and never repeat what was sent."""

import pytest

from consent_core.domain.checks import nearest
from consent_core.domain.topic_words import not_declared, topic_path

KNOWN = ["updatedDate", "optInLevel", "LINK_CONFIRMATION"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("updated_date", "updatedDate"),
        ("UPDATEDDATE", "updatedDate"),
        ("opt_in_levl", "optInLevel"),
        ("linkConfirmation", "LINK_CONFIRMATION"),
        ("opt", "optInLevel"),  # three letters of it are enough
        ("link_confirmation" + "_" * 31, "LINK_CONFIRMATION"),  # 48 characters are looked at
    ],
)
def test_the_nearest_word_is_named(word: str, meant: str) -> None:
    """Section 3, rule 8: "naming the nearest known word", whatever its spelling."""
    assert nearest(word, KNOWN) == f"did you mean {meant}?"


@pytest.mark.parametrize("word", ["op", "zzz", "", 7, None, "link_confirmation" + "_" * 32])
def test_all_words_are_listed_where_none_is_near(word: object) -> None:
    """Two letters are in too many words, and a long text is no typo."""
    assert nearest(word, KNOWN) == "known are updatedDate, optInLevel, LINK_CONFIRMATION"


def test_a_policy_without_topics_says_so() -> None:
    """There is no nearest one."""
    assert not_declared("news", {})[1] == "is no topic that the policy declares; it declares none"


def test_a_topic_that_could_be_a_number_is_not_shown() -> None:
    """Seven digits could be dialled, six could not."""
    assert topic_path("sale-202412") == "topics.sale-202412"
    assert topic_path("sale-2024121") == "topics.?"
