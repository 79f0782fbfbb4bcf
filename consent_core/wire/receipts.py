"""A consent with its evidence as one document, for the person or an authority.

A name with a prefix is a term of a published vocabulary; a name without one is a word of this
library, as in ``to_wire``. The terms, and the fields of ISO/IEC TS 27560:2023 that they stand for,
are those of two publications of the W3C Data Privacy Vocabularies and Controls Community Group:
"Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV"
(https://w3id.org/dpv/guides/consent-27560) and the Data Privacy Vocabulary itself
(https://w3id.org/dpv). Terms with ``dct`` are of Dublin Core (http://purl.org/dc/terms/).
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid5

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import checked_moment, invalid
from consent_core.domain.eligibility import eligibility
from consent_core.domain.events import ConsentDeleted, ConsentEvent
from consent_core.domain.explanation import explain
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topic_words import TopicQuestion
from consent_core.domain.vocabulary import Actor, ConsentState, OptInLevel, Reason, ViolationCode
from consent_core.wire.kinds import date_time
from consent_core.wire.writing import to_wire

CONTEXT: Final = MappingProxyType(
    {"dct": "http://purl.org/dc/terms/", "dpv": "https://w3id.org/dpv#"}
)
"""The vocabularies of a receipt, by prefix."""

STATUSES: Final[Mapping[ConsentState, str]] = MappingProxyType(
    {
        ConsentState.UNKNOWN_STATE: "dpv:ConsentUnknown",
        # There is no term for a person who is known not to have answered: this is the general one.
        ConsentState.NEVER_CONFIRMED: "dpv:ConsentStatusInvalidForProcessing",
        ConsentState.PENDING: "dpv:ConsentRequested",
        ConsentState.CONFIRMED: "dpv:ConsentGiven",
        ConsentState.REVOKED: "dpv:ConsentWithdrawn",
    }
)
"""What the vocabulary calls each state (``dpv:ConsentStatus``)."""

_ENTITIES: Final[Mapping[Actor, str]] = MappingProxyType(
    {
        Actor.SUBJECT: "dpv:DataSubject",
        Actor.OPERATOR: "dpv:DataController",
        Actor.PROVIDER: "dpv:ThirdParty",
    }
)
"""What the vocabulary calls who acted; it has no term for a list that was taken over."""


def consent_receipt(
    consent: MarketingConsent,
    history: Iterable[ConsentEvent],
    *,
    policy: Policy = DEFAULT_POLICY,
    at: datetime | None = None,
    topic: str = TopicQuestion.NO_TOPIC_LEFT,
) -> dict[str, Any]:
    """A consent with every piece of evidence that was stored, and what was known at a moment.

    The fields are always in the same order, and equal arguments give an equal receipt. So its hash
    can be signed: that of the bytes of ``json.dumps(receipt, ensure_ascii=False, separators=(",",
    ":"))`` in UTF-8.

    The library does not know the company, its notice, its purposes or the moment of issue. Whoever
    needs a receipt that conforms to ISO/IEC TS 27560 adds them before signing. Extended fields are
    no evidence, and are left out.

    Args:
        consent: the record.
        history: its events, as ``ConsentService.history`` gives them. Without them, the evidence is
            what the two slots of the record hold.
        policy: the choices of the deployment, as they were at the moment that is asked about.
        at: the moment, with an offset, whose knowledge the receipt tells: "why did you write to me
            on the first of June?". Without it, the moment of the last change.
        topic: what the message was about, by the name of a topic. Without it, the receipt says
            whether the person might be contacted and had left no topic.

    Returns:
        A dict that ``json.dumps`` takes; it holds personal data. The identifier of the receipt is
        made from its content.

    Raises:
        InvalidConsent: the moment has no offset, the history is of another consent, or the policy
            does not declare the topic.
    """
    records = _records(consent, history)
    newest = records[-1]
    moment = newest.updated_date if at is None else checked_moment(at, "at")
    content = {
        "dpv:hasRecordOfActivity": {
            "@type": "dpv:ConsentRecord",
            "dct:identifier": str(newest.id),
            "dct:created": date_time(newest.created_date),
            "dct:modified": date_time(newest.updated_date),
            "dpv:hasDataSubject": {
                "@type": "dpv:DataSubject",
                "dct:identifier": newest.details.address,
            },
            "channel": newest.details.channel.value,
            "state": newest.state.value,
            "dpv:hasConsentStatus": list(_evidence(records)),
        },
        "known": _known(records, moment, policy, topic),
    }
    made_from = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return {
        "@context": dict(CONTEXT),
        "@type": "dpv:ConsentReceipt",
        "dpv:hasIdentifier": str(uuid5(newest.id, made_from)),
        **content,
    }


def _records(
    consent: MarketingConsent, history: Iterable[ConsentEvent]
) -> Sequence[MarketingConsent]:
    """The record after each change, as far as the history tells."""
    found = {consent.revision: consent}
    for event in history:
        if event.consent_id != consent.id:
            raise invalid("history", ViolationCode.IMMUTABLE, "must be that of the consent")
        if not isinstance(event, ConsentDeleted):
            found[event.sequence] = event.consent
    return [found[revision] for revision in sorted(found)]


def _evidence(records: Iterable[MarketingConsent]) -> Iterator[dict[str, Any]]:
    """Every piece of evidence, in the order in which it was stored."""
    before: MarketingConsent | None = None
    for after in records:
        known_since = 1 if before is None else before.revision + 1
        # Where changes are missing, nobody knows when a slot was filled.
        stored = after if after.revision == known_since else None
        yes, no = after.last_confirmation_activity, after.last_revoke_activity
        confirmed = after.state is ConsentState.CONFIRMED and (
            before is None or before.state is not ConsentState.CONFIRMED
        )
        # A CONFIRMED may bring what the question had: then the same slot is other evidence.
        if yes and (confirmed or before is None or yes != before.last_confirmation_activity):
            yield _piece(yes, _confirmation_status(after), stored)
        if no and (before is None or no != before.last_revoke_activity):
            yield _piece(no, _revocation_status(no), stored)
        yield from _dates(before, after, stored)
        yield from _choices(before, after, stored)
        before = after


def _dates(
    before: MarketingConsent | None, after: MarketingConsent, stored: MarketingConsent | None
) -> Iterator[dict[str, Any]]:
    """Evidence of which only the date was kept, because its slot holds something newer."""
    for dated in _grown(before, after, "subject_confirmed_date", "double_confirmed_date"):
        if dated != after.confirmed_date:
            by_subject = dated == after.subject_confirmed_date
            actor = Actor.SUBJECT if by_subject else Actor.UNKNOWN_ACTOR
            is_double = dated == after.double_confirmed_date
            level = OptInLevel.DOUBLE_CONFIRMATION if is_double else OptInLevel.UNKNOWN_OPT_IN_LEVEL
            yield {
                "@type": STATUSES[ConsentState.CONFIRMED],
                "dpv:isIndicatedAtTime": date_time(dated),
                **({"dpv:isIndicatedBy": _ENTITIES[actor]} if by_subject else {}),
                "actor": actor.value,
                "optInLevel": level.value,
                **_stored(stored),
            }
    for dated in _grown(before, after, "subject_revoked_date"):
        if dated != after.revoked_date:
            yield {
                "@type": STATUSES[ConsentState.REVOKED],
                "dpv:isIndicatedAtTime": date_time(dated),
                # It counts as the person's own, whoever reported it.
                "actor": Actor.UNKNOWN_ACTOR.value,
                **_stored(stored),
            }


def _choices(
    before: MarketingConsent | None, after: MarketingConsent, stored: MarketingConsent | None
) -> Iterator[dict[str, Any]]:
    """The choices of topics that a change stored."""
    for name, topic in after.topics.items():
        was = None if before is None else before.topics.get(name)
        for attribute, state, actor in _CHOICES:
            dated: datetime | None = getattr(topic, attribute)
            if dated is None or dated == getattr(was, attribute, None):
                continue
            yield {
                "@type": STATUSES[state],
                "topic": name,
                "dpv:isIndicatedAtTime": date_time(dated),
                **({"dpv:isIndicatedBy": _ENTITIES[actor]} if actor in _ENTITIES else {}),
                "actor": actor.value,
                **_stored(stored),
            }


_CHOICES: Final = (
    ("subject_in_date", ConsentState.CONFIRMED, Actor.SUBJECT),
    ("other_in_date", ConsentState.CONFIRMED, Actor.UNKNOWN_ACTOR),
    ("out_date", ConsentState.REVOKED, Actor.UNKNOWN_ACTOR),
)
"""The dates of a topic: what each says, and by whom."""


def _grown(
    before: MarketingConsent | None, after: MarketingConsent, *names: str
) -> Iterable[datetime]:
    """The dates of these fields that a change moved on, each once."""
    dates = [(getattr(before, name, None), getattr(after, name)) for name in names]
    return dict.fromkeys(new for old, new in dates if new not in (None, old))


def _confirmation_status(record: MarketingConsent) -> str:
    """What the confirmation that a change stored says; a late one is a yes in any other state."""
    if record.state is ConsentState.REVOKED:
        return STATUSES[ConsentState.CONFIRMED]
    return STATUSES[record.state]


def _revocation_status(activity: RevokeActivity) -> str:
    """A person withdraws; anyone else revokes."""
    return STATUSES[ConsentState.REVOKED] if activity.by_subject else "dpv:ConsentRevoked"


def _piece(
    activity: ConfirmationActivity | RevokeActivity, status: str, stored: MarketingConsent | None
) -> dict[str, Any]:
    actor, dated = activity.acted_by, activity.updated_date
    piece: dict[str, Any] = {
        "@type": status,
        "dpv:isIndicatedAtTime": dated and date_time(dated),
    }
    if actor in _ENTITIES:
        piece["dpv:isIndicatedBy"] = _ENTITIES[actor]
    piece["dpv:hasIndicationMethod"] = activity.source.value
    if activity.description is not None:
        piece["dct:description"] = activity.description
    piece["actor"] = actor.value
    if isinstance(activity, ConfirmationActivity):
        piece["optInLevel"] = activity.opt_in_level.value
    return piece | _stored(stored)


def _stored(record: MarketingConsent | None) -> dict[str, Any]:
    """When evidence was stored, if that is known."""
    if record is None:
        return {}
    return {"storedDate": date_time(record.updated_date), "revision": str(record.revision)}


def _known(
    records: Sequence[MarketingConsent], moment: datetime, policy: Policy, topic: str
) -> dict[str, Any]:
    """What was known at a moment, and whether the person might be contacted by that."""
    known = next((each for each in reversed(records) if each.updated_date <= moment), None)
    signal = eligibility(known, now=moment, policy=policy, topic=topic)
    record = None
    if known is not None:
        record = to_wire(known)
        record.pop("extendedFields", None)
    return {
        "moment": date_time(moment),
        "dpv:hasConsentStatus": _status(known, signal.reasons),
        "communicationEligibility": to_wire(signal),
        "sentences": list(explain(known, now=moment, policy=policy, topic=topic).sentences),
        "marketingConsent": record,
    }


def _status(record: MarketingConsent | None, reasons: Container[Reason | str]) -> str:
    if record is None:
        return STATUSES[ConsentState.UNKNOWN_STATE]
    if record.state is ConsentState.CONFIRMED and Reason.EXPIRED in reasons:
        return "dpv:ConsentExpired"
    if record.state is ConsentState.REVOKED and record.last_revoke_activity is not None:
        return _revocation_status(record.last_revoke_activity)
    return STATUSES[record.state]
