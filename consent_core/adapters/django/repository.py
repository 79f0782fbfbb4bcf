"""The repository in a database of the project."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from consent_core.adapters.django import reading, writing
from consent_core.adapters.django.errors import DRIVER_ERRORS, is_lost_race
from consent_core.adapters.django.models import LONGEST_SITE
from consent_core.application.ports import Change, Page
from consent_core.application.query import Query
from consent_core.domain.checks import Problem, refuse, wrong_text, wrong_type
from consent_core.domain.errors import Conflict
from consent_core.domain.events import ConsentEvent
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import ViolationCode


class DjangoRepository:
    """Records and events in a database of the project, through Django's own connections.

    Within ``transaction.atomic`` every commit is a savepoint of the caller's transaction. It is
    called, and not awaited; in an async view use ``sync_to_async``, as for the rest of the ORM.

    Args:
        using: the alias of the database.
        site: the tenant; sites share tables and never see each other.

    Raises:
        InvalidConsent: the site is no text that a database can hold, or is too long.
    """

    def __init__(self, using: str = "default", site: str = "") -> None:
        refuse(
            "repository",
            using=wrong_type(using, str),
            site=wrong_type(site, str) or wrong_text(site) or _too_long(site),
        )
        self.using = using
        self.site = site

    def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        with DRIVER_ERRORS:
            return reading.find(self.using, self.site, keys)

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        """As ``Repository.get``."""
        with DRIVER_ERRORS:
            return reading.get(self.using, self.site, ids)

    def query(self, query: Query, /) -> Page:
        """As ``Repository.query``."""
        with DRIVER_ERRORS:
            return reading.query(self.using, self.site, query)

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        """As ``Repository.history``."""
        with DRIVER_ERRORS:
            return reading.history(self.using, self.site, consent_id)

    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``."""
        if not changes:
            return
        with DRIVER_ERRORS:
            try:
                with transaction.atomic(using=self.using):
                    writing.commit(self.using, self.site, changes)
            except Exception as error:
                if not is_lost_race(error):
                    raise
            else:
                return
            # Raised here and not above, so that the driver's error is not its context either.
            raise writing.conflicts(self.using, self.site, changes) or Conflict(changes)

    def unpublished(self, limit: int = 100) -> Sequence[ConsentEvent]:
        """The oldest events that were not marked as published, for a relay.

        Those of one consent in their order.
        """
        with DRIVER_ERRORS:
            return reading.unpublished(self.using, self.site, limit)

    def mark_published(self, ids: Collection[UUID]) -> None:
        """Mark events, by their ids, as published.

        Call it after the relay has passed them on, so that none is lost.
        """
        with DRIVER_ERRORS:
            writing.mark_published(self.using, self.site, ids)


def _too_long(site: str) -> Problem:
    if len(site) <= LONGEST_SITE:
        return None
    return ViolationCode.TOO_LONG, f"may have at most {LONGEST_SITE} characters"
