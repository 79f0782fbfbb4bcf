"""Random stories.

Who does what when, through which door, and how often and how late it is delivered.
"""

from random import Random
from typing import Final

from consent_core import Channel, ConfirmationSource, ConsentState, OptInLevel, Policy, RevokeSource
from tests.attack.acts import CLICKS, Act, Delivery, Door, Evidence, Second, Story

SPANS: Final = (0, 1, 1, 2, 30, 60, 120, 200, 290, 301, 700, 86_400)
BROKEN_CLOCKS: Final = (0, 0, 0, 0, 299, 360, 400_000)
"""How far ahead an opt-out may be dated: it is never refused for its date."""

YES: Final = tuple(ConfirmationSource)
NO: Final = tuple(RevokeSource)
LEVELS: Final = (
    OptInLevel.UNKNOWN_OPT_IN_LEVEL,
    OptInLevel.SINGLE_CONFIRMATION,
    OptInLevel.DOUBLE_CONFIRMATION,
)
KINDS: Final = (
    "leaving",
    "leaving",
    "agreeing",
    "agreeing",
    "asking",
    "clicking",
    "syncing",
    "syncing",
    "handling",
)
FOLLOWS: Final = {"leaving": "asking", "asking": "clicking", "clicking": "leaving"}
STATELESS_CLAIMS: Final = (
    ConsentState.NEVER_CONFIRMED,
    ConsentState.NEVER_CONFIRMED,
    ConsentState.UNKNOWN_STATE,
)
SINGLE_DOORS: Final = (Door.UPSERT, Door.UPSERT, Door.UPDATE, Door.PATCH, Door.BULK, Door.IMPORT)


def story(chance: Random, policy: Policy, bound: Second) -> Story:
    """A story under a policy, with clocks that are wrong by up to a bound."""
    clocks = tuple(
        chance.choice((0, -bound, -bound, bound, bound, chance.randint(-bound, bound)))
        for _ in range(3)
    )
    channel = Channel.PHONE if chance.random() < 0.2 else Channel.EMAIL
    teller = Teller(chance, clocks)
    for _ in range(chance.randint(2, 9)):
        teller.go_on()
    teller.deliveries.sort(key=lambda delivery: delivery.at)
    return Story(channel, policy, clocks, tuple(teller.deliveries))


