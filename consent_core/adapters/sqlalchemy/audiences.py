"""The audience as a part of the application's own statements.

The subquery is complete in itself. So whatever a statement does with it, whoever is not granted is
not in it: also behind an outer join, and where the statement reads the records for something else.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from consent_core.adapters.sqlalchemy.addresses import ADDRESSES
from consent_core.adapters.sqlalchemy.conditions import as_clause, bound
from consent_core.adapters.sqlalchemy.schema import RECORDS
from consent_core.domain.checks import Problem, refuse, wrong_text, wrong_type
from consent_core.domain.eligibility import audience
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, ViolationCode


def audience_clause(
    channel: Channel,
    *,
    key: sa.ColumnExpressionArgument[Any],
    now: datetime,
    policy: Policy,
    site: str = "",
    topic: str | None = None,
) -> sa.ColumnElement[bool]:
    """Whether the person of a row of yours may be contacted, as a condition of your statement.

    It is true exactly where ``eligibility`` grants, and false where the key is NULL or nobody has a
    consent: ``select(Customer).where(audience_clause(...))``. It needs no join, and is never NULL,
    so that ``~audience_clause(...)`` is everybody else.

    Args:
        channel: how the people are to be reached.
        key: the column of yours with the ``key`` of the identifier, as ``Email(...).key``.
        now: the moment that is asked about, with an offset.
        policy: that of your service. There is no default: a rule that is left out contacts people
            who must not be.
        site: that of your repository.
        topic: what the message is about, required where the policy declares topics.

    Raises:
        InvalidConsent: as ``audience``; or the key is no column, the policy no policy, or the site
            no text that a database can hold.
    """
    refuse("audience", key=_wrong_column(key))
    found = audience_select(channel, now=now, policy=policy, site=site, topic=topic).subquery()
    # ORM attributes compare by a method that their common type does not declare.
    column: Any = key
    one: sa.Select[Any] = (
        sa.select(sa.literal_column("1")).select_from(found).where(found.c.key == column)
    )
    # The first part names the table of the key beside the subquery. So it is always a table of the
    # statement, and never one that is in the subquery alone, which would be true for every row.
    return sa.and_(column.is_not(None), one.correlate_except(found).exists())


def audience_select(
    channel: Channel,
    *,
    now: datetime,
    policy: Policy,
    site: str = "",
    topic: str | None = None,
) -> sa.Select[Any]:
    """The identifiers of everybody who may be contacted, to join with tables of yours.

    Exactly the records that ``eligibility`` grants, one row each. Make it a ``subquery()`` and join
    by ``key``.

    Args:
        channel: as in ``audience_clause``.
        now: likewise.
        policy: likewise.
        site: likewise.
        topic: likewise.

    Returns:
        A SELECT of the columns ``key``, what identifiers are compared by; ``address``, where
        messages are sent, as it is kept; and ``id``, the record's.

    Raises:
        InvalidConsent: as ``audience_clause``.
    """
    refuse(
        "audience",
        policy=wrong_type(policy, Policy),
        site=wrong_type(site, str) or wrong_text(site),
    )
    conditions = audience(channel, now=now, policy=policy, topic=topic)
    return sa.select(RECORDS.c.key, ADDRESSES[channel].label("address"), RECORDS.c.id).where(
        RECORDS.c.site == site, *(as_clause(each, bound) for each in conditions)
    )


def _wrong_column(key: object) -> Problem:
    """What is wrong with a key.

    A value would be the same for every row: all or none would be selected.
    """
    element = getattr(key, "__clause_element__", lambda: key)()
    if isinstance(element, sa.ColumnElement) and not isinstance(element, sa.BindParameter):
        return None
    return ViolationCode.WRONG_TYPE, "must be a column of your table, such as Customer.email_key"
