"""Addresses of an audience without their records, for whoever needs no more than that."""

from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from consent_core.application.plans import Ask, Plan, page
from consent_core.application.query import LARGEST_PAGE, Query

_RECORDS: Final = 1_000


class AddressPage(NamedTuple):
    """Some of the addresses and numbers of a query.

    Args:
        addresses: each as it is kept, in the order of the records' ids.
        rest: the query for those that follow; None where there are none.
    """

    addresses: tuple[str, ...]
    rest: Query | None


@runtime_checkable
class AddressReader(Protocol):
    """What a repository may have besides, so that ``addresses`` builds no records.

    ``SqlAlchemyRepository`` is one. From every other repository, services take the addresses of the
    records that ``query`` answers.
    """

    def address_page(self, query: Query, /) -> AddressPage:
        """The addresses of exactly those records that are on the page of a query.

        Args:
            query: it is sorted by id, from low to high, and its position is none or a ``rest``.
        """
        ...


@runtime_checkable
class AsyncAddressReader(Protocol):
    """``AddressReader`` for asyncio."""

    async def address_page(self, query: Query, /) -> AddressPage:
        """As ``AddressReader.address_page``."""
        ...


def page_size(repository: object) -> int:
    """How many addresses a service asks a repository for at once: more where they are texts."""
    return LARGEST_PAGE if _is_reader(repository) else _RECORDS


def address_page(repository: object, query: Query) -> Plan[AddressPage]:
    """Ask for one page of addresses, in the way that the repository can answer."""
    if _is_reader(repository):
        return (yield Ask("address_page", query))  # type: ignore[no-any-return]  # the port says
    found = yield from page(query)
    return AddressPage(tuple(each.address for each in found.consents), found.next_of(query))


def _is_reader(repository: Any) -> bool:
    return isinstance(repository, AddressReader | AsyncAddressReader)
