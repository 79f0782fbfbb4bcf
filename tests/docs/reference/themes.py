"""Which public name belongs to which theme of the reference."""

from typing import Final

import consent_core

THEMES: Final[dict[str, tuple[str, ...]]] = {
    "values": (
        "Email",
        "Phone",
        "Identifier",
        "ConfirmationActivity",
        "RevokeActivity",
        "ExtendedFields",
        "MarketingConsent",
        "Link",
    ),
    "requests": ("Upsert", "Update", "Claims", "check_language"),
    "deciding": ("decide", "Outcome", "Policy", "Lifecycle", "LIFECYCLE"),
    "eligibility": (
        "eligibility",
        "CommunicationEligibility",
        "audience",
        "Rule",
        "explain",
        "Explanation",
    ),
    "topics": (
        "TopicDefault",
        "TopicChoice",
        "TopicActivity",
        "TopicChoices",
        "TopicEvidence",
        "Topics",
        "TopicQuestion",
        "ANY_TOPIC",
        "wanted_topics",
    ),
    "delivery": (
        "DeliveryReport",
        "ReportOutcome",
        "decide_report",
        "Delivery",
    ),
    "erasing": (
        "Tombstone",
        "TombstoneKeys",
        "TombstoneDigest",
        "TombstoneChange",
    ),
    "events": (
        "ConsentCreated",
        "ConsentUpdated",
        "ConsentDeleted",
        "ConsentEvent",
        "replay",
        "as_of",
        "consent_receipt",
        "receipt_page",
    ),
    "services": (
        "ConsentService",
        "AsyncConsentService",
        "Rejected",
        "Found",
        "LinkPreview",
    ),
    "queries": (
        "Query",
        "Condition",
        "Filter",
        "AllOf",
        "AnyOf",
        "all_of",
        "any_of",
        "QueryField",
        "ExtendedField",
        "Operator",
        "Position",
        "Page",
    ),
    "port": (
        "Repository",
        "AsyncRepository",
        "Change",
        "MemoryRepository",
        "AsyncMemoryRepository",
        "Outbox",
        "AsyncOutbox",
        "LinkIssuer",
        "LinkToken",
    ),
    "vocabulary": (
        "Channel",
        "ConsentState",
        "ConfirmationSource",
        "RevokeSource",
        "OptInLevel",
        "Actor",
        "DeliveryEvent",
        "DeliveryStatus",
        "LinkType",
        "Result",
        "KeptReason",
        "Reason",
        "TokenRefusal",
        "Ordering",
        "Reconsent",
        "ViolationCode",
    ),
    "errors": (
        "ConsentError",
        "InvalidConsent",
        "Violation",
        "ConsentNotFound",
        "ConsentAlreadyExists",
        "PermissionDenied",
        "InvalidToken",
        "RepositoryError",
        "Conflict",
        "RevisionMismatch",
        "Contended",
        "Unavailable",
        "ChartError",
    ),
}
"""The names of ``consent_core``, in the order in which a reader meets them."""

MODULES: Final = {
    "wire": "consent_core.wire",
    "rest": "consent_core.rest",
    "moving": "consent_core.moving",
    "links": "consent_core.links",
    "pydantic": "consent_core.pydantic",
    "fastapi": "consent_core.fastapi",
    "porting": "consent_core.porting",
    "sqlalchemy": "consent_core.adapters.sqlalchemy",
    "testing": "consent_core.testing",
    "strategies": "consent_core.testing.strategies",
}
"""The other modules with public names."""

_DJANGO: Final = "consent_core.adapters.django"

DJANGO_NAMES: Final = (
    (f"{_DJANGO}.conf", "get_service"),
    (f"{_DJANGO}.conf", "SETTINGS"),
    (f"{_DJANGO}.repository", "DjangoRepository"),
    (f"{_DJANGO}.fields", "EmailIdentifierField"),
    (f"{_DJANGO}.fields", "PhoneIdentifierField"),
    (f"{_DJANGO}.fields", "IdentifierKeyField"),
    (f"{_DJANGO}.fields", "IdentifierManager"),
    (f"{_DJANGO}.fields", "IdentifierQuerySet"),
    (f"{_DJANGO}.mail", "unsubscribe_link"),
    (f"{_DJANGO}.mail", "unsubscribe_headers"),
    (f"{_DJANGO}.mail", "preferences_link"),
    (f"{_DJANGO}.templatetags.consents", "unsubscribe_url"),
    (f"{_DJANGO}.templatetags.consents", "preferences_url"),
    (f"{_DJANGO}.urls", "urlpatterns"),
    (f"{_DJANGO}.views", "LinkView"),
    (f"{_DJANGO}.views", "ConfirmView"),
    (f"{_DJANGO}.views", "UnsubscribeView"),
    (f"{_DJANGO}.views", "PreferencesView"),
    (f"{_DJANGO}.management.commands.consents", "Command"),
    (f"{_DJANGO}.testing", "RepositoryTests"),
    (f"{_DJANGO}.testing", "TestedRepository"),
)
"""What a Django project uses: like Django's own packages, this one is used by its modules."""

SIGNATURE_NAMES: Final = (
    ("consent_core.domain.requests", "FieldsLike"),
    ("consent_core.domain.topics", "ChoicesLike"),
    ("consent_core.application.service", "UpdateFields"),
    ("consent_core.application.use_cases", "BulkItem"),
    ("consent_core.application.use_cases", "BulkAnswer"),
    ("consent_core.application.plans", "Plan"),
)
"""What signatures mention beside the public names."""


def checked_themes() -> dict[str, tuple[str, ...]]:
    """The themes, if every public name has exactly one.

    Raises:
        ValueError: a name has none, has two, or is not public.
    """
    placed = [name for names in THEMES.values() for name in names]
    if sorted(placed) != sorted(consent_core.__all__):
        wrong = set(consent_core.__all__) ^ set(placed) or "two of one"
        raise ValueError(f"names without a theme, or with two: {wrong}")
    return THEMES
