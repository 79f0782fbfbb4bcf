"""The errors of the library, as one tree of types.

Programs use the fields. Messages are derived from them, and never contain a full address or number,
because messages end up in logs.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen

from consent_core.domain.vocabulary import TokenRefusal, ViolationCode


@frozen
class Violation:
    """One thing wrong with one field.

    Args:
        path: the field, from the record's root, e.g. ``lastConfirmationActivity.updatedDate``.
        code: what is wrong, as a stable word.
        description: what is wrong and what to do about it, for a person.
    """

    path: str
    code: ViolationCode
    description: str


class ConsentError(Exception):
    """The root of all errors of this library."""


class InvalidConsent(ConsentError, ValueError):
    """A request or value breaks rules; nothing was stored.

    Args:
        violations: all of them, not only the first.
    """

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations: tuple[Violation, ...] = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        return "; ".join(
            f"{v.path or 'request'}: {v.description} [{v.code}]" for v in self.violations
        )


class ConsentNotFound(ConsentError, LookupError):
    """There is no such consent.

    Args:
        subject: the id (a UUID) or the identifier that was asked for.
    """

    def __init__(self, subject: Any) -> None:
        # Identifiers are checked with these errors, so their type is not known here.
        self.subject = subject
        super().__init__(subject)

    def __str__(self) -> str:
        return f"there is no consent for {self.subject}"


class ConsentAlreadyExists(ConsentError):
    """Create was called for an identifier that has a consent; use upsert or update.

    Args:
        consent_id: the consent that exists.
    """

    def __init__(self, consent_id: UUID) -> None:
        self.consent_id = consent_id
        super().__init__(consent_id)

    def __str__(self) -> str:
        return (
            f"the identifier already has the consent {self.consent_id}; upsert or update it instead"
        )


class PermissionDenied(ConsentError):
    """The caller lacks a permission.

    Args:
        permission: what would be needed: a scope, or in words what it is for.
    """

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(permission)

    def __str__(self) -> str:
        return f"this needs the permission {self.permission}"


class InvalidToken(ConsentError):
    """The token of a link is not accepted.

    Args:
        reason: why not.
    """

    def __init__(self, reason: TokenRefusal) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return f"the link is not valid: {self.reason.lower().replace('_', ' ')}"


class RepositoryError(ConsentError):
    """The store did not do what was asked; nothing of the call was stored."""


class Conflict(RepositoryError):
    """Changes expected other revisions than the stored ones; nothing of the commit was stored.

    Args:
        changes: every change whose expectation did not hold.
    """

    def __init__(self, changes: Iterable[Any]) -> None:
        # A Change belongs to the port, a floor higher; here it is only passed on.
        self.changes: Sequence[Any] = tuple(changes)
        super().__init__(self.changes)

    def __str__(self) -> str:
        return f"{len(self.changes)} change(s) met another revision than they expected"


class RevisionMismatch(RepositoryError):
    """The caller expected one revision and another is stored: read again, then decide.

    Args:
        expected: what the caller had read.
        stored: what is there now.
    """

    def __init__(self, expected: int, stored: int) -> None:
        self.expected = expected
        self.stored = stored
        super().__init__(expected, stored)

    def __str__(self) -> str:
        return f"expected revision {self.expected}, but revision {self.stored} is stored"


class Contended(RepositoryError):
    """Other writers were faster every time; nothing was stored, try again later.

    Args:
        attempts: how often it was tried.
    """

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        super().__init__(attempts)

    def __str__(self) -> str:
        return f"other writers were faster {self.attempts} times; try again later"


class Unavailable(RepositoryError):
    """The store cannot be reached or refuses to work.

    The fields say why, and leave out what a driver may have quoted.

    Args:
        why: a short word of explanation, without personal data.
        error_class: the name of the class of the driver's error.
        code: the database's own code for it: an SQLSTATE such as 23514, or SQLite's word such as
            SQLITE_FULL.
        constraint: the name of the constraint that was violated.
    """

    def __init__(
        self,
        why: str,
        error_class: str | None = None,
        code: str | None = None,
        constraint: str | None = None,
    ) -> None:
        self.why = why
        self.error_class = error_class
        self.code = code
        self.constraint = constraint
        super().__init__(why, error_class, code, constraint)

    def __str__(self) -> str:
        parts = ", ".join(each for each in (self.code, self.constraint) if each)
        return f"the store is unavailable: {self.why}" + (f" ({parts})" if parts else "")


class ChartError(ConsentError):
    """The lifecycle chart cannot be compiled; a mistake of its author, raised at import."""
