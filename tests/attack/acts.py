"""What people, staff, strangers and syncs do, and the stories that are made of it."""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from consent_core import Channel, ConfirmationSource, ConsentState, OptInLevel, Policy, RevokeSource

Second: TypeAlias = int
"""A moment or a span in true time, which no clock of a story shows."""


class Door(StrEnum):
    """The ways into a service."""

    UPSERT = "upsert"
    BULK = "bulk"
    IMPORT = "import"
    CREATE = "create"
    UPDATE = "update"
    PATCH = "update with a mask"
    CORRECT = "correction of a source"
    REMOVE = "remove"
    EXPORT = "export that is sent back"
    CONFIRM = "click on a confirmation link"
    REVOKE = "click on a revocation link"
    ONE_CLICK = "one-click unsubscribe"


BATCHES = (Door.BULK, Door.IMPORT)
CLICKS = (Door.REVOKE, Door.ONE_CLICK)


class Evidence(NamedTuple):
    """What a request says somebody did.

    Args:
        acted: when it was really done.
        clock: how far the clock that dates it is ahead; None where it is not dated.
        source: of the confirmation, or of the revocation.
        level: of a confirmation.
    """

    acted: Second
    clock: Second | None
    source: ConfirmationSource | RevokeSource
    level: OptInLevel = OptInLevel.UNKNOWN_OPT_IN_LEVEL


class Act(NamedTuple):
    """One request as it is sent, perhaps several times.

    Args:
        number: tells it from the others of its story.
        who: is behind it.
        door: it comes in by.
        state: it asks for, if it does.
        yes: the confirmation that it carries.
        no: the revocation that it carries.
        of: the number of the act whose link is clicked, or after which the record was exported.
        mask: of an update.
        parts: of a bulk, or the lines of an import.
    """

    number: int
    who: str
    door: Door
    state: ConsentState | None = None
    yes: Evidence | None = None
    no: Evidence | None = None
    of: int = -1
    mask: tuple[str, ...] = ()
    parts: "tuple[Act, ...]" = ()

    @property
    def is_opt_out(self) -> bool:
        """Whether the person leaves by it."""
        grant = self.state in (ConsentState.PENDING, ConsentState.CONFIRMED)
        return self.door in CLICKS or (self.no is not None and not grant)


class Delivery(NamedTuple):
    """An act that reaches a server.

    Args:
        at: when, really.
        server: which.
        act: what.
    """

    at: Second
    server: int
    act: Act


class Story(NamedTuple):
    """What happens to one person's consent.

    Args:
        channel: how the person is reached.
        policy: of all servers.
        clocks: how far the clock of each server is ahead.
        deliveries: in their order.
    """

    channel: Channel
    policy: Policy
    clocks: tuple[Second, ...]
    deliveries: tuple[Delivery, ...]


def told(act: Act) -> str:
    """An act in words."""
    if act.parts:
        return f"{act.who}: {act.door} of [{'; '.join(told(part) for part in act.parts)}]"
    words = [f"{act.who}: {act.door}", *([f"to {act.state}"] if act.state else [])]
    words += [f"of act {act.of}"] if act.of >= 0 else []
    words += [f"mask {','.join(act.mask)}"] if act.mask else []
    words += [f"yes({_evidence(act.yes)})"] if act.yes else []
    words += [f"no({_evidence(act.no)})"] if act.no else []
    return " ".join(words)


def _evidence(evidence: Evidence) -> str:
    dated = "undated" if evidence.clock is None else f"dated {evidence.acted + evidence.clock} s"
    level = (
        evidence.level.removesuffix("_CONFIRMATION").lower()
        if "UNKNOWN" not in evidence.level
        else ""
    )
    return " ".join(
        word for word in (f"done at {evidence.acted} s", dated, evidence.source, level) if word
    )
