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
    """By e-mail, at an address."""
    PHONE = "PHONE"
    """By text message or call, at a number."""


class ConfirmationSource(StrEnum):
    """Where a confirmation came from."""

    UNKNOWN_SOURCE = "UNKNOWN_SOURCE"
    """Not known."""
    IN_PERSON = "IN_PERSON"
    """Face to face, e.g. a printed form that was signed."""
    FORM = "FORM"
    """A form that the person filled in."""
    LINK_CONFIRMATION = "LINK_CONFIRMATION"
    """The link of a confirmation message."""
    EMAIL_SERVICE = "EMAIL_SERVICE"
    """Another e-mail service, from which the consent was taken over."""
    WIX_USERS = "WIX_USERS"
    """The user accounts of Wix."""
    OTHER = "OTHER"
    """Anything else; the description may tell."""


class RevokeSource(StrEnum):
    """Where a revocation came from."""

    UNKNOWN_SOURCE = "UNKNOWN_SOURCE"
    """Not known."""
    IN_PERSON = "IN_PERSON"
    """Face to face."""
    FORM = "FORM"
    """A form that the person filled in."""
    REVOKE_LINK = "REVOKE_LINK"
    """The unsubscribe link of a message."""
    WIX_USERS = "WIX_USERS"
    """The user accounts of Wix."""
    OTHER = "OTHER"
    """Anything else, e.g. the word STOP; the description may tell."""


class Actor(StrEnum):
    """Who acted (contract, section 7)."""

    UNKNOWN_ACTOR = "UNKNOWN_ACTOR"
    """Not known; the same as no actor. The source may say who it was, as that of a link does."""
    SUBJECT = "SUBJECT"
    """The person."""
    OPERATOR = "OPERATOR"
    """Staff, or a system that acts for the company."""
    IMPORT = "IMPORT"
    """A list that was taken over."""
    PROVIDER = "PROVIDER"
    """A mailbox provider or carrier: a complaint, a blocked number."""


class OptInLevel(StrEnum):
    """How a person said yes: once, or once more by answering a message."""

    UNKNOWN_OPT_IN_LEVEL = "UNKNOWN_OPT_IN_LEVEL"
    """Not known."""
    SINGLE_CONFIRMATION = "SINGLE_CONFIRMATION"
    """Once."""
    DOUBLE_CONFIRMATION = "DOUBLE_CONFIRMATION"
    """Twice: asked, and confirmed by answering a message (double opt-in)."""


class DeliveryEvent(StrEnum):
    """What became of a message (contract, section 9)."""

    PERMANENT_BOUNCE = "PERMANENT_BOUNCE"
    """It bounced, and will again."""
    TRANSIENT_BOUNCE = "TRANSIENT_BOUNCE"
    """It bounced for the moment, as where a mailbox is full."""
    UNDETERMINED_BOUNCE = "UNDETERMINED_BOUNCE"
    """It bounced, and the report does not say why."""
    DELIVERED = "DELIVERED"
    """It arrived."""
    COMPLAINT = "COMPLAINT"
    """The person called it spam (RFC 5965): an opt-out."""
    RESET = "RESET"
    """None was sent: the company says that the address works again."""


class DeliveryStatus(StrEnum):
    """Whether an address can be reached (contract, section 9)."""

    REACHABLE = "REACHABLE"
    """Nothing speaks against it."""
    BOUNCING = "BOUNCING"
    """The last messages bounced for the moment."""
    UNREACHABLE = "UNREACHABLE"
    """Messages do not arrive."""


class LinkType(StrEnum):
    """What a link in a message does."""

    UNKNOWN_LINK_TYPE = "UNKNOWN_LINK_TYPE"
    """Not known; no link that is issued has this type."""
    CONFIRMATION = "CONFIRMATION"
    """Confirms: the second half of a double opt-in."""
    REVOKE_CONFIRMATION = "REVOKE_CONFIRMATION"
    """Revokes: unsubscribes."""


class Result(StrEnum):
    """What became of a record."""

    CREATED = "CREATED"
    """There was no record; now there is one."""
    UPDATED = "UPDATED"
    """The record changed, and its revision grew by one."""
    UNCHANGED = "UNCHANGED"
    """Nothing was stored: the record says all of it already, or the request did not win."""


class KeptReason(StrEnum):
    """Why a requested state was not taken, in order of precedence (contract, section 4.3)."""

    EMAIL_KEEPS_STATE = "EMAIL_KEEPS_STATE"
    """An e-mail consent that exists is never set to UNKNOWN_STATE."""
    REVOKED_NEEDS_EVIDENCE = "REVOKED_NEEDS_EVIDENCE"
    """Only evidence lifts a revocation."""
    ALREADY_CONFIRMED = "ALREADY_CONFIRMED"
    """A pending request never disturbs a confirmed consent."""
    UNDATED_EVIDENCE = "UNDATED_EVIDENCE"
    """The confirmation has no date, and its source is none where a person acts at that moment.

    It proves no order.
    """
    STALE_EVIDENCE = "STALE_EVIDENCE"
    """Evidence that is stored already is newer, or of the same date and says something else."""
    RECONSENT_NEEDS_CONFIRMATION = "RECONSENT_NEEDS_CONFIRMATION"
    """The policy wants a double opt-in after a revocation: ask for PENDING first."""
    RECONSENT_NEEDS_SUBJECT = "RECONSENT_NEEDS_SUBJECT"
    """The person opted out, and the policy lets only the person come back (``BY_SUBJECT``)."""


