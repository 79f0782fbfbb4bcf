"""The strategy of policies."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    OptInLevel,
    Ordering,
    Reconsent,
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
        bounce_limit=st.integers(0, 9),
        transient_lapse=st.timedeltas(timedelta(0), timedelta(days=20_000)),
    )


def _lifetimes() -> st.SearchStrategy[Any]:
    return st.none() | st.timedeltas(timedelta(0), timedelta(days=20_000)) | st.integers(0, 600)
