"""Hypothesis strategies for everything that the rules take, to test your own rules with.

All dates lie before ``MOMENT``, so that a decision at ``MOMENT`` finds none of them in the future.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.records import MAX_REVISION, MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import TopicActivity, TopicChoices, TopicEvidence, Topics
from consent_core.domain.validation import declared_fields
from consent_core.domain.vocabulary import (
    ConsentState,
    OptInLevel,
)
from consent_core.testing.once import made_once
from consent_core.testing.policies import policies

__all__ = [
    "MOMENT",
    "confirmation_activities",
    "emails",
    "extended_fields",
    "identifiers",
    "instances",
    "json_values",
    "moments",
    "phones",
    "policies",
    "records",
    "revoke_activities",
    "texts",
    "topic_choices",
    "upsert_sequences",
    "upserts",
]

T = TypeVar("T")

MOMENT: Final = datetime(2030, 1, 1, tzinfo=UTC)
"""Later than all dates that these strategies draw."""

_LOCAL_PARTS: Final = st.from_regex(
    r"[a-zA-Z0-9][a-zA-Z0-9+_-]{0,20}(\.[a-zA-Z0-9]{1,8})?", fullmatch=True
)
_DOMAINS: Final = st.sampled_from(
    ["example.com", "Example.ORG", "mail.example.net", "bücher.example"]
)
_TOPICS: Final = st.sampled_from(["events", "offers", "pre_sale", "id"])
_PREFIXES: Final = st.sampled_from(["+1202555", "+44207946", "+39061234", "+91987654"])


@made_once
def emails() -> st.SearchStrategy[Email]:
    """E-mail addresses that are valid."""
    return st.builds("{}@{}".format, _LOCAL_PARTS, _DOMAINS).map(Email)


@made_once
def phones() -> st.SearchStrategy[Phone]:
    """Phone numbers that are possible."""
    return st.builds("{}{:04d}".format, _PREFIXES, st.integers(0, 9999)).map(Phone)


@made_once
def identifiers() -> st.SearchStrategy[Identifier]:
    """E-mail addresses and phone numbers."""
    return st.one_of(emails(), phones())


@made_once
def moments() -> st.SearchStrategy[datetime]:
    """Moments before ``MOMENT``, some of them equal, in UTC."""
    days = st.integers(1, 20).map(lambda day: MOMENT - timedelta(days=day))
    # bounds
    exact = st.datetimes(datetime(2000, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
    return st.one_of(days, exact)


@made_once
def texts() -> st.SearchStrategy[str]:
    """Text that every store can hold."""
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def instances(cls: type[T], **chosen: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Instances of an attrs class, every field that it declares filled now and then.

    Args:
        cls: the class.
        chosen: the values of some of its fields; the others follow from the declared types.
    """
    values = {
        each.name: _values_of(each.kind, each.bounds, optional=each.optional)
        for each in declared_fields(cls)
    }
    return st.builds(cls, **values | chosen)


@made_once
def _values_of(
    kind: type, bounds: tuple[int, int] | None, *, optional: bool
) -> st.SearchStrategy[Any]:
    """The values of a field, by its type."""
    values: st.SearchStrategy[Any]
    if issubclass(kind, StrEnum):
        values = st.sampled_from(kind)
    elif bounds is not None:
        values = st.integers(*bounds)
    elif kind in _BY_TYPE:
        values = _BY_TYPE[kind]()
    else:
        values = instances(kind)
    return st.none() | values if optional else values


def confirmation_activities(
    dates: st.SearchStrategy[datetime | None] | None = None,
    levels: Collection[OptInLevel] = tuple(OptInLevel),
) -> st.SearchStrategy[ConfirmationActivity]:
    """Evidence of a yes.

    Args:
        dates: its dates; ``moments()`` without them.
        levels: its opt-in levels.
    """
    return instances(
        ConfirmationActivity,
        updated_date=moments() if dates is None else dates,
        opt_in_level=st.sampled_from(list(levels)),
    )


def revoke_activities(
    dates: st.SearchStrategy[datetime | None] | None = None,
) -> st.SearchStrategy[RevokeActivity]:
    """Evidence of a revocation.

    Args:
        dates: its dates; ``moments()`` without them.
    """
    return instances(RevokeActivity, updated_date=moments() if dates is None else dates)


def topic_choices(
    choices: Collection[TopicChoice] = tuple(TopicChoice),
) -> st.SearchStrategy[TopicChoices]:
    """Choices of topics: IN, OUT or both; an IN is valid only where the policy declares it."""
    activities = instances(TopicActivity, choice=st.sampled_from(list(choices)))
    return st.dictionaries(_TOPICS, activities, max_size=2).map(TopicChoices)


@made_once
def json_values() -> st.SearchStrategy[Any]:
    """What extended fields may hold."""
    numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | texts(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
        max_leaves=8,
    )


