"""What became of a request."""

from typing import Any, NamedTuple, final

from consent_core.domain.errors import ConsentNotFound
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import Link, MarketingConsent
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.vocabulary import KeptReason, Result


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
        asked_topics: the topics that the person joins by confirming; the link carries them.
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
