"""An audience holds exactly the records that eligibility grants (contract, section 5)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.eligibility import Audience, audience, eligibility
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import Channel, ConsentState
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    DOUBLE,
    LINE,
    NEVER,
    NOW,
    SINGLE,
    at,
    no,
    people,
    policies,
    record,
    records,
    states,
    yes,
)


@st.composite
def any_records(draw: st.DrawFn) -> MarketingConsent:
    """Records with any slots that their state allows."""
    state = draw(states)
    needs_yes = state in (ConsentState.PENDING, ConsentState.CONFIRMED)
    levels = st.just(DOUBLE) if state is ConsentState.PENDING else st.sampled_from([SINGLE, DOUBLE])
    given_yes = st.builds(yes, st.integers(0, 12), levels)
    given_no = st.builds(no, st.integers(0, 12))
    return record(
        state,
        draw(given_yes if needs_yes else st.none() | given_yes),
        draw(given_no if state is ConsentState.REVOKED else st.none() | given_no),
        details=draw(people),
    )


@st.composite
def near_policies(draw: st.DrawFn) -> Policy:
    """Policies whose lifetimes end near the dates of the records."""
    return Policy(
        minimum_opt_in_level=draw(policies()).minimum_opt_in_level,
        never_confirmed_granted=draw(policies()).never_confirmed_granted,
        confirmation_lifetime=draw(st.none() | st.integers(0, 12).map(lambda minute: timedelta(minutes=minute))),
    )


@given(any_records(), near_policies(), st.integers(0, 24))
def test_an_audience_includes_exactly_whom_eligibility_grants(
    consent: MarketingConsent, policy: Policy, minute: int
) -> None:
    """Section 5: "An audience query returns exactly the records it grants", for any record, policy and moment."""
    granted = eligibility(consent, now=at(minute), policy=policy).granted
    for channel in Channel:
        wanted = granted and consent.details.channel is channel
        assert audience(channel, now=at(minute), policy=policy).includes(consent) is wanted


@given(records(), policies(), st.integers(0, 2100))
def test_the_same_for_records_that_requests_lead_to(consent: MarketingConsent, policy: Policy, minute: int) -> None:
    """Section 5, with the records of real life."""
    granted = eligibility(consent, now=at(minute), policy=policy).granted
    assert audience(consent.details.channel, now=at(minute), policy=policy).includes(consent) is granted


def test_an_audience_is_data_for_stores() -> None:
    """A store can read it as a filter: channel, states, level, and the date after which a confirmation counts."""
    assert audience(Channel.EMAIL, now=NOW) == Audience(
        Channel.EMAIL, frozenset({CONFIRMED}), doubly_confirmed=False, confirmed_after=None
    )
    policy = Policy(
        minimum_opt_in_level=DOUBLE,
        confirmation_lifetime=timedelta(minutes=10),
        never_confirmed_granted=frozenset({Channel.PHONE}),
    )
    expected = Audience(Channel.PHONE, frozenset({CONFIRMED, NEVER}), doubly_confirmed=True, confirmed_after=at(990))
    assert audience(Channel.PHONE, now=NOW, policy=policy) == expected


def test_every_condition_excludes_by_itself() -> None:
    """One example for each condition, next to one that fulfils all."""
    wanted = Audience(Channel.EMAIL, frozenset({CONFIRMED, NEVER}), doubly_confirmed=True, confirmed_after=at(5))
    assert wanted.includes(record(CONFIRMED, 6))
    assert not wanted.includes(record(CONFIRMED, 6, details=LINE))
    assert not wanted.includes(record(ConsentState.PENDING, 6))
    assert not wanted.includes(record(CONFIRMED, yes(6, SINGLE)))
    assert not wanted.includes(record(NEVER))
    assert not wanted.includes(record(CONFIRMED, 5))
    assert not wanted.includes(record(CONFIRMED, 4))
    without_level = Audience(Channel.EMAIL, frozenset({NEVER}), doubly_confirmed=False, confirmed_after=at(5))
    assert without_level.includes(record(NEVER, details=ADA))
    assert not without_level.includes(record(NEVER, 5))
    assert not without_level.includes(record(NEVER, None, 5))
