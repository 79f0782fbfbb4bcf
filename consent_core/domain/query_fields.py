"""What conditions can be about.

The fields of a record, how each is read, and how it can be compared.

One row of ``FIELDS`` for each: a field that is added here can be asked for in memory, and a store
derives from its row what its columns must answer.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID

from attrs import frozen

from consent_core.domain.checks import Problem, refuse
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import Channel, ConsentState, ViolationCode


class QueryField(StrEnum):
    """A field of a record that conditions can be about, by its path on the wire."""

    ID = "id"
    """The record's id."""
    CREATED_DATE = "createdDate"
    """When the record was first stored."""
    UPDATED_DATE = "updatedDate"
    """When it was last changed."""
    EMAIL = "details.email"
    """The key of an e-mail address; a phone number has none."""
    PHONE = "details.phone"
    """The key of a phone number; an e-mail address has none."""
    CHANNEL = "details.type"
    """How the person is reached."""
    STATE = "state"
    """The state of the consent."""
    CONFIRMED_DATE = "lastConfirmationActivity.updatedDate"
    """The date in the confirmation slot, if it is filled."""
    REVOKED_DATE = "lastRevokeActivity.updatedDate"
    """The date in the revocation slot, if it is filled."""
    DOUBLY_CONFIRMED = "doublyConfirmed"
    """Derived when a record is built: a double opt-in was confirmed after the last revocation."""
    UNREACHABLE = "unreachable"
    """Derived when a record is built: messages to the address do not arrive."""
    LAST_BOUNCE_DATE = "lastBounceDate"
    """Derived: the moment of the last bounce, where the address is unreachable for a while only."""
    LEFT_TOPICS = "leftTopics"
    """Derived when a record is built: the topics that the person left."""
    CHOSEN_TOPICS = "chosenTopics"
    """Derived when a record is built: the topics that were chosen since the last revocation."""


class Operator(StrEnum):
    """How a field is compared."""

    EQ = "$eq"
    NE = "$ne"
    IN = "$in"
    EXISTS = "$exists"
    GT = "$gt"
    LT = "$lt"
    GTE = "$gte"
    LTE = "$lte"
    STARTS_WITH = "$startsWith"
    CONTAINS = "$contains"
    LACKS = "$lacks"


@frozen
class ExtendedField:
    """An extended field, for the rules of a deployment (contract, section 13).

    Args:
        namespace: whose it is.
        name: what it is called there.

    Raises:
        InvalidConsent: a name is empty, or has a character that some store cannot address.
    """

    namespace: str
    name: str

    def __attrs_post_init__(self) -> None:
        refuse("extendedFields", namespace=_wrong_name(self.namespace), name=_wrong_name(self.name))

    def __str__(self) -> str:
        return f"extendedFields.namespaces.{self.namespace}.{self.name}"


def _wrong_name(name: object) -> Problem:
    if isinstance(name, str) and _NAME.fullmatch(name):
        return None
    return (
        ViolationCode.NOT_ALLOWED,
        "must be text, not empty, without quotation marks, backslashes and control characters",
    )


_NAME: Final = re.compile(r'[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]+')


class Description(NamedTuple):
    """What conditions may say of a field.

    Args:
        kind: the type of its values.
        read: reads it from a record; gives None where the record lacks it.
        operators: how it can be compared (contract, section 2).
    """

    kind: type
    read: Callable[[MarketingConsent], Any]
    operators: tuple[Operator, ...]


_WORDS: Final = (Operator.EQ, Operator.NE, Operator.IN)
NAMES: Final = (*_WORDS, Operator.EXISTS)
"""How extended fields can be compared."""

_KEYS: Final = (*NAMES, Operator.STARTS_WITH)
_DATES: Final = (Operator.EQ, Operator.NE, Operator.GT, Operator.LT, Operator.GTE, Operator.LTE)
_OPTIONAL_DATES: Final = (*_DATES, Operator.EXISTS)
_NAMED: Final = (Operator.CONTAINS, Operator.LACKS)


def _key_on(channel: Channel) -> Callable[[MarketingConsent], str | None]:
    return lambda consent: consent.details.key if consent.details.channel is channel else None


FIELDS: Final[Mapping[QueryField, Description]] = MappingProxyType(
    {
        QueryField.ID: Description(UUID, attrgetter("id"), NAMES),
        QueryField.CREATED_DATE: Description(datetime, attrgetter("created_date"), _DATES),
        QueryField.UPDATED_DATE: Description(datetime, attrgetter("updated_date"), _DATES),
        QueryField.EMAIL: Description(str, _key_on(Channel.EMAIL), _KEYS),
        QueryField.PHONE: Description(str, _key_on(Channel.PHONE), _KEYS),
        QueryField.CHANNEL: Description(Channel, attrgetter("details.channel"), _WORDS),
        QueryField.STATE: Description(ConsentState, attrgetter("state"), _WORDS),
        QueryField.CONFIRMED_DATE: Description(
            datetime, attrgetter("confirmed_date"), _OPTIONAL_DATES
        ),
        QueryField.REVOKED_DATE: Description(datetime, attrgetter("revoked_date"), _OPTIONAL_DATES),
        QueryField.UNREACHABLE: Description(bool, attrgetter("unreachable"), (Operator.EQ,)),
        QueryField.LAST_BOUNCE_DATE: Description(
            datetime, attrgetter("last_bounce_date"), _OPTIONAL_DATES
        ),
        QueryField.DOUBLY_CONFIRMED: Description(
            bool, attrgetter("doubly_confirmed"), (Operator.EQ,)
        ),
        QueryField.LEFT_TOPICS: Description(frozenset, attrgetter("left_topics"), _NAMED),
        QueryField.CHOSEN_TOPICS: Description(frozenset, attrgetter("chosen_topics"), _NAMED),
    }
)
"""Every field of conditions, one row each.

A new one is added here, and stores derive their columns from it.
"""

KEYS: Final[Mapping[QueryField, Channel]] = MappingProxyType(
    {QueryField.EMAIL: Channel.EMAIL, QueryField.PHONE: Channel.PHONE}
)
"""The fields that hold the key of an identifier, each on one channel."""


def value_of(consent: MarketingConsent, field: QueryField) -> Any:
    """What a record holds in a field; None where it lacks it."""
    return FIELDS[field].read(consent)
