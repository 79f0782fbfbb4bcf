"""The objects of the wire and their fields.

Read by these, and described by these in the OpenAPI document.
"""

from collections.abc import Mapping
from typing import Final

from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)
from consent_core.wire.kinds import Guid, Ignored, Json, Moment, Revision, Text, Word
from consent_core.wire.reading import Kind, Shape

DETAILS: Final = Shape(
    "Details",
    {
        "type": Word(Channel, {"UNKNOWN_TYPE": "must be EMAIL or PHONE"}),
        "email": Text(),
        "phone": Text(),
    },
)

CONFIRMATION_ACTIVITY: Final = Shape(
    "LastConfirmationActivity",
    {
        "source": Word(ConfirmationSource),
        "description": Text(nullable=True),
        "updatedDate": Moment(),
        "optInLevel": Word(OptInLevel),
    },
)

REVOKE_ACTIVITY: Final = Shape(
    "LastRevokeActivity",
    {"source": Word(RevokeSource), "description": Text(nullable=True), "updatedDate": Moment()},
)

EXTENDED_FIELDS: Final = Shape("ExtendedFields", {"namespaces": Json()})

_WRITABLE: Final[Mapping[str, Kind]] = {
    "details": DETAILS,
    "state": Word(ConsentState),
    "lastConfirmationActivity": CONFIRMATION_ACTIVITY,
    "lastRevokeActivity": REVOKE_ACTIVITY,
    "extendedFields": EXTENDED_FIELDS,
}

RECORD: Final = Shape(
    "MarketingConsent",
    {
        "id": Guid(),
        "revision": Revision(),
        **_WRITABLE,
        "createdDate": Moment(),
        "updatedDate": Moment(),
        "doubleConfirmedDate": Moment(),
    },
)
"""A record as it goes out."""

REQUEST: Final = Shape(
    "MarketingConsentRequest", {name: _WRITABLE.get(name, Ignored()) for name in RECORD.fields}
)
"""A record as it comes in: what is read-only is ignored, never stored."""

STATELESS: Final = Shape("MarketingConsentCreation", {**REQUEST.fields, "state": Ignored()})
"""A record as create takes it: the state becomes CONFIRMED whatever was sent."""

UPDATE: Final = Shape("MarketingConsentUpdate", {**REQUEST.fields, "revision": Revision()})
"""A record as update takes it: the revision is what the caller insists on."""

REMOVAL: Final = Shape(
    "RemoveMarketingConsentRequest", {"details": DETAILS, "lastRevokeActivity": REVOKE_ACTIVITY}
)

GET_BY: Final = Shape("Identifier", DETAILS.fields)
"""The parameters of get-by."""

GUID: Final = Guid()

QUERY: Final = Shape(
    "Query",
    {
        "filter": Json(),
        "sort": Json(),
        "cursorPaging": Shape("CursorPaging", {"limit": Json(), "cursor": Text()}),
    },
)

WRAPPER: Final = Shape("UpsertMarketingConsentRequest", {"marketingConsent": Json()})
"""What may stand around a record."""

UPDATE_WRAPPER: Final = Shape(
    "UpdateMarketingConsentRequest", {"marketingConsent": Json(), "mask": Json()}
)

BULK: Final = Shape("BulkUpsertMarketingConsentRequest", {"info": Json()})

QUERY_WRAPPER: Final = Shape("QueryMarketingConsentRequest", {"query": Json()})
