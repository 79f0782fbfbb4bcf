"""The words of marketing consent, spelled as they travel on the wire (contract, section 1)."""

from enum import StrEnum


class ConsentState(StrEnum):
    """What is known of a person's will."""

    UNKNOWN_STATE = "UNKNOWN_STATE"
    """Not known."""
    NEVER_CONFIRMED = "NEVER_CONFIRMED"
    """The person never said yes."""
    PENDING = "PENDING"
    """Waiting for the person to confirm (double opt-in)."""
    CONFIRMED = "CONFIRMED"
    """The person said yes."""
    REVOKED = "REVOKED"
    """The person took the yes back, e.g. unsubscribed."""


class Channel(StrEnum):
    """How a person is reached; on the wire, ``details.type``."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"


class ConfirmationSource(StrEnum):
    """Where a confirmation came from."""

    UNKNOWN_SOURCE = "UNKNOWN_SOURCE"
    IN_PERSON = "IN_PERSON"
    FORM = "FORM"
    LINK_CONFIRMATION = "LINK_CONFIRMATION"
    EMAIL_SERVICE = "EMAIL_SERVICE"
    WIX_USERS = "WIX_USERS"
    OTHER = "OTHER"


class RevokeSource(StrEnum):
    """Where a revocation came from."""

    UNKNOWN_SOURCE = "UNKNOWN_SOURCE"
    IN_PERSON = "IN_PERSON"
    FORM = "FORM"
    REVOKE_LINK = "REVOKE_LINK"
    WIX_USERS = "WIX_USERS"
    OTHER = "OTHER"


class OptInLevel(StrEnum):
    """How a person said yes: once, or once more by answering a message."""

    UNKNOWN_OPT_IN_LEVEL = "UNKNOWN_OPT_IN_LEVEL"
    SINGLE_CONFIRMATION = "SINGLE_CONFIRMATION"
    DOUBLE_CONFIRMATION = "DOUBLE_CONFIRMATION"


class LinkType(StrEnum):
    """What a link in a message does."""

    UNKNOWN_LINK_TYPE = "UNKNOWN_LINK_TYPE"
    CONFIRMATION = "CONFIRMATION"
    REVOKE_CONFIRMATION = "REVOKE_CONFIRMATION"


class Result(StrEnum):
    """What became of a record."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"


class KeptReason(StrEnum):
    """Why a requested state was not taken, in order of precedence (contract, section 4.3)."""

    EMAIL_KEEPS_STATE = "EMAIL_KEEPS_STATE"
    """An e-mail consent that exists is never set to UNKNOWN_STATE."""
    REVOKED_NEEDS_EVIDENCE = "REVOKED_NEEDS_EVIDENCE"
    """Only evidence lifts a revocation."""
    ALREADY_CONFIRMED = "ALREADY_CONFIRMED"
    """A pending request never disturbs a confirmed consent."""
    STALE_EVIDENCE = "STALE_EVIDENCE"
    """Evidence that is stored already is newer, or of the same date and says something else."""
    RECONSENT_NEEDS_CONFIRMATION = "RECONSENT_NEEDS_CONFIRMATION"
    """The policy wants a double opt-in after a revocation: ask for PENDING first."""


class Reason(StrEnum):
    """Why a person may not be contacted, in order of precedence (contract, section 5)."""

    NO_CONSENT = "NO_CONSENT"
    """There is no record."""
    REVOKED = "REVOKED"
    UNKNOWN_STATE = "UNKNOWN_STATE"
    NEVER_CONFIRMED = "NEVER_CONFIRMED"
    PENDING_CONFIRMATION = "PENDING_CONFIRMATION"
    DOUBLE_CONFIRMATION_REQUIRED = "DOUBLE_CONFIRMATION_REQUIRED"
    """The policy demands a double opt-in, and the confirmation is none."""
    EXPIRED = "EXPIRED"
    """The confirmation is older than the policy lets it live."""


class TokenRefusal(StrEnum):
    """Why the token of a link is not honoured (contract, section 6)."""

    FORGED = "FORGED"
    """No key of this deployment signed it."""
    WRONG_ACTION = "WRONG_ACTION"
    """It is for another action than the one asked for."""
    EXPIRED = "EXPIRED"
    """The confirmation was asked for too long ago."""
    REVOKED_SINCE = "REVOKED_SINCE"
    """The person took the consent back after it was asked for."""


class Ordering(StrEnum):
    """Whether the date of evidence decides, or the order of arrival."""

    BY_EVIDENCE = "BY_EVIDENCE"
    LAST_WRITE = "LAST_WRITE"


class Reconsent(StrEnum):
    """What lifts a revocation (contract, section 4.5)."""

    FRESH_EVIDENCE = "FRESH_EVIDENCE"
    DOUBLE_OPT_IN = "DOUBLE_OPT_IN"


class ViolationCode(StrEnum):
    """What is wrong with a field, as a stable word that programs may rely on."""

    REQUIRED = "REQUIRED"
    WRONG_TYPE = "WRONG_TYPE"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    UNKNOWN_VALUE = "UNKNOWN_VALUE"
    GIVEN_TWICE = "GIVEN_TWICE"
    NOT_ALLOWED = "NOT_ALLOWED"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    INVALID_DATE = "INVALID_DATE"
    INVALID_TEXT = "INVALID_TEXT"
    INVALID_ID = "INVALID_ID"
    INVALID_NUMBER = "INVALID_NUMBER"
    INVALID_JSON = "INVALID_JSON"
    INVALID_CURSOR = "INVALID_CURSOR"
    INVALID_LANGUAGE = "INVALID_LANGUAGE"
    DATE_IN_FUTURE = "DATE_IN_FUTURE"
    DATE_WITHOUT_OFFSET = "DATE_WITHOUT_OFFSET"
    TOO_LONG = "TOO_LONG"
    TOO_LARGE = "TOO_LARGE"
    TOO_DEEP = "TOO_DEEP"
    EVIDENCE_REQUIRED = "EVIDENCE_REQUIRED"
    CONTRADICTORY_EVIDENCE = "CONTRADICTORY_EVIDENCE"
    STATE_REQUIRED = "STATE_REQUIRED"
    IMMUTABLE = "IMMUTABLE"
