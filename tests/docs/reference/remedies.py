"""What to do about errors and reasons. These texts stand in no docstring."""

from typing import Final, NamedTuple
from uuid import UUID

import consent_core as cc


class ErrorHelp(NamedTuple):
    """What the reference says of an error.

    Args:
        example: one of its kind.
        remedy: what to do about it.
    """

    example: cc.ConsentError
    remedy: str


_VIOLATION: Final = cc.Violation("state", cc.ViolationCode.REQUIRED, "is required")

ERRORS: Final[dict[type[cc.ConsentError], ErrorHelp]] = {
    cc.ConsentError: ErrorHelp(cc.ConsentError(), "Catch it to catch all of them."),
    cc.InvalidConsent: ErrorHelp(
        cc.InvalidConsent([_VIOLATION]),
        "Correct everything that `violations` names, and send the request again.",
    ),
    cc.ConsentNotFound: ErrorHelp(
        cc.ConsentNotFound(UUID(int=1)),
        "Upsert a consent, or stop: it may have been erased. Do not contact the person.",
    ),
    cc.ConsentAlreadyExists: ErrorHelp(
        cc.ConsentAlreadyExists(UUID(int=1)),
        "Upsert, or update the consent with the id `consent_id`.",
    ),
    cc.PermissionDenied: ErrorHelp(
        cc.PermissionDenied("..."),
        "Give the caller the scope or the namespace, or leave the field out.",
    ),
    cc.InvalidToken: ErrorHelp(
        cc.InvalidToken(cc.TokenRefusal.FORGED),
        "It depends on `reason`: see [refused links](#refused-links).",
    ),
    cc.RepositoryError: ErrorHelp(
        cc.RepositoryError(), "Catch it to catch every failure of the store."
    ),
    cc.Conflict: ErrorHelp(
        cc.Conflict([]),
        "Nothing, for callers of a service: it decides again and retries. Adapters raise it.",
    ),
    cc.RevisionMismatch: ErrorHelp(
        cc.RevisionMismatch(1, 2),
        "Read the consent again, decide whether you still want the change, and send it again.",
    ),
    cc.Contended: ErrorHelp(
        cc.Contended(64),
        "Try again later. If it happens often, let fewer writers change the same record.",
    ),
    cc.Unavailable: ErrorHelp(
        cc.Unavailable("..."),
        "Read its fields, and try again when the store works. A dated request may be sent twice: "
        "see `Upsert.dated_at`.",
    ),
    cc.ChartError: ErrorHelp(
        cc.ChartError(), "Correct the chart: a lookup cannot express what the message names."
    ),
}
"""By error."""

KEPT: Final[dict[cc.KeptReason, str]] = {
    cc.KeptReason.EMAIL_KEEPS_STATE: (
        "Nothing: an e-mail consent does not return to unknown. To erase a person, delete the "
        "consent."
    ),
    cc.KeptReason.REVOKED_NEEDS_EVIDENCE: (
        "Nothing, unless the person said yes again: then send that evidence."
    ),
    cc.KeptReason.ALREADY_CONFIRMED: (
        "Nothing. If the person should confirm again, mail the link of the outcome."
    ),
    cc.KeptReason.UNDATED_EVIDENCE: "Send the date at which the person said yes.",
    cc.KeptReason.STALE_EVIDENCE: (
        "Nothing, if the request arrived late. Otherwise check the date of the evidence."
    ),
    cc.KeptReason.RECONSENT_NEEDS_CONFIRMATION: (
        "Request PENDING, mail the confirmation link, and wait for the click."
    ),
    cc.KeptReason.RECONSENT_NEEDS_SUBJECT: (
        "Nothing: only the person can come back. Their own confirmation names the actor `SUBJECT`."
    ),
}
"""By reason for a state that was kept."""

SILENCE: Final[dict[cc.Reason, str]] = {
    cc.Reason.NO_CONSENT: "Do not contact the person. Ask for consent in person or on your pages.",
    cc.Reason.REVOKED: "Do not contact the person. Only a new opt-in lifts the opt-out.",
    cc.Reason.UNKNOWN_STATE: "Do not contact the person. Find the evidence, or ask for consent.",
    cc.Reason.NEVER_CONFIRMED: (
        "Do not contact the person. Ask for consent in person or on your pages."
    ),
    cc.Reason.PENDING_CONFIRMATION: "Wait for the click on the confirmation link.",
    cc.Reason.DOUBLE_CONFIRMATION_REQUIRED: (
        "Send a confirmation message; after the answer, upsert CONFIRMED with "
        "`DOUBLE_CONFIRMATION`."
    ),
    cc.Reason.EXPIRED: (
        "Send a confirmation message; after the answer, upsert CONFIRMED with the new evidence."
    ),
    cc.Reason.TOPIC_LEFT: (
        "Do not contact the person about this topic. Only the person can come back to it."
    ),
    cc.Reason.TOPIC_NOT_CHOSEN: (
        "Do not contact the person about this topic. Offer it on a page, or in a double opt-in."
    ),
    cc.Reason.UNREACHABLE: (
        "Send nothing to this address. Report a delivery, or a reset, once it works again."
    ),
}
"""By reason against contact."""

LINKS: Final[dict[cc.TokenRefusal, str]] = {
    cc.TokenRefusal.FORGED: (
        "Say that the link is broken. If links worked before, a key was removed too early."
    ),
    cc.TokenRefusal.WRONG_ACTION: "Send the person to the page for this kind of link.",
    cc.TokenRefusal.EXPIRED: "Offer to start the opt-in again, with a new link.",
    cc.TokenRefusal.REVOKED_SINCE: (
        "Offer to start the opt-in again: the old link must not undo the opt-out."
    ),
    cc.TokenRefusal.SPENT: "Offer to start the opt-in again: each link confirms once.",
    cc.TokenRefusal.UNPROVEN: (
        "Offer to start the opt-in again: the store does not know what happened since."
    ),
}
"""By reason for a link that was refused."""
