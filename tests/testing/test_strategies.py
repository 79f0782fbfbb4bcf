"""What the public strategies draw is accepted by the rules, and reaches all of them."""

from datetime import UTC
from typing import Any

import attrs
import pytest
from attrs import evolve
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.decision import decide
from consent_core.domain.eligibility import eligibility
from consent_core.domain.events import replay
from consent_core.domain.identifiers import Identifier
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import (
    Channel,
    ConsentState,
    OptInLevel,
    Ordering,
    Reconsent,
    Result,
)
from consent_core.testing import strategies
from consent_core.testing.arrange import email

DRAWN = settings(max_examples=5_000, database=None, derandomize=True, phases=[Phase.generate])
POLICY = Policy()
GRANTED = (ConsentState.PENDING, ConsentState.CONFIRMED)


@given(identifier=strategies.identifiers())
def test_identifiers_are_valid(identifier: Identifier) -> None:
    """Reading an address again, as people would write it, gives the same identifier."""
    again = type(identifier)(identifier.address)
    assert (again, again.address) == (identifier, identifier.address)
    assert len(identifier.address) <= POLICY.max_identifier_length


@given(
    command=strategies.upserts(dates=st.none() | strategies.moments()), policy=strategies.policies()
)
def test_upserts_are_accepted(command: Upsert, policy: Policy) -> None:
    """A request about nobody known is decided, under every policy, dated or not."""
    decision = decide(None, command, now=strategies.MOMENT, policy=policy)
    assert decision.result is Result.CREATED


@given(record=strategies.records(), data=st.data(), policy=strategies.policies())
def test_records_meet_upserts(
    record: MarketingConsent, data: st.DataObject, policy: Policy
) -> None:
    """A request about a record is decided, and the decision has a signal."""
    command = data.draw(strategies.upserts(details=st.just(record.details)))
    decision = decide(record, command, now=strategies.MOMENT, policy=policy)
    assert eligibility(decision.consent, now=strategies.MOMENT, policy=policy).granted in {
        True,
        False,
    }


@given(sequence=strategies.upsert_sequences(people=3, max_size=8), policy=strategies.policies())
def test_sequences_are_accepted(sequence: list[Upsert], policy: Policy) -> None:
    """Requests one after the other are decided, each on the record that those before it left."""
    records: dict[Identifier, MarketingConsent] = {}
    for command in sequence:
        decision = decide(
            records.get(command.details), command, now=strategies.MOMENT, policy=policy
        )
        records[command.details] = decision.consent
    assert len(sequence) <= 8
    assert len(records) <= 3


@given(record=strategies.records())
def test_records_are_proven(record: MarketingConsent) -> None:
    """Law 7: "no CONFIRMED or PENDING without its slot, no REVOKED without its own"."""
    assert record.last_confirmation_activity is not None or record.state not in GRANTED
    assert record.last_revoke_activity is not None or record.state is not ConsentState.REVOKED
    assert record.created_date <= record.updated_date < strategies.MOMENT


@given(record=strategies.records())
def test_records_have_their_slots_in_order(record: MarketingConsent) -> None:
    """Law 8: granted, the revocation is before the confirmation.

    Revoked, the confirmation is not after it.
    """
    confirmed, revoked = record.confirmed_date, record.revoked_date
    if confirmed is not None and revoked is not None:
        assert revoked < confirmed or record.state not in GRANTED
        assert confirmed <= revoked or record.state is not ConsentState.REVOKED


@given(record=strategies.records())
def test_records_upserted_as_they_were_read_stay(record: MarketingConsent) -> None:
    """Law 9: "A record that was read and is upserted as it was read is UNCHANGED"."""
    command = Upsert(
        details=record.details,
        state=record.state,
        last_confirmation_activity=record.last_confirmation_activity,
        last_revoke_activity=record.last_revoke_activity,
        extended_fields=record.extended_fields,
    )
    assert decide(record, command, now=strategies.MOMENT).result is Result.UNCHANGED


@given(record=strategies.records(), command=strategies.upserts())
def test_a_request_can_be_about_somebody_else(record: MarketingConsent, command: Upsert) -> None:
    """``about`` changes whom it is about, and nothing else."""
    other = evolve(command, details=record.details)
    assert other.details == record.details
    assert evolve(other, details=command.details) == command
    decision = decide(None, other, now=strategies.MOMENT)
    assert replay(decision.events) == decision.consent


@given(command=strategies.upserts(), record=strategies.records())
def test_extended_fields_are_within_bounds(command: Upsert, record: MarketingConsent) -> None:
    """Those of a request, those of a record, and what becomes of both."""
    for fields in (command.extended_fields, record.extended_fields):
        assert fields.size <= POLICY.max_extended_fields_size
        assert fields.depth <= POLICY.max_extended_fields_depth
    values = [
        value for fields in record.extended_fields.namespaces.values() for value in fields.values()
    ]
    assert None not in values
    merged = record.extended_fields.merged_with(command.extended_fields)
    assert merged.size <= POLICY.max_extended_fields_size


