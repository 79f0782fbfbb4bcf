"""Plays stories, finds one that ends badly, makes it short and tells it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import NamedTuple, TypeAlias

from attrs import asdict

from consent_core import Policy
from tests.attack.acts import Delivery, Second, Story, told
from tests.attack.generator import story as random_story
from tests.attack.ledger import Ledger
from tests.attack.servers import Answer, Servers


class Attack(NamedTuple):
    """What stories are told about.

    Args:
        policies: of which every story has one, in turn.
        bound: how far clocks may be wrong.
        hopeless: whether that is more than any rule can mend: then only opt-outs of the moment of
            receipt are judged.
    """

    policies: Sequence[Policy]
    bound: Second = 0
    hopeless: bool = False


class Report(NamedTuple):
    """What an attack found.

    Args:
        told: how many stories.
        granted: how many of them end with a person who may be contacted.
        returned: how many of these are of somebody who had left before.
        bad: the seed of the first story that ends badly.
    """

    told: int
    granted: int
    returned: int
    bad: int | None

    def __str__(self) -> str:
        granted = f"{self.granted:,} end granted, {self.returned:,} of these after an opt-out"
        return f"{self.told:,} stories, {granted}"


class Ending(NamedTuple):
    """How a story ends.

    Args:
        wrong: what is wrong with it; None if nothing is.
        answers: to its deliveries, as far as it was played.
        granted: whether the person may be contacted in the end.
        returned: whether the person had left before.
    """

    wrong: str | None
    answers: list[list[Answer]]
    granted: bool
    returned: bool


def play(story: Story, attack: Attack) -> Ending:
    """Play a story to its end, or to the first answer that is wrong."""
    servers = Servers(story)
    ledger = Ledger(story.policy, story.channel, 2 * attack.bound)
    answers: list[list[Answer]] = []
    granted = False
    for at, server, act in story.deliveries:
        servers.now = at
        try:
            heard = servers.deliver(act, server)
        except Exception as error:  # noqa: BLE001  # whatever is raised is part of the story
            answers.append([Answer("no answer")])
            return Ending(f"the library fails: {error!r}", answers, granted, bool(ledger.outs))
        answers.append([answer for _, answer in heard])
        wrong = [wrong for part, answer in heard if (wrong := ledger.hear(part, answer, at))]
        granted = servers.granted()
        if granted and not attack.hopeless and not ledger.contactable():
            wrong.append("the person left, or never agreed, and is contactable")
        if wrong:
            return Ending(wrong[0], answers, granted, bool(ledger.outs))
    differs = None if granted == servers.in_audience() else "the audience is not who is granted"
    return Ending(differs, answers, granted, bool(ledger.outs))


def story_of(attack: Attack, seed: int) -> Story:
    """The story of a seed."""
    policy = attack.policies[seed % len(attack.policies)]
    # a story that can be told again
    return random_story(Random(seed), policy, attack.bound)  # noqa: S311


def search(attack: Attack, seeds: range) -> Report:
    """Tell the stories of these seeds, up to the first that ends badly."""
    granted = returned = 0
    for told_before, seed in enumerate(seeds):
        ending = play(story_of(attack, seed), attack)
        granted += ending.granted
        returned += ending.granted and ending.returned
        if ending.wrong is not None:
            return Report(told_before + 1, granted, returned, seed)
    return Report(len(seeds), granted, returned, None)


def search_in_processes(attack: Attack, stories: int) -> Report:
    """As ``search``, with a process for every core."""
    share = 5_000
    shares = [range(first, min(first + share, stories)) for first in range(0, stories, share)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        reports = list(pool.map(search, [attack] * len(shares), shares))
    bad = [report.bad for report in reports if report.bad is not None]
    told, granted, returned = (sum(column) for column in list(zip(*reports, strict=True))[:3])
    return Report(told, granted, returned, min(bad, default=None))


def explained(attack: Attack, report: Report) -> str:
    """The story that ends badly, as short as it can be made; nothing where all end well."""
    if report.bad is None:
        return ""
    story = shortest(
        story_of(attack, report.bad), lambda shorter: play(shorter, attack).wrong is not None
    )
    return f"seed {report.bad}, {telling(story, attack)}"


Fails: TypeAlias = Callable[[Story], bool]


def shortest(story: Story, fails: Fails) -> Story:
    """A story that still fails, but does not without any one of its deliveries or parts of them."""
    shorter = True
    while shorter:
        shorter = False
        for candidate in _shorter(story):
            if fails(candidate):
                story, shorter = candidate, True
                break
    return story


def _shorter(story: Story) -> Iterator[Story]:
    deliveries = story.deliveries
    for index, delivery in enumerate(deliveries):
        yield story._replace(deliveries=deliveries[:index] + deliveries[index + 1 :])
        for part in delivery.act.parts if len(delivery.act.parts) > 1 else ():
            act = delivery.act._replace(parts=tuple(p for p in delivery.act.parts if p is not part))
            yield story._replace(
                deliveries=tuple(
                    d._replace(act=act) if d.act == delivery.act else d for d in deliveries
                )
            )
    for index, clock in enumerate(story.clocks):
        if clock:
            clocks = (*story.clocks[:index], 0, *story.clocks[index + 1 :])
            yield story._replace(clocks=clocks)


def telling(story: Story, attack: Attack) -> str:
    """A story in words, with what is wrong with its ending."""
    ending = play(story, attack)
    lines = [
        _delivered(each, answers, story)
        for each, answers in zip(story.deliveries, ending.answers, strict=False)
    ]
    default = asdict(Policy(), recurse=False)
    choices = {n: v for n, v in asdict(story.policy, recurse=False).items() if v != default[n]}
    return "\n".join(
        [f"{story.channel}, {choices or 'default policy'}", *lines, f"-> {ending.wrong}"]
    )


def _delivered(delivery: Delivery, answers: Sequence[Answer], story: Story) -> str:
    ahead = story.clocks[delivery.server]
    heard = "; ".join(answer.error or str(answer.state) for answer in answers)
    act = f"act {delivery.act.number}, {told(delivery.act)}"
    return f"  {delivery.at} s, server {delivery.server} ({ahead:+} s): {act} -> {heard}"
