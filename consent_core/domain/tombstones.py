"""What is left of an erased person, so that the no is remembered (contract, section 10)."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Final, NamedTuple, Self, final

from attrs import frozen

from consent_core.domain.activities import RevokeActivity
from consent_core.domain.checks import checked_moment, checked_secrets
from consent_core.domain.events import ConsentDeleted
from consent_core.domain.evidence import NO_RECORD, ConsentStatus, apply_evidence, status_of
from consent_core.domain.identifiers import Identifier
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import NO_TOPICS, TopicEvidence, Topics
from consent_core.domain.validation import require_valid
from consent_core.domain.vocabulary import Actor, ConsentState


@final
class TombstoneDigest(NamedTuple):
    """What a tombstone is found by. It says whose it is only to those who have the secret.

    Args:
        digest: HMAC-SHA256 of site, channel and key under the secret, as 64 hexadecimal digits.
        key_number: the number of the secret; see ``TombstoneKeys``.
    """

    digest: str
    key_number: str


@final
@frozen(kw_only=True)
class Tombstone:
    """The no of an erased person; it has no address, no text and no id (contract, section 10).

    Args:
        revoked_date: the date of the last revocation; None where nothing was revoked.
        revoked_by: who acted.
        subject_revoked_date: the date of the last revocation by the person.
        topics: the topics that were left, each with the date of its latest OUT.

    Raises:
        InvalidConsent: a value is of the wrong type, or a date has no offset.
    """

    # Each field is a column of the SQL adapter, and is compared before a tombstone is changed.
    revoked_date: datetime | None = None
    revoked_by: Actor = Actor.UNKNOWN_ACTOR
    subject_revoked_date: datetime | None = None
    topics: Topics = NO_TOPICS

    def __attrs_post_init__(self) -> None:
        require_valid(self, "tombstone")

    @classmethod
    def of(cls, status: ConsentStatus, topics: Topics = NO_TOPICS) -> Self:
        """The tombstone that remembers the revocations of a status, and the OUTs of topics."""
        slot = status.revocation
        outs = {name: each.out_date for name, each in topics.items() if each.out_date is not None}
        return cls(
            revoked_date=slot and slot.updated_date,
            revoked_by=Actor.UNKNOWN_ACTOR if slot is None else slot.acted_by,
            subject_revoked_date=status.subject_revoked_date,
            topics=_left(outs),
        )

    @property
    def status(self) -> ConsentStatus:
        """What a request meets: a REVOKED that has these dates, and nothing else."""
        if self.revoked_date is None:
            return NO_RECORD
        slot = RevokeActivity(updated_date=self.revoked_date, actor=self.revoked_by)
        return NO_RECORD._replace(
            state=ConsentState.REVOKED,
            revocation=slot,
            subject_revoked_date=self.subject_revoked_date,
        )


def newest(tombstones: Iterable[Tombstone | None]) -> Tombstone | None:
    """One tombstone with the latest dates of several; None where there is none."""
    found = [tombstone for tombstone in tombstones if tombstone is not None]
    return reduce(_newest_of_two, found) if found else None


def _newest_of_two(one: Tombstone, other: Tombstone) -> Tombstone:
    later = max(one, other, key=lambda each: _at(each.revoked_date))
    subject = max(one.subject_revoked_date, other.subject_revoked_date, key=_at)
    topics = (*one.topics.items(), *other.topics.items())
    outs = sorted((name, each.updated_date) for name, each in topics)
    return Tombstone(
        revoked_date=later.revoked_date,
        revoked_by=later.revoked_by,
        subject_revoked_date=subject,
        # The later of two dates of one topic stands.
        topics=_left(dict(outs)),
    )


def _left(outs: Mapping[str, datetime]) -> Topics:
    """Topics that were left at these dates."""
    out = TopicChoice.OUT
    left = {name: TopicEvidence(choice=out, updated_date=date) for name, date in outs.items()}
    return Topics(left) if left else NO_TOPICS


def _at(moment: datetime | None) -> datetime:
    return moment or datetime.min.replace(tzinfo=UTC)


def erase(before: MarketingConsent, *, now: datetime) -> ConsentDeleted:
    """What erasing a record leaves behind: an event without personal data.

    Args:
        before: the record.
        now: the moment of erasure, with an offset.
    """
    return ConsentDeleted(before.id, before.revision + 1, checked_moment(now))


def tombstone_of(
    before: MarketingConsent, *, now: datetime, policy: Policy, suppress: bool
) -> Tombstone | None:
    """The tombstone that the erasure of a record leaves, if it leaves one.

    Args:
        before: the record.
        now: the moment of the erasure.
        policy: the choices of the deployment.
        suppress: whether the erasure of a record that is not revoked counts as an opt-out by the
            person. Without it, what stands is remembered: an opt-out, or topics that were left.
    """
    status = status_of(before)
    if suppress and before.state is not ConsentState.REVOKED:
        erasure = RevokeActivity(actor=Actor.SUBJECT)
        request = Upsert(
            details=before.details, state=ConsentState.REVOKED, last_revoke_activity=erasure
        )
        # An undated opt-out is never kept back (section 4.4, law 4).
        status, _ = apply_evidence(status, request, now, policy)
    left = before.left_topics
    topics = Topics({name: before.topics[name] for name in left}) if left else NO_TOPICS
    if status.state is ConsentState.CONFIRMED or status.revocation is None:
        return Tombstone.of(NO_RECORD, topics) if topics else None
    return Tombstone.of(status, topics)


class TombstoneKeys:
    """The secrets under which tombstones are found, for one site.

    Args:
        keys: secrets of 32 bytes or more, the newest first: tombstones are written under the first
            and found under all of them. ``secrets.token_urlsafe(32)`` makes one.
        site: the tenant; the same person has other digests on other sites.

    Raises:
        ValueError: there is no key, or one is too short.
    """

    def __init__(self, keys: Sequence[str | bytes], *, site: str = "") -> None:
        self._secrets = checked_secrets(keys, "tombstone_keys")
        self._site = site
        self.numbers: Final = tuple(_number_of(secret) for secret in self._secrets)
        """The number of each secret, which is stored beside what was written under it."""

    def digests_of(self, identifier: Identifier) -> tuple[TombstoneDigest, ...]:
        """What the tombstone of an identifier may be found by, the newest secret first."""
        # The site comes last, because it is the only part that may contain the separator.
        message = f"{identifier.channel}\0{identifier.key}\0{self._site}".encode()
        return tuple(
            TombstoneDigest(hmac.digest(secret, message, "sha256").hex(), number)
            for secret, number in zip(self._secrets, self.numbers, strict=True)
        )


def _number_of(secret: bytes) -> str:
    """Eight hexadecimal digits that follow from a secret and tell nothing about it.

    A place in the list would be another one as soon as a newer secret is put before it.
    """
    return hmac.digest(secret, b"number", "sha256").hex()[:8]
