"""Plays stories, finds one that ends badly, makes it short and tells it."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple, TypeAlias

from attrs import asdict

from consent_core import ConfirmationSource, Policy
from tests.attack.acts import Delivery, Second, Story, told
from tests.attack.generator import story as random_story
from tests.attack.ledger import Ledger
from tests.attack.servers import Answer, Servers


class Plan(NamedTuple):
    """What stories are told about.

    Args:
        policies: of which every story has one, in turn.
        bound: how far clocks may be wrong.
    """

    policies: Sequence[Policy]
    bound: Second = 0


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


def trusted_sources(policy: Policy) -> frozenset[ConfirmationSource]:
    """The sources whose undated yes counts as one of the moment of receipt."""
    return getattr(policy, "undated_is_now", frozenset())


def play(story: Story, bound: Second) -> Ending:
    """Play a story to its end, or to the first answer that is wrong."""
    servers = Servers(story)
    ledger = Ledger(story.policy, story.channel, trusted_sources(story.policy), 2 * bound)
    answers: list[list[Answer]] = []
    granted = False
    for at, server, act in story.deliveries:
        servers.now = at
        try:
            heard = servers.deliver(act, server)
        except Exception as error:  # noqa: BLE001  # whatever is raised is part of the story
            return Ending(f"the library fails: {error!r}", answers, granted, bool(ledger.outs))
        answers.append([answer for _, answer in heard])
        wrong = [wrong for part, answer in heard if (wrong := ledger.hear(part, answer, at))]
        granted = servers.granted()
        if granted and not ledger.contactable():
            wrong.append("the person left, or never agreed, and is contactable")
        if wrong:
            return Ending(wrong[0], answers, granted, bool(ledger.outs))
    differs = None if granted == servers.in_audience() else "the audience is not who is granted"
    return Ending(differs, answers, granted, bool(ledger.outs))


def stories(plan: Plan, seeds: range) -> Iterator[Story]:
    """One story for each seed."""
    for seed in seeds:
        policy = plan.policies[seed % len(plan.policies)]
        yield random_story(Random(seed), policy, plan.bound)  # noqa: S311  # stories that can be told again


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
                deliveries=tuple(d._replace(act=act) if d.act == delivery.act else d for d in deliveries)
            )
    for index, clock in enumerate(story.clocks):
        if clock:
            clocks = story.clocks[:index] + (0,) + story.clocks[index + 1 :]
            yield story._replace(clocks=clocks)


def telling(story: Story, bound: Second) -> str:
    """A story in words, with what is wrong with its ending."""
    ending = play(story, bound)
    lines = [_delivered(each, answers, story) for each, answers in zip(story.deliveries, ending.answers, strict=False)]
    default = asdict(Policy(), recurse=False)
    choices = {n: v for n, v in asdict(story.policy, recurse=False).items() if v != default[n]}
    return "\n".join([f"{story.channel}, {choices or 'default policy'}", *lines, f"-> {ending.wrong}"])


def _delivered(delivery: Delivery, answers: Sequence[Answer], story: Story) -> str:
    ahead = story.clocks[delivery.server]
    heard = "; ".join(answer.error or str(answer.state) for answer in answers)
    return f"  {delivery.at} s, server {delivery.server} ({ahead:+} s): act {delivery.act.number}, {told(delivery.act)} -> {heard}"
