"""Hypothesis strategies for everything that the rules take: test your own rules with them.

All dates lie before ``MOMENT``, so that a decision at ``MOMENT`` finds none of them in the future.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve
from hypothesis import strategies as st

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Upsert
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    Ordering,
    Reconsent,
    RevokeSource,
)

MOMENT: Final = datetime(2030, 1, 1, tzinfo=UTC)
"""Later than all dates that these strategies draw."""

_LOCAL_PARTS: Final = st.from_regex(
    r"[a-zA-Z0-9][a-zA-Z0-9+_-]{0,20}(\.[a-zA-Z0-9]{1,8})?", fullmatch=True
)
_DOMAINS: Final = st.sampled_from(
    ["example.com", "Example.ORG", "mail.example.net", "bücher.example"]
)
_PREFIXES: Final = st.sampled_from(["+1202555", "+44207946", "+39061234", "+91987654"])


def emails() -> st.SearchStrategy[Email]:
    """E-mail addresses that are valid."""
    return st.builds("{}@{}".format, _LOCAL_PARTS, _DOMAINS).map(Email)


def phones() -> st.SearchStrategy[Phone]:
    """Phone numbers that are possible."""
    return st.builds("{}{:04d}".format, _PREFIXES, st.integers(0, 9999)).map(Phone)


def identifiers() -> st.SearchStrategy[Identifier]:
    """E-mail addresses and phone numbers."""
    return st.one_of(emails(), phones())


def moments() -> st.SearchStrategy[datetime]:
    """Moments before ``MOMENT``, some of them equal, in UTC."""
    days = st.integers(1, 20).map(lambda day: MOMENT - timedelta(days=day))
    # bounds
    exact = st.datetimes(datetime(2000, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
    return st.one_of(days, exact)


def texts() -> st.SearchStrategy[str]:
    """Text that every store can hold."""
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def confirmation_activities(
    dates: st.SearchStrategy[datetime | None] | None = None,
    levels: Collection[OptInLevel] = tuple(OptInLevel),
) -> st.SearchStrategy[ConfirmationActivity]:
    """Evidence of a yes.

    Args:
        dates: its dates; ``moments()`` without them.
        levels: its opt-in levels.
    """
    return st.builds(
        ConfirmationActivity,
        source=st.sampled_from(ConfirmationSource),
        description=st.none() | texts(),
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
    return st.builds(
        RevokeActivity,
        source=st.sampled_from(RevokeSource),
        description=st.none() | texts(),
        updated_date=moments() if dates is None else dates,
    )


def json_values() -> st.SearchStrategy[Any]:
    """What extended fields may hold."""
    numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | texts(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
        max_leaves=8,
    )


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

    Args:
        draw: given by hypothesis.
        details: the identifiers; ``identifiers()`` without them.
        dates: the dates of the evidence, None for undated; ``moments()`` without them.
        states: the states that are asked for.
    """
    state = draw(st.sampled_from(list(states)))
    proof = PROOF[state]
    levels = [
        level for level in OptInLevel if state is not ConsentState.PENDING or level is not _SINGLE
    ]
    return Upsert(
        details=draw(identifiers() if details is None else details),
        state=state,
        last_confirmation_activity=draw(confirmation_activities(dates, levels))
        if proof is ConfirmationActivity
        else None,
        last_revoke_activity=draw(revoke_activities(dates)) if proof is RevokeActivity else None,
        extended_fields=draw(st.just(None) | extended_fields(with_nulls=True)),
    )


_CONFIRMED: Final = ConsentState.CONFIRMED
_SINGLE: Final = OptInLevel.SINGLE_CONFIRMATION


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
    draw: st.DrawFn, details: st.SearchStrategy[Identifier] | None = None
) -> MarketingConsent:
    """Records as the default policy leaves them.

    Proven, their slots in order (contract, laws 7 and 8).

    Some remember a double opt-in; never one that is newer than the slot of a CONFIRMED record.

    Args:
        draw: given by hypothesis.
        details: the identifiers; ``identifiers()`` without them.
    """
    state = draw(st.sampled_from(ConsentState))
    earlier, later = sorted(draw(st.lists(moments(), min_size=2, max_size=2, unique=True)))
    revoked = state is ConsentState.REVOKED
    levels = [OptInLevel.DOUBLE_CONFIRMATION] if state is ConsentState.PENDING else list(OptInLevel)
    confirmation = confirmation_activities(st.just(earlier if revoked else later), levels)
    revocation = revoke_activities(st.just(later if revoked else earlier))
    created, updated = sorted(draw(st.lists(moments(), min_size=2, max_size=2)))
    return MarketingConsent(
        id=draw(st.uuids(version=4)),
        revision=draw(st.integers(1, 2**63 - 1)),
        details=draw(identifiers() if details is None else details),
        state=state,
        created_date=created,
        updated_date=updated,
        last_confirmation_activity=draw(
            confirmation if PROOF[state] is ConfirmationActivity else st.none() | confirmation
        ),
        last_revoke_activity=draw(revocation if revoked else st.none() | revocation),
        extended_fields=draw(extended_fields()),
        double_confirmed_date=draw(
            st.none() | moments().filter(lambda date: state is not _CONFIRMED or date <= later)
        ),
    )


def policies() -> st.SearchStrategy[Policy]:
    """Policies of every kind."""
    return st.builds(
        Policy,
        ordering=st.sampled_from(Ordering),
        reconsent=st.sampled_from(Reconsent),
        minimum_opt_in_level=st.sampled_from(
            [OptInLevel.UNKNOWN_OPT_IN_LEVEL, OptInLevel.DOUBLE_CONFIRMATION]
        ),
        confirmation_lifetime=_lifetimes()
        | st.dictionaries(st.sampled_from(Channel), _lifetimes()),
        never_confirmed_granted=st.frozensets(st.sampled_from(Channel)),
        undated_is_now=st.frozensets(st.sampled_from(ConfirmationSource)),
        evidence_margin=st.just(timedelta(0)) | st.timedeltas(timedelta(0), timedelta(days=2)),
    )


def _lifetimes() -> st.SearchStrategy[Any]:
    return st.none() | st.timedeltas(timedelta(0), timedelta(days=20_000)) | st.integers(0, 600)


def about(command: Upsert, details: Identifier) -> Upsert:
    """The same request about somebody else."""
    return evolve(command, details=details)