@given(moment=strategies.moments(), text=strategies.texts())
def test_moments_and_texts_can_be_stored(moment: object, text: str) -> None:
    """Moments are in UTC and before ``MOMENT``; texts have a form in UTF-8, and no NUL."""
    assert getattr(moment, "tzinfo", None) is UTC
    assert moment < strategies.MOMENT  # type: ignore[operator]  # a datetime
    assert "\0" not in text
    assert text.encode().decode() == text
    assert len(text) <= POLICY.max_description_length


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("channel", Channel)
def test_every_state_is_reached_on_both_channels(state: ConsentState, channel: Channel) -> None:
    """Records and requests of each kind are drawn."""
    find(
        strategies.records(),
        lambda r: (r.state, r.details.channel) == (state, channel),
        settings=DRAWN,
    )
    find(
        strategies.upserts(),
        lambda u: (u.state, u.details.channel) == (state, channel),
        settings=DRAWN,
    )


@pytest.mark.parametrize("state", ConsentState)
def test_undated_evidence_is_drawn_when_asked_for(state: ConsentState) -> None:
    """None among the dates makes undated evidence; without it, all evidence has a date."""

    def undated(command: Upsert) -> bool:
        activity = command.last_confirmation_activity or command.last_revoke_activity
        return activity is not None and activity.updated_date is None

    some = strategies.upserts(dates=st.none() | strategies.moments(), states=[state])
    if state in {*GRANTED, ConsentState.REVOKED}:
        assert undated(find(some, undated, settings=DRAWN))
    else:
        assert not undated(find(some, lambda _: True, settings=DRAWN))


@given(command=strategies.upserts(states=GRANTED), sequence=strategies.upsert_sequences())
def test_evidence_is_dated_unless_asked_otherwise(command: Upsert, sequence: list[Upsert]) -> None:
    """By default no evidence is left for the moment of receipt, and only the wanted states are
    drawn.
    """
    assert command.state in GRANTED
    for each in (command, *sequence):
        for activity in (each.last_confirmation_activity, each.last_revoke_activity):
            assert activity is None or activity.updated_date is not None


def test_people_of_a_sequence_meet() -> None:
    """The same person is asked for twice in one sequence, and one of several is."""
    drawn = find(
        strategies.upsert_sequences(),
        lambda sequence: len(sequence) > len({command.details for command in sequence}) > 1,
        settings=DRAWN,
    )
    assert len(drawn) >= 3


@pytest.mark.parametrize("state", [ConsentState.CONFIRMED, ConsentState.REVOKED])
def test_records_with_both_slots_are_drawn(state: ConsentState) -> None:
    """Records that have been confirmed and revoked are drawn in both orders."""

    def both(record: MarketingConsent) -> bool:
        return record.state is state and None not in {record.confirmed_date, record.revoked_date}

    assert both(find(strategies.records(), both, settings=DRAWN))


def test_records_without_evidence_are_drawn() -> None:
    """Those that need none have none now and then."""
    drawn = find(
        strategies.records(), lambda r: {r.confirmed_date, r.revoked_date} == {None}, settings=DRAWN
    )
    assert drawn.state not in {*GRANTED, ConsentState.REVOKED}


def test_policies_of_every_kind_are_drawn() -> None:
    """Every choice is made by some policy."""
    for wanted in (
        lambda p: p.ordering is Ordering.LAST_WRITE,
        lambda p: p.reconsent is Reconsent.DOUBLE_OPT_IN,
        lambda p: p.minimum_opt_in_level is OptInLevel.DOUBLE_CONFIRMATION,
        lambda p: p.confirmation_lifetime is None,
        lambda p: p.confirmation_lifetime is not None,
        lambda p: p.never_confirmed_granted == frozenset(Channel),
    ):
        assert wanted(find(strategies.policies(), wanted, settings=DRAWN))


def test_what_is_given_is_used() -> None:
    """Identifiers, dates and levels can be chosen."""
    someone = email("ada")
    assert (
        find(strategies.records(st.just(someone)), lambda _: True, settings=DRAWN).details
        == someone
    )
    assert (
        find(strategies.upserts(st.just(someone)), lambda _: True, settings=DRAWN).details
        == someone
    )
    dated = st.just(strategies.MOMENT)
    assert (
        find(strategies.revoke_activities(dated), lambda _: True, settings=DRAWN).updated_date
        == strategies.MOMENT
    )
    levels = [OptInLevel.SINGLE_CONFIRMATION]
    drawn = find(strategies.confirmation_activities(dated, levels), lambda _: True, settings=DRAWN)
    assert (drawn.updated_date, drawn.opt_in_level) == (strategies.MOMENT, levels[0])
    assert (
        find(
            strategies.confirmation_activities(), lambda a: a.description is None, settings=DRAWN
        ).updated_date
        is not None
    )


VALUES: list[tuple[type, st.SearchStrategy[Any]]] = [
    (MarketingConsent, strategies.records()),
    (ConfirmationActivity, strategies.confirmation_activities()),
    (RevokeActivity, strategies.revoke_activities()),
    (Upsert, strategies.upserts()),
]
OPTIONAL = [
    pytest.param(strategy, field, id=f"{kind.__name__}.{field.name}")
    for kind, strategy in VALUES
    for field in attrs.fields(kind)
    if field.init and field.default is not attrs.NOTHING
]


@pytest.mark.parametrize(("strategy", "field"), OPTIONAL)
def test_every_optional_field_is_filled(strategy: st.SearchStrategy[Any], field: Any) -> None:
    """What is never filled is never tested: a field that is added to a class must be drawn, too."""
    find(strategy, lambda value: getattr(value, field.name) != field.default, settings=DRAWN)
