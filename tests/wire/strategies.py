"""Random valid records, as a store may hold them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st

from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.testing import strategies

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


def records() -> st.SearchStrategy[MarketingConsent]:
    """Records of any time and place, with extended fields of any name and content."""
    return strategies.records(identifiers, moments, extended)


def request_of(record: MarketingConsent) -> Upsert:
    """The request that sends a record back as it is."""
    return Upsert(
        details=record.details,
        state=record.state,
        last_confirmation_activity=record.last_confirmation_activity,
        last_revoke_activity=record.last_revoke_activity,
        extended_fields=record.extended_fields,
        topics=record.topics,
    )


def containers(value: Any) -> list[int]:
    """The identity of every dict and list in a value."""
    inside: list[Any] = (
        [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    )
    own = [id(value)] if isinstance(value, dict | list) else []
    return own + [identity for part in inside for identity in containers(part)]
