"""Marketing consent, decided: who may be contacted, on what evidence, and why not."""

from consent_core.application.async_service import AsyncConsentService
from consent_core.application.memory import AsyncMemoryRepository, MemoryRepository
from consent_core.application.outcomes import Found, LinkPreview, Rejected
from consent_core.application.ports import (
    AsyncOutbox,
    AsyncRepository,
    Change,
    LinkIssuer,
    LinkToken,
    Outbox,
    Page,
    Repository,
    TombstoneChange,
)
from consent_core.application.query import Position, Query
from consent_core.application.service import ConsentService
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.claims import Claims
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter, all_of, any_of
from consent_core.domain.decision import decide
from consent_core.domain.delivery import Delivery, DeliveryReport
from consent_core.domain.eligibility import CommunicationEligibility, audience, eligibility
from consent_core.domain.errors import (
    ChartError,
    Conflict,
    ConsentAlreadyExists,
    ConsentError,
    ConsentNotFound,
    Contended,
    InvalidConsent,
    InvalidToken,
    PermissionDenied,
    RepositoryError,
    RevisionMismatch,
    Unavailable,
    Violation,
)
from consent_core.domain.events import (
    ConsentCreated,
    ConsentDeleted,
    ConsentEvent,
    ConsentUpdated,
    as_of,
    replay,
)
from consent_core.domain.explanation import Explanation, explain
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.language import check_language
from consent_core.domain.lifecycle import LIFECYCLE, Lifecycle
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import ExtendedField, Operator, QueryField
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.reports import ReportOutcome, decide_report
from consent_core.domain.requests import Upsert
from consent_core.domain.rules import Rule
from consent_core.domain.tombstones import Tombstone, TombstoneDigest, TombstoneKeys
from consent_core.domain.topic_questions import wanted_topics
from consent_core.domain.topic_words import ANY_TOPIC, TopicChoice, TopicDefault, TopicQuestion
from consent_core.domain.topics import (
    TopicActivity,
    TopicChoices,
    TopicEvidence,
    Topics,
)
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import (
    Actor,
    Channel,
    ConfirmationSource,
    ConsentState,
    DeliveryEvent,
    DeliveryStatus,
    KeptReason,
    LinkType,
    OptInLevel,
    Ordering,
    Reason,
    Reconsent,
    Result,
    RevokeSource,
    TokenRefusal,
    ViolationCode,
)
from consent_core.wire.receipt_pages import receipt_page
from consent_core.wire.receipts import consent_receipt

__all__ = [
    "ANY_TOPIC",
    "LIFECYCLE",
    "Actor",
    "AllOf",
    "AnyOf",
    "AsyncConsentService",
    "AsyncMemoryRepository",
    "AsyncOutbox",
    "AsyncRepository",
    "Change",
    "Channel",
    "ChartError",
    "Claims",
    "CommunicationEligibility",
    "Condition",
    "ConfirmationActivity",
    "ConfirmationSource",
    "Conflict",
    "ConsentAlreadyExists",
    "ConsentCreated",
    "ConsentDeleted",
    "ConsentError",
    "ConsentEvent",
    "ConsentNotFound",
    "ConsentService",
    "ConsentState",
    "ConsentUpdated",
    "Contended",
    "Delivery",
    "DeliveryEvent",
    "DeliveryReport",
    "DeliveryStatus",
    "Email",
    "Explanation",
    "ExtendedField",
    "ExtendedFields",
    "Filter",
    "Found",
    "Identifier",
    "InvalidConsent",
    "InvalidToken",
    "KeptReason",
    "Lifecycle",
    "Link",
    "LinkIssuer",
    "LinkPreview",
    "LinkToken",
    "LinkType",
    "MarketingConsent",
    "MemoryRepository",
    "Operator",
    "OptInLevel",
    "Ordering",
    "Outbox",
    "Outcome",
    "Page",
    "PermissionDenied",
    "Phone",
    "Policy",
    "Position",
    "Query",
    "QueryField",
    "Reason",
    "Reconsent",
    "Rejected",
    "ReportOutcome",
    "Repository",
    "RepositoryError",
    "Result",
    "RevisionMismatch",
    "RevokeActivity",
    "RevokeSource",
    "Rule",
    "TokenRefusal",
    "Tombstone",
    "TombstoneChange",
    "TombstoneDigest",
    "TombstoneKeys",
    "TopicActivity",
    "TopicChoice",
    "TopicChoices",
    "TopicDefault",
    "TopicEvidence",
    "TopicQuestion",
    "Topics",
    "Unavailable",
    "Update",
    "Upsert",
    "Violation",
    "ViolationCode",
    "all_of",
    "any_of",
    "as_of",
    "audience",
    "check_language",
    "consent_receipt",
    "decide",
    "decide_report",
    "eligibility",
    "explain",
    "receipt_page",
    "replay",
    "wanted_topics",
]
