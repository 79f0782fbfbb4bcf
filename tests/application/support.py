"""What the tests of the use cases share.

Moments, requests, a clock, ids, links and repositories that interfere.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn
from uuid import UUID

from consent_core import (
    Change,
    ConfirmationActivity,
    ConfirmationSource,
    ConsentEvent,
    ConsentState,
    Email,
    Identifier,
    Link,
    LinkType,
    MarketingConsent,
    OptInLevel,
    Page,
    Phone,
    Query,
    Repository,
    RevokeActivity,
    RevokeSource,
    Upsert,
)
from consent_core.domain.requests import FieldsLike

ADA: Final = Email("ada@example.org")
BOB: Final = Email("bob@example.org")
CARL: Final = Phone("+12025550172")

NOBODY: Final = UUID(int=999_999)
"""An id that no record has."""

NOW: Final = 1_000
"""The minute at which a new ``Clock`` stands."""


def at(minute: float) -> datetime:
    """A moment, counted in minutes from a fixed one."""
    return datetime(2024, 5, 1, tzinfo=UTC) + timedelta(minutes=minute)


class Clock:
    """Tells the minute that the test sets."""

    def __init__(self, minute: float = NOW) -> None:
        self.minute = minute

    def __call__(self) -> datetime:
        return at(self.minute)


class Ids:
    """Makes ids by counting, so that runs can be compared."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, _identifier: Identifier) -> UUID:
        self.made += 1
        return UUID(int=self.made)


def yes(
    minute: float | None = None,
    source: ConfirmationSource = ConfirmationSource.FORM,
    level: OptInLevel = OptInLevel.UNKNOWN_OPT_IN_LEVEL,
) -> ConfirmationActivity:
    """Evidence of a confirmation at a minute."""
    return ConfirmationActivity(
        source=source, updated_date=None if minute is None else at(minute), opt_in_level=level
    )


def no(minute: float | None = None, source: RevokeSource = RevokeSource.FORM) -> RevokeActivity:
    """Evidence of a revocation at a minute."""
    return RevokeActivity(source=source, updated_date=None if minute is None else at(minute))


def ask(
    state: ConsentState,
    minute: float | None = None,
    who: Identifier = ADA,
    *,
    fields: FieldsLike = None,
) -> Upsert:
    """A request for a state, with the evidence that it needs."""
    grant = state in (ConsentState.PENDING, ConsentState.CONFIRMED)
    return Upsert(
        details=who,
        state=state,
        last_confirmation_activity=yes(minute) if grant else None,
        last_revoke_activity=no(minute) if state is ConsentState.REVOKED else None,
        extended_fields=fields,
    )


def confirm(who: Identifier = ADA, minute: float | None = None) -> Upsert:
    """A request for CONFIRMED."""
    return ask(ConsentState.CONFIRMED, minute, who)


def revoke(who: Identifier = ADA, minute: float | None = None) -> Upsert:
    """A request for REVOKED."""
    return ask(ConsentState.REVOKED, minute, who)


class UrlLinks:
    """A ``LinkIssuer`` whose links say what they were made from."""

    def issue(
        self,
        link_type: LinkType,
        consent: MarketingConsent,
        *,
        now: datetime,
        language: str | None,
        topics: tuple[str, ...] = (),
    ) -> Link:
        """A link to a page of its own for every consent, moment, language and topics."""
        parts = (language or "-", str(consent.id.int), f"{now:%H%M}", *topics)
        return Link(link_type, f"https://example.org/{'/'.join(parts)}")

    def read(self, token: str) -> NoReturn:
        """These links are looked at, never clicked."""
        raise NotImplementedError(token)


class Delegate:
    """A repository that passes everything on; what is to be different is overridden."""

    def __init__(self, inner: Repository) -> None:
        self.inner = inner

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        return self.inner.find(identifiers)

    def get(self, ids: Collection[UUID], /) -> Mapping[UUID, MarketingConsent]:
        return self.inner.get(ids)

    def commit(self, changes: Sequence[Change], /) -> None:
        self.inner.commit(changes)

    def query(self, query: Query, /) -> Page:
        return self.inner.query(query)

    def history(self, consent_id: UUID, /) -> Sequence[ConsentEvent]:
        return self.inner.history(consent_id)


class Counting(Delegate):
    """Writes down what it is asked for."""

    def __init__(self, inner: Repository) -> None:
        super().__init__(inner)
        self.finds: list[list[Identifier]] = []
        self.commits: list[list[Change]] = []
        self.queries: list[Query] = []

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        self.finds.append(list(identifiers))
        return super().find(identifiers)

    def commit(self, changes: Sequence[Change], /) -> None:
        self.commits.append(list(changes))
        super().commit(changes)

    def query(self, query: Query, /) -> Page:
        self.queries.append(query)
        return super().query(query)


class Raced(Counting):
    """Lets a rival act just before a commit, for as many commits as it has rivals."""

    def __init__(self, inner: Repository, *rivals: Callable[[], object]) -> None:
        super().__init__(inner)
        self.rivals = list(rivals)

    def commit(self, changes: Sequence[Change], /) -> None:
        if self.rivals:
            self.rivals.pop(0)()
        super().commit(changes)


class Broken(Counting):
    """Fails commits, or reads, with the given error, from the n-th on."""

    def __init__(self, inner: Repository, error: Exception, *, commits: int = 0) -> None:
        super().__init__(inner)
        self.error = error
        self.sound_commits = commits

    def commit(self, changes: Sequence[Change], /) -> None:
        if len(self.commits) >= self.sound_commits:
            raise self.error
        super().commit(changes)