@made_once
def extended_fields(*, with_nulls: bool = False) -> st.SearchStrategy[ExtendedFields]:
    """Extended fields.

    Args:
        with_nulls: whether fields may be None, as in requests, where that removes them.
    """
    values = json_values() if with_nulls else json_values().filter(lambda value: value is not None)
    namespaces = st.sampled_from(["@acme/shop", "@acme/blog", "crm"])
    fields = st.dictionaries(
        st.sampled_from(["score", "segment", "tags"]), values, min_size=1, max_size=3
    )
    return st.dictionaries(namespaces, fields, max_size=2).map(ExtendedFields)


@st.composite
def upserts(
    draw: st.DrawFn,
    details: st.SearchStrategy[Identifier] | None = None,
    dates: st.SearchStrategy[datetime | None] | None = None,
    states: Collection[ConsentState] = tuple(ConsentState),
) -> Upsert:
    """Requests that are valid, each with the evidence of its state and no other.

    Topics are only left in them, which needs no policy that declares them.

    Args:
        draw: given by hypothesis.
        details: the identifiers; ``identifiers()`` without them.
        dates: the dates of the evidence, None for undated; ``moments()`` without them.
        states: the states that are asked for.
    """
    state = draw(st.sampled_from(list(states)))
    levels = [*OptInLevel]
    if state is ConsentState.PENDING:
        levels.remove(OptInLevel.SINGLE_CONFIRMATION)
    proof, none = PROOF[state], st.none()
    confirmation = confirmation_activities(dates, levels)
    revocation = revoke_activities(dates)
    requests = instances(
        Upsert,
        details=identifiers() if details is None else details,
        state=st.just(state),
        last_confirmation_activity=confirmation if proof is ConfirmationActivity else none,
        last_revoke_activity=revocation if proof is RevokeActivity else none,
        extended_fields=st.none() | extended_fields(with_nulls=True),
        topics=topic_choices([TopicChoice.OUT]),
    )
    return draw(requests)


def upsert_sequences(
    people: int = 3, max_size: int = 12, dates: st.SearchStrategy[datetime | None] | None = None
) -> st.SearchStrategy[list[Upsert]]:
    """Sequences of requests about a few people, so that they meet.

    Args:
        people: how many different identifiers.
        max_size: the longest sequence.
        dates: as in ``upserts``.
    """
    few = st.lists(identifiers(), min_size=people, max_size=people, unique=True)
    return few.flatmap(
        lambda known: st.lists(upserts(st.sampled_from(known), dates), max_size=max_size)
    )


@st.composite
def records(
    draw: st.DrawFn,
    details: st.SearchStrategy[Identifier] | None = None,
    dates: st.SearchStrategy[datetime] | None = None,
    fields: st.SearchStrategy[ExtendedFields] | None = None,
) -> MarketingConsent:
    """Records as the default policy leaves them.

    They have the evidence of their state, and their slots are in order (contract, laws 7 and 8).
    Some remember a double opt-in; never one that is newer than the slot of a CONFIRMED record.

    Args:
        draw: given by hypothesis.
        details: the identifiers; ``identifiers()`` without them.
        dates: all dates; ``moments()`` without them.
        fields: the extended fields; ``extended_fields()`` without them.
    """
    dates = moments() if dates is None else dates
    state = draw(st.sampled_from(ConsentState))
    oldest, earlier, between, later = sorted(
        draw(st.lists(dates, min_size=4, max_size=4, unique=True))
    )
    created, updated = sorted(draw(st.lists(dates, min_size=2, max_size=2)))
    is_revoked = state is ConsentState.REVOKED
    levels = [OptInLevel.DOUBLE_CONFIRMATION] if state is ConsentState.PENDING else list(OptInLevel)
    confirmation = confirmation_activities(st.just(earlier if is_revoked else later), levels)
    revocation = revoke_activities(st.just(later if is_revoked else earlier))
    is_granted = PROOF[state] is ConfirmationActivity
    double = st.sampled_from([oldest, earlier, between, later])
    if state is not ConsentState.CONFIRMED:
        double |= dates
    chosen = {
        # Not the largest one: a record can always be changed once more.
        "revision": st.integers(1, MAX_REVISION - 1),
        "state": st.just(state),
        "created_date": st.just(created),
        "updated_date": st.just(updated),
        "last_confirmation_activity": confirmation if is_granted else st.none() | confirmation,
        "last_revoke_activity": revocation if is_revoked else st.none() | revocation,
        "double_confirmed_date": st.none() | double,
    }
    if details is not None:
        chosen["details"] = details
    if fields is not None:
        chosen["extended_fields"] = fields
    return draw(instances(MarketingConsent, **chosen))


_BY_TYPE: Final[Mapping[type, Callable[[], st.SearchStrategy[Any]]]] = {
    UUID: lambda: st.uuids(version=4),
    datetime: moments,
    str: texts,
    bool: st.booleans,
    Identifier: identifiers,
    ExtendedFields: extended_fields,
    Topics: lambda: st.dictionaries(_TOPICS, instances(TopicEvidence), max_size=2).map(Topics),
    TopicChoices: topic_choices,
}
