"""Opens the store of a command: a database named by a URL, or memory."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from consent_core.adapters.memory import MemoryRepository
from consent_core.application.ports import Change, Repository
from consent_core.domain.checks import checked_secrets
from consent_core.domain.errors import InvalidConsent, Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine


KEYS_VARIABLE: Final = "CONSENT_TOMBSTONE_KEYS"
"""The variable of the environment that has the secrets of tombstones."""


class CannotOpen(Exception):
    """The store cannot be opened; the message says why."""


@contextmanager
def open_repository(url: str | None, site: str) -> Iterator[Repository]:
    """A repository; tables that are missing are created.

    Args:
        url: an SQLAlchemy URL, e.g. ``sqlite:///consents.db``; None for a store in memory.
        site: the tenant.

    Raises:
        CannotOpen: SQLAlchemy or the driver is missing, the URL is wrong, or the database cannot be
            used.
    """
    if url is None:
        yield MemoryRepository(keep_history=False)
        return
    engine = _engine(url)
    try:
        yield _repository(engine, site)
    finally:
        engine.dispose()


def _repository(engine: "Engine", site: str) -> Repository:
    # as in _engine
    from consent_core.adapters.sqlalchemy import SqlAlchemyRepository, create_schema  # noqa: PLC0415
    from consent_core.adapters.sqlalchemy.errors import driver_errors  # noqa: PLC0415  # as above

    try:
        repository = SqlAlchemyRepository(engine, site=site)
        with driver_errors():
            create_schema(engine)
    except InvalidConsent as error:
        raise CannotOpen(f"--site {error.violations[0].description}") from error
    except Unavailable as error:
        raise CannotOpen(
            f"{error}; check that its folder or server exists and that you may write to it"
        ) from error
    return repository


def _engine(url: str) -> "Engine":
    try:
        from sqlalchemy import create_engine  # noqa: PLC0415  # the extra is needed for stores only
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError  # noqa: PLC0415  # as above
    except ModuleNotFoundError as error:
        raise CannotOpen(
            f"--store needs {error.name}: pip install 'consent_core[sqlalchemy]'"
        ) from error
    try:
        return create_engine(url)
    except ModuleNotFoundError as error:
        raise CannotOpen(f"--store needs the driver {error.name}: install it") from error
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # The URL may hold a password, and the message may quote the URL.
        raise CannotOpen(
            f"--store is not the URL of a database that can be used ({type(error).__name__})"
        ) from error


def read_tombstone_keys(file: str | None) -> Sequence[str | bytes] | None:
    """The secrets of tombstones, the newest first, separated by white space; None for none.

    Args:
        file: has them; None for the variable of the environment.

    Raises:
        CannotOpen: there is none, or one is too short.
        OSError: the file cannot be read.
    """
    text = os.environ.get(KEYS_VARIABLE) if file is None else Path(file).read_bytes()
    if text is None:
        return None
    try:
        return checked_secrets(text.split(), "--tombstone-keys" if file else KEYS_VARIABLE)
    except ValueError as error:
        raise CannotOpen(str(error)) from None


class Preview:
    """A ``Repository`` that answers as if changes were stored, and stores nothing.

    It remembers the changes, so that later requests find them.

    Args:
        repository: holds the records before the changes.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._changed: dict[Any, Any] = {}
        self.site = getattr(repository, "site", None)
        self.get = repository.get
        self.query = repository.query
        self.history = repository.history

    def find(self, keys: Collection[Any], /) -> Mapping[Any, Any]:
        """As ``Repository.find``."""
        changed = {key: self._changed[key] for key in keys if key in self._changed}
        found = {**self._repository.find(keys), **changed}
        return {key: stored for key, stored in found.items() if stored is not None}

    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``, but only in this object."""
        for change in changes:
            self._changed[change.identifier] = change.consent
            self._changed |= {each.digest: each.tombstone for each in change.tombstones}
