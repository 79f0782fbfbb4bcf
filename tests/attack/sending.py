"""Acts as they are sent: requests of Python, and JSON."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from consent_core import (
    Channel,
    ConfirmationActivity,
    ConfirmationSource,
    Email,
    Identifier,
    Link,
    Phone,
    RevokeActivity,
    RevokeSource,
    Upsert,
)
from tests.attack.acts import Act, Evidence

EPOCH: Final = datetime(2024, 5, 1, tzinfo=UTC)
"""The second 0 of every story."""

WHO: Final[dict[Channel, Identifier]] = {
    Channel.EMAIL: Email("ada@example.org"),
    Channel.PHONE: Phone("+12025550172"),
}


def request(act: Act, who: Identifier) -> Upsert:
    """An act as a request."""
    assert act.state is not None
    return Upsert(
        details=who,
        state=act.state,
        last_confirmation_activity=None if act.yes is None else confirmation(act.yes),
        last_revoke_activity=None if act.no is None else revocation(act.no),
    )


def body(act: Act, who: Identifier) -> dict[str, Any]:
    """An act as JSON."""
    found: dict[str, Any] = {
        "details": {"type": who.channel, who.channel.lower(): who.address},
        "state": act.state,
    }
    if act.yes is not None:
        found["lastConfirmationActivity"] = _activity(act.yes) | {"optInLevel": act.yes.level}
    if act.no is not None:
        found["lastRevokeActivity"] = _activity(act.no)
    return found


def confirmation(evidence: Evidence) -> ConfirmationActivity:
    """Evidence of a yes as an activity."""
    assert isinstance(evidence.source, ConfirmationSource)
    return ConfirmationActivity(
        source=evidence.source, updated_date=_dated(evidence), opt_in_level=evidence.level
    )


def revocation(evidence: Evidence) -> RevokeActivity:
    """Evidence of a no as an activity."""
    assert isinstance(evidence.source, RevokeSource)
    return RevokeActivity(source=evidence.source, updated_date=_dated(evidence))


def token_of(link: Link) -> str:
    """The token of a link."""
    return parse_qs(urlsplit(link.url).query)["token"][0]


def _activity(evidence: Evidence) -> dict[str, Any]:
    dated = _dated(evidence)
    return {"source": evidence.source} | (
        {} if dated is None else {"updatedDate": dated.isoformat()}
    )


def _dated(evidence: Evidence) -> datetime | None:
    """The date that the clock of the device wrote."""
    return (
        None
        if evidence.clock is None
        else EPOCH + timedelta(seconds=evidence.acted + evidence.clock)
    )
