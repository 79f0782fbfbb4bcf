"""Opens the store of a command: a database named by a URL, or memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from consent_core.adapters.memory import MemoryRepository
from consent_core.application.ports import Change, Repository
from consent_core.domain.errors import InvalidConsent, Unavailable
from consent_core.domain.identifiers import Identifier
from consent_core.domain.records import MarketingConsent

if TYPE_CHECKING:
    from sqlalchemy import Engine


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
    from consent_core.adapters.sqlalchemy.errors import ErrorTranslation  # noqa: PLC0415  # as above

    try:
        repository = SqlAlchemyRepository(engine, site=site)
        with ErrorTranslation():
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


class Preview:
    """A ``Repository`` that answers as if changes were stored, and stores nothing.

    It remembers the changes, so that later requests find them.

    Args:
        repository: holds the records before the changes.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._changed: dict[Identifier, MarketingConsent] = {}
        self.get = repository.get
        self.query = repository.query
        self.history = repository.history

    def find(self, identifiers: Collection[Identifier], /) -> Mapping[Identifier, MarketingConsent]:
        """As ``Repository.find``."""
        changed = {i: self._changed[i] for i in identifiers if i in self._changed}
        return {**self._repository.find(identifiers), **changed}

    def commit(self, changes: Sequence[Change], /) -> None:
        """As ``Repository.commit``, but only in this object."""
        self._changed |= {
            change.identifier: change.consent for change in changes if change.consent is not None
        }
