"""The attack.

Nobody who left is contactable without a later yes, whatever comes when and through which door.

It is quick by default; the environment variable CONSENT_CORE_HYPOTHESIS=deep makes it tell more
than a million stories.
"""

import os
from typing import Final

import pytest
from hypothesis import settings

from consent_core import Ordering, Policy
from tests.attack.policies import MARGIN, RIGHT, WRONG
from tests.attack.search import (
    Attack,
    explained,
    play,
    search,
    search_in_processes,
    shortest,
    story_of,
    telling,
)

DEEP: Final = os.environ.get("CONSENT_CORE_HYPOTHESIS") == "deep"
STORIES: Final = 350_000 if DEEP else 100 * settings().max_examples
HALF: Final = int(MARGIN.total_seconds()) // 2

ATTACKS: Final = {
    "right clocks": Attack(RIGHT),
    "wrong clocks and a margin": Attack(WRONG, HALF),
    "hopeless clocks": Attack(RIGHT, HALF * 100, hopeless=True),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nobody_who_left_is_contactable(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An acknowledged opt-out stands at its own date.

    No grant dated before it makes the person contactable later.

    An opt-out that is dated at receipt is never kept back, whatever any clock says.
    """
    attack = ATTACKS[name]
    report = search_in_processes(attack, STORIES) if DEEP else search(attack, range(STORIES))
    with capsys.disabled():
        print(f"\n{name}: {report}")  # noqa: T201  # the figure that the documentation quotes
    assert report.bad is None, explained(attack, report)
    assert report.told == STORIES
    assert report.returned > STORIES / 100, "the stories show too little: hardly anybody comes back"


def test_only_a_margin_helps_where_clocks_disagree_unseen() -> None:
    """Where clocks disagree unseen, nothing but the margin can help."""
    policy = Policy()
    attack = Attack([policy], HALF)
    report = search(attack, range(STORIES))
    assert report.bad is not None
    bad = shortest(
        story_of(attack, report.bad), lambda story: play(story, attack).wrong is not None
    )
    assert len(bad.deliveries) <= 4, telling(bad, attack)
    assert play(bad._replace(policy=Policy(evidence_margin=MARGIN)), attack).wrong is None, telling(
        bad, attack
    )


def test_the_last_write_promises_no_order() -> None:
    """The choice is attacked, too.

    It does not fail, and a double opt-in is still needed to come back.
    """
    chosen = [policy for policy in RIGHT if policy.ordering is Ordering.LAST_WRITE]
    attack = Attack(chosen)
    report = search(attack, range(STORIES // 8))
    assert report.bad is None, explained(attack, report)