class Teller:
    """Tells a story act by act."""

    def __init__(self, chance: Random, clocks: tuple[Second, ...]) -> None:
        self.chance = chance
        self.clocks = clocks
        self.pace = chance.choice((SPANS, SPANS[:5]))
        self.kind = ""
        self.now: Second = 0
        self.acts: list[Act] = []
        self.asked: list[int] = []
        self.deliveries: list[Delivery] = []

    def go_on(self) -> None:
        """Tell of one more delivery: mostly of something new, at once or late.

        Else once more of what was sent.
        """
        chance = self.chance
        self.now += chance.choice(self.pace)
        at = self.now
        if self.acts and chance.random() < 0.25:
            act = chance.choice(self.acts)
            at = max(at, *(delivery.at for delivery in self.deliveries if delivery.act is act))
        else:
            act = self._act()
            self.acts.append(act)
            if chance.random() < 0.3:
                at += chance.choice(SPANS)
        self.deliveries.append(Delivery(at, chance.randrange(len(self.clocks)), act))

    def _act(self) -> Act:
        """What is new: anything, or what often follows."""
        follows = self.kind in FOLLOWS and self.chance.random() < 0.4
        self.kind = FOLLOWS[self.kind] if follows else self.chance.choice(KINDS)
        told: Act = getattr(self, f"_{self.kind}")(len(self.acts))
        return told

    def _asking(self, number: int) -> Act:
        self.asked.append(number)
        return self._through(
            number, self.chance.choice(("person", "stranger")), ConsentState.PENDING, yes=True
        )

    def _leaving(self, number: int) -> Act:
        if self.chance.random() < 0.25:
            door = Door.REMOVE
            return Act(number, "person", door, ConsentState.REVOKED, no=self._no())
        return self._through(
            number,
            self.chance.choice(("person", "staff")),
            ConsentState.REVOKED,
            no=True,
            yes=self._sometimes(0.15),
        )

    def _agreeing(self, number: int) -> Act:
        if self.chance.random() < 0.1:
            return Act(number, "person", Door.CREATE, ConsentState.CONFIRMED, yes=self._yes())
        who = self.chance.choice(("person", "person", "staff"))
        return self._through(number, who, ConsentState.CONFIRMED, yes=True, no=self._sometimes(0.1))

    def _clicking(self, number: int) -> Act:
        if self.asked and self.chance.random() < 0.6:
            return Act(
                number, "person", Door.CONFIRM, of=self.chance.choice((self.asked[-1], *self.asked))
            )
        of = self.chance.choice((-1, self.chance.randint(0, number)))
        return Act(number, "person", self.chance.choice(CLICKS), of=of)

    def _syncing(self, number: int) -> Act:
        kind = self.chance.random()
        if kind < 0.4:
            return self._through(number, "sync", ConsentState.CONFIRMED, yes=True, dated=0.2)
        if kind < 0.75:
            state = self.chance.choice(STATELESS_CLAIMS)
            return self._through(
                number, "sync", state, yes=self._sometimes(0.15), no=self._sometimes(0.15)
            )
        return Act(number, "sync", Door.EXPORT, of=self.chance.randint(0, number))

    def _handling(self, number: int) -> Act:
        if self.chance.random() < 0.5:
            return self._through(number, "staff", self.chance.choice(STATELESS_CLAIMS))
        name = self.chance.choice(("lastConfirmationActivity.source", "lastRevokeActivity.source"))
        return Act(number, "staff", Door.CORRECT, mask=(name,))

    def _through(
        self,
        number: int,
        who: str,
        state: ConsentState,
        *,
        yes: bool = False,
        no: bool = False,
        dated: float = 0.7,
    ) -> Act:
        """A request for a state through any door that takes it."""
        said = (
            self._yes(dated, LEVELS[::2] if state is ConsentState.PENDING else LEVELS)
            if yes
            else None
        )
        # A revocation beside a grant was earlier, and needs a date.
        before = state in (ConsentState.CONFIRMED, ConsentState.PENDING)
        taken = self._no(earlier=before) if no else None
        door = self.chance.choice(SINGLE_DOORS)
        if door in (Door.BULK, Door.IMPORT):
            alone = Act(number, who, Door.UPSERT, state, said, taken)
            return Act(number, who, door, parts=(*self._others(), alone, *self._others()))
        mask: tuple[str, ...] = ()
        if door is Door.PATCH:
            name = "lastRevokeActivity" if no else "lastConfirmationActivity"
            mask = self.chance.choice(
                (("state",), ("state", f"{name}.source"), ("state", name))[: 3 if yes or no else 1]
            )
        return Act(number, who, door, state, said, taken, mask=mask)

    def _others(self) -> tuple[Act, ...]:
        """What else is in a batch: sometimes a request that was sent before."""
        single = [act for act in self.acts if act.door is Door.UPSERT]
        return (self.chance.choice(single),) if single and self.chance.random() < 0.2 else ()

    def _yes(self, dated: float = 0.7, levels: tuple[OptInLevel, ...] = LEVELS) -> Evidence:
        chance = self.chance
        clock = chance.choice(self.clocks) if chance.random() < dated else None
        return Evidence(self.now, clock, chance.choice(YES), chance.choice(levels))

    def _no(self, *, earlier: bool = False) -> Evidence:
        chance = self.chance
        if earlier:
            return Evidence(
                self.now - chance.choice(SPANS), chance.choice(self.clocks), chance.choice(NO)
            )
        clock = (
            chance.choice(self.clocks) + chance.choice(BROKEN_CLOCKS)
            if chance.random() < 0.6
            else None
        )
        return Evidence(self.now, clock, chance.choice(NO))

    def _sometimes(self, share: float) -> bool:
        return self.chance.random() < share