class Reason(StrEnum):
    """Why a person may not be contacted, in order of precedence (contract, section 5)."""

    NO_CONSENT = "NO_CONSENT"
    """There is no record."""
    REVOKED = "REVOKED"
    """The person took the consent back."""
    UNKNOWN_STATE = "UNKNOWN_STATE"
    """It is not known whether the person consents."""
    NEVER_CONFIRMED = "NEVER_CONFIRMED"
    """The person never said yes, and the policy does not grant that on this channel."""
    PENDING_CONFIRMATION = "PENDING_CONFIRMATION"
    """The person was asked and has not confirmed yet."""
    DOUBLE_CONFIRMATION_REQUIRED = "DOUBLE_CONFIRMATION_REQUIRED"
    """The policy demands a double opt-in, and there is none since the last revocation."""
    EXPIRED = "EXPIRED"
    """The confirmation is older than ``confirmation_lifetime``."""
    TOPIC_LEFT = "TOPIC_LEFT"
    """The person left the topic that is asked about."""
    TOPIC_NOT_CHOSEN = "TOPIC_NOT_CHOSEN"
    """The topic is for those who chose it, and the person did not."""
    UNREACHABLE = "UNREACHABLE"
    """Messages to the address do not arrive."""


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
    SPENT = "SPENT"
    """It was used, and the consent was taken out of CONFIRMED since."""
    UNPROVEN = "UNPROVEN"
    """The history that would tell whether the person took the consent back since is not there."""


class Ordering(StrEnum):
    """Whether the date of evidence decides, or the order of arrival."""

    BY_EVIDENCE = "BY_EVIDENCE"
    """The dates of the evidence decide, in whatever order it arrives."""
    LAST_WRITE = "LAST_WRITE"
    """What arrives last stands."""


class Reconsent(StrEnum):
    """What lifts a revocation (contract, section 4.5)."""

    FRESH_EVIDENCE = "FRESH_EVIDENCE"
    """Evidence later than the revocation lifts it."""
    DOUBLE_OPT_IN = "DOUBLE_OPT_IN"
    """Only a new double opt-in, through PENDING, lifts it."""
    BY_SUBJECT = "BY_SUBJECT"
    """Later evidence lifts it, but only the person lifts the person's own opt-out (section 7)."""


class ViolationCode(StrEnum):
    """What is wrong with a field, as a stable word that programs may rely on."""

    REQUIRED = "REQUIRED"
    """The field is missing or null. Add it."""
    WRONG_TYPE = "WRONG_TYPE"
    """The value is of another type than the field has. Send the type that the description names."""
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    """There is no such field here. Correct the spelling, move the field, or leave it out."""
    UNKNOWN_VALUE = "UNKNOWN_VALUE"
    """The word is none of those that the field takes. Use one of them."""
    GIVEN_TWICE = "GIVEN_TWICE"
    """The same field is given in two spellings. Keep one."""
    NOT_ALLOWED = "NOT_ALLOWED"
    """The value is known but not allowed here. Do what the description says instead."""
    INVALID_EMAIL = "INVALID_EMAIL"
    """The form of the address is wrong. Ask the person for the address again."""
    INVALID_PHONE = "INVALID_PHONE"
    """There can be no such number. Send a plus sign, the country code and all digits."""
    UNASSIGNED_PHONE = "UNASSIGNED_PHONE"
    """The policy takes only numbers that their country assigns, and this is none of them.

    Ask the person for the number again.
    """
    INVALID_DATE = "INVALID_DATE"
    """This is no date-time that exists. Write it as in RFC 3339: 2023-05-01T00:00:00Z."""
    INVALID_TEXT = "INVALID_TEXT"
    """Not every store can hold the text. Remove NUL and half surrogate pairs."""
    INVALID_ID = "INVALID_ID"
    """This is no id. Send a GUID as it was given out."""
    INVALID_NUMBER = "INVALID_NUMBER"
    """The number is out of range or not finite.

    Stay within the bounds that the description names.
    """
    INVALID_JSON = "INVALID_JSON"
    """This is not JSON, or no value that JSON can say. Send JSON as RFC 8259 has it, in UTF-8."""
    INVALID_CURSOR = "INVALID_CURSOR"
    """The cursor was altered, made up, or belongs to another query.

    Send one back as it was given out.
    """
    INVALID_LANGUAGE = "INVALID_LANGUAGE"
    """This is no language tag. Send one as in BCP 47: de or pt-BR."""
    DATE_IN_FUTURE = "DATE_IN_FUTURE"
    """The date is further ahead of receipt than the policy's clock skew.

    Mend the sender's clock or date.
    """
    DATE_WITHOUT_OFFSET = "DATE_WITHOUT_OFFSET"
    """The date-time could mean any time zone. Add Z or an offset such as +02:00."""
    TOO_LONG = "TOO_LONG"
    """The text has more characters than the policy allows. Shorten it."""
    TOO_LARGE = "TOO_LARGE"
    """There is more of it than the policy or the store allows. Send less at once."""
    TOO_DEEP = "TOO_DEEP"
    """Extended fields are nested deeper than the policy allows. Flatten them."""
    EVIDENCE_REQUIRED = "EVIDENCE_REQUIRED"
    """The state needs an activity that proves it. Send that activity in the same request."""
    CONTRADICTORY_EVIDENCE = "CONTRADICTORY_EVIDENCE"
    """Of two activities, the later one proves another state.

    Correct a date, or ask for the other state.
    """
    STATE_REQUIRED = "STATE_REQUIRED"
    """An update brings evidence of another state than the stored one.

    Name the state that it proves.
    """
    IMMUTABLE = "IMMUTABLE"
    """The identifier of a consent never changes. Upsert a consent for the new address or number."""
