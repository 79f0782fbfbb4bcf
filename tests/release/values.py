"""The values that a release writes and all later ones must read.

Built here as a caller builds them, word for word.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from attrs import evolve

import consent_core as cc

ASKED: Final = datetime(2026, 3, 1, 11, 59, 30, 123456, tzinfo=UTC)
STORED: Final = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
CHANGED: Final = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
ERASED: Final = datetime(2026, 4, 1, tzinfo=UTC)

ADA: Final = cc.Email("Ada.Lovelace@Example.org")
ZOE: Final = cc.Email("zoë@exämple.org")
PHONE: Final = cc.Phone("+1 202-555-0172")

ASKED_BY_FORM: Final = cc.ConfirmationActivity(
    source=cc.ConfirmationSource.FORM,
    description="Newsletter “Grüße”, 世界 👋",
    updated_date=ASKED,
    opt_in_level=cc.OptInLevel.DOUBLE_CONFIRMATION,
)
SAID_YES: Final = cc.ConfirmationActivity(
    source=cc.ConfirmationSource.LINK_CONFIRMATION,
    updated_date=CHANGED,
    opt_in_level=cc.OptInLevel.DOUBLE_CONFIRMATION,
)
SAID_NO: Final = cc.RevokeActivity(
    source=cc.RevokeSource.IN_PERSON, description="said so at the counter", updated_date=ASKED
)
FIELDS: Final = cc.ExtendedFields(
    {"app": {"topics": ["cats", None, 1.5, {"ü": True}], "big": 2**60}, "_x": {"n": -1}}
)

PENDING: Final = cc.MarketingConsent(
    id=UUID("11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa"),
    revision=1,
    details=ADA,
    state=cc.ConsentState.PENDING,
    created_date=STORED,
    updated_date=STORED,
    last_confirmation_activity=ASKED_BY_FORM,
)
CONFIRMED: Final = evolve(
    PENDING,
    revision=2,
    state=cc.ConsentState.CONFIRMED,
    updated_date=CHANGED,
    last_confirmation_activity=SAID_YES,
    last_revoke_activity=SAID_NO,
    extended_fields=FIELDS,
)
REVOKED: Final = cc.MarketingConsent(
    id=UUID("22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb"),
    revision=1,
    details=PHONE,
    state=cc.ConsentState.REVOKED,
    created_date=STORED,
    updated_date=STORED,
    last_revoke_activity=SAID_NO,
    double_confirmed_date=CHANGED - timedelta(days=365),
)
DELIVERY: Final = cc.Delivery(
    status=cc.DeliveryStatus.UNREACHABLE, since=CHANGED, bounces=7, last_code="4.2.2"
)
TOPICS: Final = cc.Topics(
    {
        "events": cc.TopicEvidence(
            choice=cc.TopicChoice.IN,
            updated_date=CHANGED,
            actor=cc.Actor.SUBJECT,
            out_date=STORED,
            other_in_date=STORED,
        ),
        "offers": cc.TopicEvidence(choice=cc.TopicChoice.OUT, updated_date=CHANGED),
    }
)
NEVER: Final = cc.MarketingConsent(
    id=UUID("33333333-cccc-4ccc-8ccc-cccccccccccc"),
    revision=1,
    details=ZOE,
    state=cc.ConsentState.NEVER_CONFIRMED,
    created_date=CHANGED,
    updated_date=CHANGED,
    subject_confirmed_date=STORED,
    subject_revoked_date=CHANGED,
    delivery=DELIVERY,
    topics=TOPICS,
)
GONE: Final = UUID("44444444-dddd-4ddd-8ddd-dddddddddddd")

CREATED: Final = cc.ConsentCreated(PENDING)
UPDATED: Final = cc.ConsentUpdated(CONFIRMED)
DELETED: Final = cc.ConsentDeleted(GONE, 8, ERASED)

RECORDS: Final = (CONFIRMED, REVOKED, NEVER)
"""What the database holds, each with its history."""

HISTORIES: Final[dict[UUID, tuple[cc.ConsentEvent, ...]]] = {
    CONFIRMED.id: (CREATED, UPDATED),
    REVOKED.id: (cc.ConsentCreated(REVOKED),),
    NEVER.id: (cc.ConsentCreated(NEVER),),
}

UPSERT: Final = cc.Upsert(
    details=ADA,
    state=cc.ConsentState.CONFIRMED,
    last_confirmation_activity=SAID_YES,
    last_revoke_activity=SAID_NO,
    extended_fields=FIELDS,
    topics={"offers": cc.TopicActivity(cc.TopicChoice.OUT, CHANGED, cc.Actor.SUBJECT)},
)
LINK: Final = cc.Link(cc.LinkType.REVOKE_CONFIRMATION, "https://example.org/consent?token=none")
GRANTED: Final = cc.CommunicationEligibility(revoke_confirmation_link=LINK)
REFUSED: Final = cc.CommunicationEligibility(
    (cc.Reason.REVOKED, cc.Reason.DOUBLE_CONFIRMATION_REQUIRED)
)
ELIGIBILITIES: Final = (GRANTED, REFUSED, cc.CommunicationEligibility((cc.Reason.NO_CONSENT,)))

VIOLATION: Final = cc.Violation("details.email", cc.ViolationCode.INVALID_EMAIL, "has no @-sign")
FILTER: Final = cc.Filter(
    cc.QueryField.STATE, cc.Operator.IN, (cc.ConsentState.CONFIRMED, cc.ConsentState.PENDING)
)
POSITION: Final = cc.Position(CHANGED, CONFIRMED.id, backward=True)
TOMBSTONE: Final = cc.Tombstone(
    revoked_date=CHANGED, revoked_by=cc.Actor.SUBJECT, subject_revoked_date=ASKED
)
DIGEST: Final = cc.TombstoneDigest("5e" * 32, "0a1b2c3d")
CHANGE: Final = cc.Change(ADA, 1, CONFIRMED, (UPDATED,))
REQUEST: Final = cc.Query(
    where=(FILTER,),
    sort=cc.QueryField.UPDATED_DATE,
    descending=True,
    page_size=7,
    position=POSITION,
)
POLICY: Final = cc.Policy(
    ordering=cc.Ordering.LAST_WRITE,
    reconsent=cc.Reconsent.DOUBLE_OPT_IN,
    minimum_opt_in_level=cc.OptInLevel.DOUBLE_CONFIRMATION,
    confirmation_lifetime=timedelta(days=700),
    never_confirmed_granted=frozenset({cc.Channel.EMAIL, cc.Channel.PHONE}),
    undated_is_now=frozenset({cc.ConfirmationSource.WIX_USERS}),
    evidence_margin=timedelta(seconds=2),
    clock_skew=timedelta(seconds=1),
    valid_phones_only=True,
    confirmation_link_lifetime=timedelta(days=3),
    bounce_limit=4,
    transient_lapse=timedelta(days=5),
    max_description_length=5,
    max_extended_fields_size=6,
    max_extended_fields_depth=7,
    max_identifier_length=8,
    topics={"offers": cc.TopicDefault.OPT_OUT, "events": cc.TopicDefault.OPT_IN},
)

PICKLED: Final[dict[str, object]] = {
    "email": ADA,
    "email_international": ZOE,
    "phone": PHONE,
    "confirmation_activity": ASKED_BY_FORM,
    "revoke_activity": SAID_NO,
    "extended_fields": FIELDS,
    "consent": CONFIRMED,
    "consent_revoked": REVOKED,
    "consent_never_confirmed": NEVER,
    "created": CREATED,
    "updated": UPDATED,
    "deleted": DELETED,
    "upsert": UPSERT,
    "update": cc.Update(
        id=CONFIRMED.id,
        state=cc.ConsentState.REVOKED,
        last_revoke_activity=SAID_NO,
        extended_fields=FIELDS,
        details=ADA,
        revision=2,
        revocation_fields=frozenset({"source"}),
    ),
    "policy": POLICY,
    "policy_default": cc.Policy(),
    "outcome_updated": cc.Outcome(cc.Result.UPDATED, None, CONFIRMED, (UPDATED,)),
    "outcome": cc.Outcome(cc.Result.UNCHANGED, cc.KeptReason.STALE_EVIDENCE, CONFIRMED, (), LINK),
    "topics": TOPICS,
    "topic_evidence": TOPICS["events"],
    "topic_activity": UPSERT.topics["offers"],
    "topic_choices": UPSERT.topics,
    "delivery": DELIVERY,
    "claims": cc.Claims.single_opt_in_form(),
    "delivery_report": cc.DeliveryReport(
        identifier=ADA,
        event=cc.DeliveryEvent.PERMANENT_BOUNCE,
        reported_date=CHANGED,
        code="5.1.1",
    ),
    "report_outcome": cc.ReportOutcome(cc.Result.UNCHANGED, None, ()),
    "explanation": cc.Explanation((cc.Reason.REVOKED,), ("They left.",)),
    "rejected": cc.Rejected(cc.ConsentNotFound(GONE)),
    "found": cc.Found(CONFIRMED, GRANTED),
    "eligibility": REFUSED,
    "rule": cc.Rule(
        "HARD_BOUNCED",
        cc.any_of(cc.Filter(cc.ExtendedField("crm", "bounce"), cc.Operator.NE, "hard")),
    ),
    "link": LINK,
    "link_preview": cc.LinkPreview(cc.LinkType.CONFIRMATION, PENDING, "de-CH"),
    "link_token": cc.LinkToken(
        cc.LinkType.CONFIRMATION, PENDING.id, STORED, PENDING.revision, "de-CH", ("events",)
    ),
    "filter": FILTER,
    "all_of": cc.all_of(
        FILTER, cc.Filter(cc.QueryField.DOUBLY_CONFIRMED, cc.Operator.EQ, value=True)
    ),
    "any_of": cc.any_of(FILTER, cc.all_of()),
    "extended_field": cc.ExtendedField("crm", "bounce"),
    "position": POSITION,
    "query": REQUEST,
    "page": cc.Page((CONFIRMED, REVOKED), more=True),
    "change": CHANGE,
    "tombstone": TOMBSTONE,
    "tombstone_digest": DIGEST,
    "tombstone_change": cc.TombstoneChange(DIGEST, None, TOMBSTONE),
    "outcome_erased": cc.Outcome(
        cc.Result.UNCHANGED, cc.KeptReason.STALE_EVIDENCE, None, (), tombstone=TOMBSTONE
    ),
    "violation": VIOLATION,
    "consent_error": cc.ConsentError("something"),
    "invalid_consent": cc.InvalidConsent([VIOLATION, VIOLATION]),
    "not_found": cc.ConsentNotFound(ADA),
    "already_exists": cc.ConsentAlreadyExists(GONE),
    "permission_denied": cc.PermissionDenied("SCOPE.DC-MARKETING.CONSENT-READ"),
    "invalid_token": cc.InvalidToken(cc.TokenRefusal.EXPIRED),
    "repository_error": cc.RepositoryError("something"),
    "conflict": cc.Conflict([CHANGE]),
    "revision_mismatch": cc.RevisionMismatch(2, 3),
    "contended": cc.Contended(10),
    "unavailable": cc.Unavailable("OperationalError"),
    "chart_error": cc.ChartError("an arrow leads nowhere"),
}
"""What is pickled, by the name of its file.

Each public class of values and errors at least once.
"""
