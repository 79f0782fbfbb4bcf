"""The rules of topics, asked of the code."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import consent_core as cc
from tests.docs.reference.enums import meanings
from tests.docs.reference.tables import code, table

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_IN, _OUT = cc.TopicChoice.IN, cc.TopicChoice.OUT

_STORIES: Final[tuple[tuple[str, tuple[cc.TopicActivity, ...]], ...]] = (
    ("nothing", ()),
    ("IN", (cc.TopicActivity(_IN, _NOW),)),
    ("OUT", (cc.TopicActivity(_OUT, _NOW),)),
    (
        "OUT, then IN by anyone else",
        (cc.TopicActivity(_OUT, _NOW - timedelta(days=1)), cc.TopicActivity(_IN, _NOW)),
    ),
    (
        "OUT, then IN by the person",
        (
            cc.TopicActivity(_OUT, _NOW - timedelta(days=1)),
            cc.TopicActivity(_IN, _NOW, cc.Actor.SUBJECT),
        ),
    ),
)
"""What was chosen of a topic, with the words for it."""


def _table() -> str:
    rows = [
        (words, *(_answer(default, choices) for default in cc.TopicDefault))
        for words, choices in _STORIES
    ]
    heading = ("chosen", *(f"a topic that is {code(each)}" for each in cc.TopicDefault))
    return table(heading, rows)


def _answer(default: cc.TopicDefault, choices: tuple[cc.TopicActivity, ...]) -> str:
    """Whether somebody who consented gets the topic."""
    consents = cc.ConsentService(policy=cc.Policy(topics={"topic": default}), clock=lambda: _NOW)
    consents.opt_in("ada@example.org", updated_date=_NOW - timedelta(days=2))
    for each in choices:
        consents.upsert(cc.Upsert(details=cc.Email("ada@example.org"), topics={"topic": each}))
    reasons = consents.may_contact("ada@example.org", topic="topic").reasons
    return ", ".join(map(code, reasons)) or "granted"


def _questions() -> str:
    rows = [
        (code(f"topic=cc.TopicQuestion.{word}"), meaning)
        for word, meaning in meanings(cc.TopicQuestion).items()
    ]
    return table(("asked", "means"), rows)


TOPICS: Final[dict[str, Callable[[], str]]] = {
    "topic-table": _table,
    "topic-questions": _questions,
}
"""The parts of the page on topics, by name."""
