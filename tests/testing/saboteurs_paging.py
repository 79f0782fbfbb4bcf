"""Saboteurs that order and cut wrongly."""

from collections.abc import Iterator
from itertools import islice

from attrs import evolve

from consent_core.application.ports import Page
from consent_core.application.query import Query
from consent_core.domain.query_fields import QueryField
from consent_core.domain.records import MarketingConsent
from tests.testing.sabotage import Saboteur, Selecting, caught_by


@caught_by("order_is_as_asked", "pages_make_the_whole")
class IgnoresDescending(Saboteur):
    """Sorts upwards, whatever is asked."""

    def _from_position(self, query: Query) -> Iterator[MarketingConsent]:
        return super()._from_position(evolve(query, descending=False))


@caught_by("order_is_as_asked")
class LeavesEqualDatesToChance(Saboteur):
    """Sorts by the date alone."""

    def _from_position(self, query: Query) -> Iterator[MarketingConsent]:
        downward = query.descending != query.backward
        rows = sorted(
            self._by_id.values(), key=lambda row: query.order_of(row)[0], reverse=downward
        )
        beyond = set(super()._from_position(query))
        return (row for row in rows if row in beyond)


@caught_by("early_dates_come_first")
class WritesYearsAsTheyAre(Saboteur):
    """Sorts by dates as text, in which the year 999 has three digits."""

    def _from_position(self, query: Query) -> Iterator[MarketingConsent]:
        rows = super()._from_position(query)
        if query.sort is QueryField.ID or query.position is not None:
            return rows
        return iter(sorted(rows, key=lambda row: _as_text(row, query), reverse=query.downward))


def _as_text(row: MarketingConsent, query: Query) -> tuple[str, object]:
    date, consent_id = query.order_of(row)
    return f"{date.year}{date:-%m-%d %H:%M:%S.%f}", consent_id


@caught_by("early_dates_come_first")
class LeavesOutZeroMicroseconds(Saboteur):
    """Compares dates as ISO texts, which leave out microseconds where there are none."""

    def query(self, query: Query, /) -> Page:
        """Puts a whole second behind those that follow it."""
        page = super().query(query)
        by_text = sorted(page.consents, key=_as_iso, reverse=query.downward)
        return page if query.sort is QueryField.ID else page._replace(consents=tuple(by_text))


def _as_iso(row: MarketingConsent) -> str:
    return row.created_date.isoformat().replace("+00:00", "Z")


class Positioned(Selecting):
    """A store that finds the place of a page in a way of its own."""

    def _from_position(self, query: Query) -> Iterator[MarketingConsent]:
        everything = super()._from_position(
            evolve(query, position=None) if not query.backward else _turned(query)
        )
        return (row for row in everything if self._beyond(query, row))

    def _beyond(self, query: Query, row: MarketingConsent) -> bool:
        if query.position is None:
            return True
        here, there = query.order_of(row), (query.position.value, query.position.id)
        return here < there if query.descending != query.backward else here > there


def _turned(query: Query) -> Query:
    return evolve(query, position=None, descending=not query.descending)


@caught_by("pages_make_the_whole")
class ComesBackToTheLast(Positioned):
    """Begins a page with the record that ended the one before."""

    def _beyond(self, query: Query, row: MarketingConsent) -> bool:
        return super()._beyond(query, row) or (
            query.position is not None and query.position.id == row.id
        )


@caught_by("pages_make_the_whole")
class SkipsEqualDates(Positioned):
    """Continues behind the date of the last record, and so behind others of that date."""

    def _beyond(self, query: Query, row: MarketingConsent) -> bool:
        same = query.position is not None and query.order_of(row)[0] == query.position.value
        return super()._beyond(query, row) and not same


@caught_by("pages_of_a_filter_make_its_whole")
class ForgetsBrackets(Selecting):
    """Writes its conditions and its position as ``a AND b OR c``."""

    def _selected(self, query: Query, row: MarketingConsent) -> bool:
        same = query.position is not None and query.order_of(row)[0] == query.position.value
        return same or super()._selected(query, row)


@caught_by("pages_of_a_filter_make_its_whole")
class CutsBeforeItFilters(Saboteur):
    """Reads a page and then leaves out what does not match."""

    def query(self, query: Query, /) -> Page:
        """Filters the page."""
        page = super().query(evolve(query, where=()))
        return page._replace(consents=tuple(row for row in page.consents if query.matches(row)))


@caught_by("many_are_stored_at_once")
class CapsItsPages(Selecting):
    """Gives a thousand records at the most, however many are asked for."""

    def query(self, query: Query, /) -> Page:
        """Cuts at a thousand."""
        return super().query(evolve(query, page_size=min(query.page_size, 1_000)))


@caught_by("rows_that_come_and_go_disturb_no_page")
class CountsRows(Saboteur):
    """Continues at an offset, and so at another record when rows before it have gone."""

    def query(self, query: Query, /) -> Page:
        """Skips as many rows as it has served."""
        offsets = self.__dict__.setdefault("_offsets", {})
        if query.backward:
            return super().query(query)
        skipped = offsets.get(query.position, 0)
        rows = self._from_position(evolve(query, position=None))
        found = [*islice((row for row in rows if query.matches(row)), skipped, None)]
        page = Page(tuple(found[: query.page_size]), len(found) > query.page_size)
        if (following := page.next_of(query)) is not None:
            offsets[following.position] = skipped + query.page_size
        return page


@caught_by("rows_that_come_and_go_disturb_no_page")
class NeedsItsLastRow(Saboteur):
    """Looks up the record that ended the page before, which may be gone."""

    def query(self, query: Query, /) -> Page:
        """Ends where that record is missing."""
        if query.position is not None and query.position.id not in self._by_id:
            return Page((), more=False)
        return super().query(query)


@caught_by("a_page_tells_whether_others_follow")
class NeverTellsOfMore(Saboteur):
    """Says that every page is the last."""

    def query(self, query: Query, /) -> Page:
        """Answers without ``more``."""
        return super().query(query)._replace(more=False)


@caught_by("a_page_tells_whether_others_follow")
class TakesFullPagesForMore(Saboteur):
    """Says that others follow where a page is full."""

    def query(self, query: Query, /) -> Page:
        """Guesses ``more``."""
        page = super().query(query)
        return page._replace(more=len(page.consents) == query.page_size)


@caught_by("pages_go_backward")
class ReadsBackward(Saboteur):
    """Gives the page before a position in the order in which it found it."""

    def query(self, query: Query, /) -> Page:
        """Does not turn the page round."""
        page = super().query(query)
        return page._replace(consents=page.consents[::-1] if query.backward else page.consents)
