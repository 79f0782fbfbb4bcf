"""The inputs of the comparisons: requests and records of people who never come twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import consent_core as cc

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = cc.Policy()
CHUNK = 500
"""Requests in one transaction, and rows that are fetched together: of ours by default, and so of
theirs.
"""


def email_request(name: str) -> dict[str, Any]:
    """What a sign-up form sends for an e-mail address, as a JSON reader gives it."""
    return {"details": {"type": "EMAIL", "email": f"{name}@example.com"}, **_confirmed()}


def dated_request(name: str, state: cc.ConsentState, dated: datetime) -> dict[str, Any]:
    """The same for a state, with its evidence of a date."""
    evidence = {
        "source": "FORM",
        "description": f"asked for {state}",
        "updatedDate": dated.isoformat(),
    }
    return {
        "details": {"type": "EMAIL", "email": f"{name}@example.com"},
        "state": state.value,
        **(
            {"lastRevokeActivity": evidence}
            if state is cc.ConsentState.REVOKED
            else {"lastConfirmationActivity": {**evidence, "optInLevel": "DOUBLE_CONFIRMATION"}}
        ),
    }


def phone_request(number: int) -> dict[str, Any]:
    """The same for a phone number."""
    return {"details": {"type": "PHONE", "phone": f"+44{7_400_000_000 + number}"}, **_confirmed()}


def _confirmed() -> dict[str, Any]:
    return {
        "state": "CONFIRMED",
        "lastConfirmationActivity": {
            "source": "FORM",
            "description": "ticked the box below the order form",
            "updatedDate": "2025-05-01T10:00:00Z",
            "optInLevel": "SINGLE_CONFIRMATION",
        },
    }


def confirmation(minutes_ago: int) -> cc.ConfirmationActivity:
    """The evidence of a yes."""
    return cc.ConfirmationActivity(
        source=cc.ConfirmationSource.FORM,
        updated_date=NOW - timedelta(minutes=minutes_ago),
        opt_in_level=cc.OptInLevel.DOUBLE_CONFIRMATION,
    )


def revocation(minutes_ago: int) -> cc.RevokeActivity:
    """The evidence of a no."""
    return cc.RevokeActivity(
        source=cc.RevokeSource.FORM, updated_date=NOW - timedelta(minutes=minutes_ago)
    )


def command(name: str, minutes_ago: int) -> cc.Upsert:
    """A CONFIRMED request of somebody."""
    return request(name, cc.ConsentState.CONFIRMED, minutes_ago)


def request(name: str, state: cc.ConsentState, minutes_ago: int) -> cc.Upsert:
    """A request for a state, with its evidence."""
    revoked = state is cc.ConsentState.REVOKED
    return cc.Upsert(
        details=cc.Email.restore(f"{name}@example.com"),
        state=state,
        last_confirmation_activity=None if revoked else confirmation(minutes_ago),
        last_revoke_activity=revocation(minutes_ago) if revoked else None,
    )


def stored(name: str, state: cc.ConsentState, minutes_ago: int) -> cc.MarketingConsent:
    """A record in a state."""
    return cc.decide(None, request(name, state, minutes_ago), now=NOW).consent
