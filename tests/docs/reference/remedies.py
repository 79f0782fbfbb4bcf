"""What to do about errors and reasons: the only texts of the reference that no docstring has."""

from typing import Final, NamedTuple
from uuid import UUID

import consent_core as cc


class Told(NamedTuple):
    """What the reference tells of an error.

    Args:
        example: one of its kind.
        remedy: what to do about it.
    """

    example: cc.ConsentError
    remedy: str


_VIOLATION: Final = cc.Violation("state", cc.ViolationCode.REQUIRED, "is required")

ERRORS: Final[dict[type[cc.ConsentError], Told]] = {
    cc.ConsentError: Told(cc.ConsentError(), "Catch it to catch all of them."),
    cc.InvalidConsent: Told(
        cc.InvalidConsent([_VIOLATION]),
        "Mend what `violations` names, all of it at once, and send the request again.",
    ),
    cc.ConsentNotFound: Told(
        cc.ConsentNotFound(UUID(int=1)),
        "Upsert one, or stop: it may have been erased. Nobody may be contacted on it.",
    ),
    cc.ConsentAlreadyExists: Told(
        cc.ConsentAlreadyExists(UUID(int=1)), "Upsert instead, or update the consent `consent_id`."
    ),
    cc.PermissionDenied: Told(
        cc.PermissionDenied("..."), "Give the caller the scope or namespace, or do without."
    ),
    cc.InvalidToken: Told(
        cc.InvalidToken(cc.TokenRefusal.FORGED),
        "See [refused links](#refused-links): what to do depends on `reason`.",
    ),
    cc.RepositoryError: Told(cc.RepositoryError(), "Catch it to catch every failure of the store."),
    cc.Conflict: Told(
        cc.Conflict([]),
        "None for callers of a service, which decides anew and tries again. Adapters raise it.",
    ),
    cc.RevisionMismatch: Told(
        cc.RevisionMismatch(1, 2),
        "Read the consent again, decide whether the change is still meant, and send it anew.",
    ),
    cc.Contended: Told(
        cc.Contended(64), "Try again later; where it is frequent, spread the writers of one record."
    ),
    cc.Unavailable: Told(
        cc.Unavailable("..."),
        "Read its fields; try again when the store works. What is dated may be sent twice: see `Upsert.dated_at`.",
    ),
    cc.ChartError: Told(
        cc.ChartError(), "Correct the chart: what the message names cannot be said by a lookup."
    ),
}
"""By error."""

KEPT: Final[dict[cc.KeptReason, str]] = {
    cc.KeptReason.EMAIL_KEEPS_STATE: "Nothing: what is known stays known. To forget a person, delete the consent.",
    cc.KeptReason.REVOKED_NEEDS_EVIDENCE: "Nothing, unless the person said yes again: send that evidence.",
    cc.KeptReason.ALREADY_CONFIRMED: "Nothing; the link in the outcome confirms anew who did so singly or long ago.",
    cc.KeptReason.UNDATED_EVIDENCE: "Send the date at which the person said yes.",
    cc.KeptReason.STALE_EVIDENCE: "Nothing, where it was delivered late. Else check the date of the evidence.",
    cc.KeptReason.RECONSENT_NEEDS_CONFIRMATION: "Ask for PENDING, send the confirmation link, and wait for the click.",
}
"""By reason for a state that was kept."""

SILENCE: Final[dict[cc.Reason, str]] = {
    cc.Reason.NO_CONSENT: "Do not contact the person; ask for consent where they meet you.",
    cc.Reason.REVOKED: "Do not contact the person. Only they can lift it, by saying yes again.",
    cc.Reason.UNKNOWN_STATE: "Do not contact the person; find the evidence, or ask.",
    cc.Reason.NEVER_CONFIRMED: "Do not contact the person; ask for consent where they meet you.",
    cc.Reason.PENDING_CONFIRMATION: "Wait for the click on the confirmation link.",
    cc.Reason.DOUBLE_CONFIRMATION_REQUIRED: "Ask by a message; then upsert CONFIRMED with `DOUBLE_CONFIRMATION`.",
    cc.Reason.EXPIRED: "Ask by a message; then upsert CONFIRMED with the new evidence.",
}
"""By reason against contact."""

LINKS: Final[dict[cc.TokenRefusal, str]] = {
    cc.TokenRefusal.FORGED: "Show that the link is broken. If links were good before, a key was retired too early.",
    cc.TokenRefusal.WRONG_ACTION: "Send the person to the page for this kind of link.",
    cc.TokenRefusal.EXPIRED: "Offer to start the opt-in again; a new link is sent.",
    cc.TokenRefusal.REVOKED_SINCE: "Offer to start the opt-in again; the old link must not undo the opt-out.",
    cc.TokenRefusal.SPENT: "Offer to start the opt-in again; each link confirms once.",
    cc.TokenRefusal.UNPROVEN: "Offer to start the opt-in again; what came after it is not known.",
}
"""By reason for a link that was refused."""
