"""The attack bites.

A rule that is broken is found, and the story that tells of it ends well without the sabotage.
"""

import pytest

from tests.attack.saboteurs import SABOTEURS, Saboteur
from tests.attack.search import play, search, shortest, story_of, telling
from tests.attack.test_attack import ATTACKS


@pytest.mark.parametrize("saboteur", SABOTEURS, ids=lambda saboteur: saboteur.broken.__name__)
def test_a_broken_rule_is_found(saboteur: Saboteur) -> None:
    """The attack finds it in a few thousand stories, by one of a few steps."""
    attack = ATTACKS[saboteur.attack]
    with saboteur.at_work():
        report = search(attack, range(8_000))
        assert report.bad is not None
        story = shortest(
            story_of(attack, report.bad), lambda story: play(story, attack).wrong is not None
        )
        told = telling(story, attack)
    assert len(story.deliveries) <= 4, told
    assert play(story, attack).wrong is None, told
