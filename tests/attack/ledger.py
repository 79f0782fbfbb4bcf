"""What everybody really did, and when.

The judge, which knows no rule of the library but what it promises.

Moments are true ones. An opt-out is one of the moment at which the person left, or, where the
request does not say when, of its receipt. A yes is one of the moment at which the person agreed.
What a sync says without a date is no yes of anybody who left. So whoever left may be contacted only
after a yes of a later moment.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from consent_core import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    Ordering,
    Policy,
    Reconsent,
)
from tests.attack.acts import CLICKS, Act, Door, Evidence, Second
from tests.attack.servers import Answer

LONG_AGO: Second = -(10**9)


class Entry(NamedTuple):
    """A yes, a question, or an opt-out.

    Args:
        at: when it really happened.
        heard: the how-manieth the servers heard of it.
        doubly: whether a yes was a double opt-in.
        clicked: whether a yes was a click on a link, whose order the revisions of the record prove.
        own: whether it is said to be the person's own yes.
    """

    at: Second
    heard: int
    doubly: bool = False
    clicked: bool = False
    own: bool = False


class Ledger:
    """The ledger of one story.

    Args:
        policy: what the deployment promises.
        channel: how the person is reached.
        slack: how far two clocks may be apart.
    """

    def __init__(self, policy: Policy, channel: Channel, slack: Second) -> None:
        self.trusted = policy.undated_is_now
        self.slack = slack
        # A question that a fast clock dates ahead of receipt counts earlier by the whole skew.
        self.question_slack = slack and slack + policy.clock_skew // timedelta(seconds=1)
        self.by_arrival = policy.ordering is Ordering.LAST_WRITE
        self.double_again = policy.reconsent is Reconsent.DOUBLE_OPT_IN
        self.own_again = policy.reconsent is Reconsent.BY_SUBJECT
        self.double_always = policy.minimum_opt_in_level is OptInLevel.DOUBLE_CONFIRMATION
        self.never_granted = channel in policy.never_confirmed_granted
        self.yeses: list[Entry] = []
        self.questions: list[Entry] = []
        self.outs: list[Entry] = []
        self.known: set[Evidence] = set()
        self.states: list[ConsentState | None] = []
        self.asked: dict[int, Entry] = {}
        self.heard = 0

    def hear(self, act: Act, answer: Answer, now: Second) -> str | None:
        """Write down a request that reached a server, and say what is wrong with the answer."""
        self.heard += 1
        self.states.append(answer.state or (self.states[-1] if self.states else None))
        if answer.error is not None:
            return _refused(act, answer.error)
        if _of_now(act) and answer.state in (ConsentState.PENDING, ConsentState.CONFIRMED):
            return "an opt-out of now is kept back"
        if act.door is Door.CONFIRM:
            return self._confirmed(act, now)
        if act.door is Door.EXPORT:
            self._sent_back(answer, now)
        elif act.door in CLICKS:
            self.outs.append(Entry(now, self.heard))
        else:
            self._said(act, now)
        return None

    def _said(self, act: Act, now: Second) -> None:
        """Write down what a request says of people."""
        if act.state is ConsentState.REVOKED:
            self._left(act.no, now, LONG_AGO if act.yes is None else self._agreed(act.yes, now))
        elif act.state is ConsentState.CONFIRMED and act.yes is not None:
            self._left(None if self.by_arrival else act.no, now)
            self._agreed(act.yes, now)
        elif act.state is ConsentState.PENDING and act.yes is not None:
            self.questions.append(Entry(_moment(act.yes, now), self.heard))
            self.asked[act.number] = self.questions[-1]
        elif not (
            self.by_arrival
            and act.no is not None
            and act.no.clock is not None
            and act.no in self.known
        ):
            # Where what arrives last stands, an opt-out of that very date that comes again is a
            # record sent back.
            self._left(act.no, now)

    def _sent_back(self, answer: Answer, now: Second) -> None:
        """Write down a record that is sent back.

        Old evidence, but where what arrives last stands, a new request.
        """
        if self.by_arrival and answer.state is ConsentState.CONFIRMED:
            self.yeses.append(Entry(now, self.heard, doubly=True, own=True))
        if self.by_arrival and answer.state is ConsentState.PENDING:
            self.questions.append(Entry(now, self.heard))

    def _left(self, evidence: Evidence | None, now: Second, least: Second = LONG_AGO) -> None:
        if evidence is not None:
            self.outs.append(Entry(max(_moment(evidence, now), least), self.heard))
            self.known.add(evidence)

    def _agreed(self, evidence: Evidence, now: Second) -> Second:
        """Write down a yes, if it is one, and say of when it is."""
        at = _moment(evidence, now)
        if not self.by_arrival and evidence.clock is None and evidence.source not in self.trusted:
            if self.outs:
                return LONG_AGO
            # It proves that there was a yes, not when: it is as good as what was known before,
            # which it never renews.
            at = max((entry.at for entry in (*self.yeses, *self.questions)), default=now)
        doubly = evidence.level is OptInLevel.DOUBLE_CONFIRMATION
        own = evidence.source is ConfirmationSource.LINK_CONFIRMATION
        self.yeses.append(Entry(at, self.heard, doubly, own=own))
        return at

    def _confirmed(self, act: Act, now: Second) -> str | None:
        """A click on a confirmation link: a yes of now, if the link is still good."""
        question = self.asked[act.of]
        since = self.states[question.heard - 1 :]
        reset = any(old is ConsentState.CONFIRMED is not new for old, new in pairwise(since))
        if ConsentState.REVOKED in since[1:] or reset:
            return "a link is honoured that was made before the person left or the record was reset"
        self.yeses.append(Entry(now, self.heard, doubly=True, clicked=True, own=True))
        return None

    def contactable(self) -> bool:
        """Whether the person may be contacted, for all that is known."""
        proofs = [yes for yes in self.yeses if yes.doubly or not self.double_always]
        if not self.outs:
            return bool(proofs) or (self.never_granted and not self.double_always)
        if self.by_arrival:
            if self.own_again:
                return all(
                    any(yes.own and yes.heard > out.heard for yes in self.yeses)
                    for out in self.outs
                )
            return not self.double_again or all(self._came_back(out) for out in self.outs)
        # Wrong clocks may cost the stronger proof, which is compared by what is stored, but never
        # the yes itself.
        return all(
            self._later(out, proofs, self.slack) and self._later(out, self._lifting(out), 0)
            for out in self.outs
        )

    def _later(self, out: Entry, yeses: Iterable[Entry], slack: Second) -> bool:
        return any(
            yes.at + slack > out.at or (yes.clicked and yes.at == out.at and yes.heard > out.heard)
            for yes in yeses
        )

    def _lifting(self, out: Entry) -> Iterable[Entry]:
        """Every yes that may end an opt-out.

        Where that takes a double opt-in, one that is, or was heard before it. Where only the person
        comes back, the person's own.
        """
        if self.own_again:
            return (yes for yes in self.yeses if yes.own)
        return (
            yes
            for yes in self.yeses
            if not self.double_again or yes.heard < out.heard or self._answers(out, yes)
        )

    def _answers(self, out: Entry, yes: Entry) -> bool:
        """Whether a yes is a double one that answers a question of after an opt-out."""
        return yes.doubly and any(
            out.at < asked.at + self.slack and asked.at <= yes.at + self.question_slack
            for asked in self.questions
        )

    def _came_back(self, out: Entry) -> bool:
        """Whether a question and its answer arrived after an opt-out."""
        return any(
            yes.doubly and any(out.heard < asked.heard < yes.heard for asked in self.questions)
            for yes in self.yeses
        )


def _moment(evidence: Evidence, now: Second) -> Second:
    return now if evidence.clock is None else evidence.acted


def _of_now(act: Act) -> bool:
    """Whether it is an opt-out of the moment of receipt."""
    return act.is_opt_out and (act.no is None or act.no.clock is None)


def _refused(act: Act, error: str) -> str | None:
    """What is wrong with a refusal: an opt-out has to be taken, whatever date stands beside it."""
    refused = act.is_opt_out and error.startswith(("InvalidConsent", "InvalidToken"))
    return f"an opt-out is refused: {error}" if refused else None
