"""The attack bites: a rule that is broken is found, and the story that tells of it ends well without the sabotage."""

import pytest

from tests.attack.saboteurs import WITH_RIGHT_CLOCKS, WITH_WRONG_CLOCKS, Saboteur
from tests.attack.search import Attack, play, search, shortest, story_of, telling
from tests.attack.test_attack import ATTACKS


@pytest.mark.parametrize("sabotage", WITH_RIGHT_CLOCKS, ids=lambda sabotage: sabotage.__name__)
def test_a_broken_rule_is_found(sabotage: Saboteur) -> None:
    """With right clocks."""
    found_out(sabotage, ATTACKS["right clocks"])


@pytest.mark.parametrize("sabotage", WITH_WRONG_CLOCKS, ids=lambda sabotage: sabotage.__name__)
def test_a_rule_for_wrong_clocks_that_is_broken_is_found(sabotage: Saboteur) -> None:
    """With clocks that are apart by up to the margin."""
    found_out(sabotage, ATTACKS["wrong clocks and a margin"])


def found_out(sabotage: Saboteur, attack: Attack) -> None:
    """The attack finds the sabotage in a few thousand stories, by one of a few steps."""
    with pytest.MonkeyPatch.context() as patch:
        sabotage(patch)
        report = search(attack, range(8_000))
        assert report.bad is not None
        story = shortest(story_of(attack, report.bad), lambda story: play(story, attack.bound).wrong is not None)
        told = telling(story, attack.bound)
    assert len(story.deliveries) <= 4, told
    assert play(story, attack.bound).wrong is None, told
