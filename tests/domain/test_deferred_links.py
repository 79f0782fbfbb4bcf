"""A link whose URL is made when it is first read, and is a link like every other one."""

import copy
import pickle
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from attrs import asdict, evolve
from attrs.exceptions import FrozenInstanceError

from consent_core import Link, LinkType

URL = "https://example.org/consent?token=none"
MADE = Link(LinkType.CONFIRMATION, URL)


class Maker:
    """Makes the URL, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> str:
        """The URL."""
        self.calls += 1
        return URL

    def link(self) -> Link:
        """A link that waits for its URL."""
        return Link.deferred(LinkType.CONFIRMATION, self)


def test_the_url_is_made_once_and_only_when_it_is_read() -> None:
    """The type is known without it."""
    maker = Maker()
    link = maker.link()
    assert (link.type, maker.calls) == (LinkType.CONFIRMATION, 0)
    assert (link.url, link.url, maker.calls) == (URL, URL, 1)


def test_repr_makes_no_url() -> None:
    """It does not show one."""
    maker = Maker()
    assert (repr(maker.link()), maker.calls) == (repr(MADE), 0)


def pickled(link: Link, protocol: int) -> Any:
    """A link that went through a pickle."""
    return pickle.loads(pickle.dumps(link, protocol))  # noqa: S301  # of our own making


@pytest.mark.parametrize(
    "passed_on",
    [
        copy.copy,
        copy.deepcopy,
        evolve,
        *(partial(pickled, protocol=number) for number in range(pickle.HIGHEST_PROTOCOL + 1)),
        lambda link: Link(**asdict(link)),
    ],
)
def test_what_is_passed_on_has_its_url(passed_on: Callable[[Link], Link]) -> None:
    """A copy is equal, and asks nobody for a URL."""
    maker = Maker()
    passed = passed_on(maker.link())
    assert (passed == MADE, hash(passed) == hash(MADE), maker.calls) == (True, True, 1)


def test_a_pickle_takes_no_maker_along() -> None:
    """It may hold the secrets that sign."""
    pickled = pickle.dumps(Maker().link())
    assert pickle.loads(pickled) == MADE  # noqa: S301  # of our own making
    assert b"Maker" not in pickled


def test_links_that_wait_are_compared_by_their_urls() -> None:
    """Equal where type and URL are, in either order."""
    other = Link.deferred(LinkType.CONFIRMATION, lambda: URL + "x")
    assert Maker().link() == MADE
    assert MADE == Maker().link() == Maker().link()
    assert other not in (Maker().link(), MADE)


def test_a_link_stays_frozen() -> None:
    """Whether its URL was read or not."""
    link = Maker().link()
    for _ in range(2):
        with pytest.raises(FrozenInstanceError):
            link.url = "https://example.org/other"  # type: ignore[misc]  # frozen
        with pytest.raises(FrozenInstanceError):
            del link.url
        assert link.url == URL


def test_other_names_are_no_attributes() -> None:
    """As with every class."""
    assert not hasattr(Maker().link(), "uri")
    with pytest.raises(AttributeError, match="uri"):
        _ = MADE.uri  # type: ignore[attr-defined]  # what is tested


def test_a_url_that_cannot_be_made_is_tried_again() -> None:
    """An error is the reader's, and leaves the link as it was."""
    urls: list[str] = []
    link = Link.deferred(LinkType.CONFIRMATION, lambda: urls[0])
    with pytest.raises(IndexError):
        _ = link.url
    urls.append(URL)
    assert link.url == URL


def test_an_error_of_the_maker_is_never_a_link_without_a_url() -> None:
    """Templates and ``hasattr`` take an ``AttributeError`` for an attribute that is not there."""

    def make() -> str:
        raise AttributeError("of something else")

    link = Link.deferred(LinkType.CONFIRMATION, make)
    with pytest.raises(RuntimeError, match="cannot be made") as caught:
        hasattr(link, "url")
    assert isinstance(caught.value.__cause__, AttributeError)


def test_the_maker_is_let_go_of() -> None:
    """What it holds, as the secrets, lives no longer than it is needed."""
    maker = Maker()
    link, held = maker.link(), weakref.ref(maker)
    assert link.url == URL
    del maker
    assert held() is None


def test_threads_that_read_at_once_get_one_url() -> None:
    """Also where one has begun before another has finished."""
    inner: list[str] = []

    def make() -> str:
        if not inner:
            inner.append(URL)
            other = threading.Thread(target=lambda: inner.append(link.url))
            other.start()
            other.join()
        return URL

    link = Link.deferred(LinkType.CONFIRMATION, make)
    assert [link.url, *inner] == [URL] * 3
    too_late = Link.__getattr__(link, "url")  # type: ignore[attr-defined]  # hidden from mypy
    assert too_late == URL
