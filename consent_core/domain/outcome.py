"""What became of a request."""

from typing import Any, NamedTuple, final

from consent_core.domain.errors import ConsentNotFound
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.vocabulary import ConsentState, KeptReason, LinkType, Result


@final
class Outcome(NamedTuple):
    """What became of a request.

    Args:
        result: whether the record was created, updated or left unchanged.
        kept: why the requested state was not taken; None when it was. It says nothing about whether
            anything was stored: ``result`` does.
        record: the record afterwards; None where there is none, because the person was erased and
            nothing in the request brings them back.
        events: what happened to the record; empty exactly when it did not change.
        link: to confirm after a question, else to revoke while CONFIRMED; None otherwise, and
            without a link issuer.
        tombstone: what remembers the person's no afterwards, where there is no record.
        asked_topics: the topics that the person joins by confirming; the link carries them. They
            are those with an IN in a PENDING request, also where the person has chosen one already;
            only an IN that is stored already, of the same date, is left out.
    """

    result: Result
    kept: KeptReason | None
    record: MarketingConsent | None
    events: tuple[ConsentEvent, ...]
    link: Link | None = None
    tombstone: Tombstone | None = None
    asked_topics: tuple[str, ...] = ()

    @property
    def consent(self) -> MarketingConsent:
        """The record afterwards, for callers who know that there is one.

        There always is, unless the service was given ``tombstone_keys``.

        Raises:
            ConsentNotFound: there is none: the person was erased, and the tombstone stands.
        """
        if self.record is None:
            raise ConsentNotFound("this person, who was erased: ask for outcome.record")
        return self.record

    @property
    def link_to_mail(self) -> Link | None:
        """The link to confirm, where only the person's click can add something; None elsewhere.

        A click adds to a record that is PENDING, to one without a double opt-in since the last
        revocation, and to one whose person has not chosen a topic that was asked. Whoever has
        confirmed all of that gets no second mail, although ``link`` lets them confirm again: mail
        that instead where the policy lets confirmations expire.
        """
        link, record = self.link, self.record
        if link is None or record is None or link.type is not LinkType.CONFIRMATION:
            return None
        is_new = record.state is ConsentState.PENDING or not record.doubly_confirmed
        return link if is_new or not record.chosen_topics.issuperset(self.asked_topics) else None

    def summary(self) -> dict[str, Any]:
        """What became of the request, for a log: ready for JSON, and without personal data."""
        record = self.record
        return {
            "result": str(self.result),
            "kept": self.kept and str(self.kept),
            "consentId": None if record is None else str(record.id),
            "revision": None if record is None else record.revision,
            "channel": None if record is None else str(record.details.channel),
            "state": None if record is None else str(record.state),
            "events": [type(event).__name__ for event in self.events],
            "link": self.link and str(self.link.type),
        }

    @property
    def error(self) -> None:
        """None: the request was applied. In a bulk, ``Rejected`` has the error instead."""
        return None
