"""Random sound records, as a store may hold them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Upsert
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.model import MarketingConsent
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)

EARLIEST: Final = datetime(1, 1, 3)  # noqa: DTZ001  # the offset is drawn
LATEST: Final = datetime(9999, 12, 29)  # noqa: DTZ001  # as above

offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments: st.SearchStrategy[datetime] = st.datetimes(
    EARLIEST, LATEST, timezones=offsets | st.just(UTC)
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
identifiers: st.SearchStrategy[Identifier] = st.sampled_from(
    [
        Email("Ada.L@example.org"),
        Email("jürgen@bücher.example"),
        Email("用户@例子.广告"),
        Email("o'brien+x@example.com"),
    ]
) | st.sampled_from([Phone("+445168993333"), Phone("+390612345678"), Phone("+4915112345678")])

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
)
names = texts | st.sampled_from(
    ["id", "_id", "updatedDate", "_updatedDate", "updated_date", "namespaces", "details"]
)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
extended = st.dictionaries(names, st.dictionaries(names, values, max_size=3), max_size=3).map(
    ExtendedFields
)


@st.composite
def records(draw: st.DrawFn) -> MarketingConsent:
    """Records with the evidence of their state, and often with the other, in an order that does not
    contradict it.
    """
    state = draw(st.sampled_from(ConsentState))
    early, late = sorted([draw(moments), draw(moments)])
    revoked = state is ConsentState.REVOKED
    if early == late and not revoked:
        early -= timedelta(microseconds=1)
    confirmation = ConfirmationActivity(
        source=draw(st.sampled_from(ConfirmationSource)),
        description=draw(st.none() | texts),
        updated_date=early if revoked else late,
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION
        if state is ConsentState.PENDING
        else draw(st.sampled_from(OptInLevel)),
    )
    revocation = RevokeActivity(
        source=draw(st.sampled_from(RevokeSource)),
        description=draw(st.none() | texts),
        updated_date=late if revoked else early,
    )
    granted = state in (ConsentState.PENDING, ConsentState.CONFIRMED)
    return MarketingConsent(
        id=draw(st.uuids()),
        revision=draw(st.integers(1, 2**63 - 1) | st.just(2**63 - 1)),
        details=draw(identifiers),
        state=state,
        created_date=draw(moments),
        updated_date=draw(moments),
        last_confirmation_activity=confirmation if granted or draw(st.booleans()) else None,
        last_revoke_activity=revocation if revoked or draw(st.booleans()) else None,
        extended_fields=draw(extended),
        double_confirmed_date=draw(st.none() | moments),
    )


def request_of(record: MarketingConsent) -> Upsert:
    """The request that sends a record back as it is."""
    return Upsert(
        details=record.details,
        state=record.state,
        last_confirmation_activity=record.last_confirmation_activity,
        last_revoke_activity=record.last_revoke_activity,
        extended_fields=record.extended_fields,
    )


def containers(value: Any) -> list[int]:
    """The identity of every dict and list in a value."""
    inside: list[Any] = (
        [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    )
    own = [id(value)] if isinstance(value, dict | list) else []
    return own + [identity for part in inside for identity in containers(part)]
