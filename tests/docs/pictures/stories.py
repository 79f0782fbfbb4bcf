"""Stories of evidence that arrives out of order, run through the library."""

from datetime import UTC, datetime
from typing import Final

from attrs import frozen

import consent_core as cc

ADA: Final = cc.Email("ada@example.org")
CONFIRMED, PENDING, REVOKED = (
    cc.ConsentState.CONFIRMED,
    cc.ConsentState.PENDING,
    cc.ConsentState.REVOKED,
)


@frozen
class Arrival:
    """One piece of evidence and its way to us.

    Args:
        what: what the person did, in few words.
        state: what it proves.
        happened: its date.
        arrived: the moment of receipt.
    """

    what: str
    state: cc.ConsentState
    happened: datetime
    arrived: datetime

    @property
    def request(self) -> cc.Upsert:
        """What arrives."""
        if self.state is REVOKED:
            revocation = cc.RevokeActivity(source=cc.RevokeSource.FORM, updated_date=self.happened)
            return cc.Upsert(details=ADA, state=REVOKED, last_revoke_activity=revocation)
        confirmation = cc.ConfirmationActivity(
            source=cc.ConfirmationSource.FORM, updated_date=self.happened
        )
        return cc.Upsert(details=ADA, state=self.state, last_confirmation_activity=confirmation)


@frozen
class Step:
    """The record after one arrival, and whether the person may be contacted then."""

    state: cc.ConsentState
    kept: cc.KeptReason | None
    granted: bool


@frozen
class Story:
    """What happened to one person.

    Args:
        title: the story in one sentence.
        arrivals: in the order in which they arrive.
    """

    title: str
    arrivals: tuple[Arrival, ...]

    def steps(self, ordering: cc.Ordering) -> list[Step]:
        """What becomes of the record with every arrival."""
        policy, consent, steps = cc.Policy(ordering=ordering), None, []
        for arrival in self.arrivals:
            decision = cc.decide(consent, arrival.request, now=arrival.arrived, policy=policy)
            consent = decision.consent
            granted = cc.eligibility(consent, now=arrival.arrived, policy=policy).granted
            steps.append(Step(consent.state, decision.kept, granted))
        return steps


def at(day: int, hour: int = 9) -> datetime:
    """A moment of the month in which all stories play."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


STORIES: Final = {
    "late-webhook": Story(
        "A webhook is delivered after the unsubscribe that followed it.",
        (
            Arrival("signs up on a form", CONFIRMED, at(1), at(1)),
            Arrival("unsubscribes", REVOKED, at(5), at(5)),
            Arrival("confirms a second form", CONFIRMED, at(3), at(6)),
        ),
    ),
    "repeated-import": Story(
        "A file is imported again after the unsubscribe, and the person signs up anew.",
        (
            Arrival("signs up at a fair", CONFIRMED, at(1), at(2)),
            Arrival("unsubscribes", REVOKED, at(9), at(9)),
            Arrival("the fair's file, again", CONFIRMED, at(1), at(16)),
            Arrival("signs up on a form", CONFIRMED, at(20), at(20)),
        ),
    ),
    "answer-before-question": Story(
        "The answer of a double opt-in overtakes its question, and a late opt-out comes last.",
        (
            Arrival("clicks the link", CONFIRMED, at(2, 10), at(2, 10)),
            Arrival("fills in the form", PENDING, at(2), at(2, 11)),
            Arrival("opted out by post", REVOKED, at(1), at(6)),
        ),
    ),
}
"""By the name of the picture."""
