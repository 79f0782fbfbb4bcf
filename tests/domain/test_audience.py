"""An audience holds exactly the records that eligibility grants (contract, sections 5 and 13)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.domain.conditions import Condition, Filter, all_of, any_of, filters_in
from consent_core.domain.delivery import Delivery
from consent_core.domain.eligibility import audience, eligibility
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import ExtendedField, Operator, QueryField
from consent_core.domain.reasons import RULES, Row
from consent_core.domain.records import MarketingConsent
from consent_core.domain.rules import Rule
from consent_core.domain.topics import TopicEvidence, Topics
from consent_core.domain.vocabulary import (
    Channel,
    ConsentState,
    DeliveryStatus,
    OptInLevel,
    Reason,
)
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    DOUBLE,
    LINE,
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
from tests.domain.topics import OUT, QUESTIONS, TOPICS, policies_with_topics, remembered

json_values = st.sampled_from(
    [None, True, False, 0, 1, 1.0, "", "1", "true", "hard", ["hard"], {"a": 1}]
)
scalars = st.sampled_from([True, False, 0, 1, "", "1", "true", "hard"])


deliveries = st.builds(
    Delivery,
    status=st.sampled_from([DeliveryStatus.BOUNCING, DeliveryStatus.UNREACHABLE]),
    since=st.integers(0, 12).map(at),
    bounces=st.integers(0, 2),
)


@st.composite
def any_records(draw: st.DrawFn) -> MarketingConsent:
    """Records with any slots that their state allows, and a field of an application."""
    state = draw(states)
    needs_yes = state in (ConsentState.PENDING, ConsentState.CONFIRMED)
    levels = st.just(DOUBLE) if state is ConsentState.PENDING else st.sampled_from([SINGLE, DOUBLE])
    given_yes = st.builds(yes, st.integers(0, 12), levels)
    given_no = st.builds(no, st.integers(0, 12))
    value = draw(json_values)
    return record(
        state,
        draw(given_yes if needs_yes else st.none() | given_yes),
        draw(given_no if state is ConsentState.REVOKED else st.none() | given_no),
        details=draw(people),
        double_confirmed_date=draw(st.none() | st.integers(0, 12).map(at)),
        delivery=draw(st.none() | deliveries),
        extended_fields=ExtendedFields({} if value is None else {"crm": {"bounce": value}}),
        topics=draw(remembered),
    )


def comparisons() -> st.SearchStrategy[Condition]:
    """Comparisons that a rule of a deployment may make."""
    bounce = ExtendedField("crm", "bounce")
    equal = st.sampled_from([Operator.EQ, Operator.NE])
    dates = st.sampled_from(
        [QueryField.CONFIRMED_DATE, QueryField.REVOKED_DATE, QueryField.UPDATED_DATE]
    )
    compared = st.sampled_from([Operator.EQ, Operator.NE, Operator.GT, Operator.LTE])
    optional = st.sampled_from(
        [QueryField.EMAIL, QueryField.CONFIRMED_DATE, QueryField.REVOKED_DATE, bounce]
    )
    return st.one_of(
        st.builds(Filter, st.just(bounce), equal, scalars),
        st.builds(Filter, st.just(bounce), st.just(Operator.IN), st.lists(scalars, max_size=3)),
        st.builds(Filter, dates, compared, st.integers(0, 12).map(at)),
        st.builds(Filter, optional, st.just(Operator.EXISTS), st.booleans()),
        st.builds(Filter, st.just(QueryField.STATE), equal, states),
        st.builds(
            Filter, st.just(QueryField.STATE), st.just(Operator.IN), st.lists(states, max_size=3)
        ),
        st.builds(Filter, st.just(QueryField.EMAIL), equal, st.just("ada@example.org")),
        st.builds(
            Filter, st.just(QueryField.DOUBLY_CONFIRMED), st.just(Operator.EQ), st.booleans()
        ),
        st.builds(
            Filter,
            st.sampled_from([QueryField.LEFT_TOPICS, QueryField.CHOSEN_TOPICS]),
            st.sampled_from([Operator.CONTAINS, Operator.LACKS]),
            st.sampled_from(["offers", "events", "gone"]),
        ),
    )


own_conditions: st.SearchStrategy[Condition] = st.recursive(
    comparisons(),
    lambda inner: st.lists(inner, max_size=3).flatmap(
        lambda some: st.sampled_from([all_of(*some), any_of(*some)])
    ),
    max_leaves=5,
)


@st.composite
def near_policies(draw: st.DrawFn) -> Policy:
    """Policies in all choices of eligibility, by channel and not, with rules of their own."""
    lifetime = (
        st.none()
        | st.integers(0, 12).map(lambda minute: timedelta(minutes=minute))
        | st.integers(0, 2)
    )
    level = st.sampled_from([OptInLevel.UNKNOWN_OPT_IN_LEVEL, OptInLevel.DOUBLE_CONFIRMATION])
    own = draw(st.lists(own_conditions, max_size=2))
    return Policy(
        minimum_opt_in_level=draw(level | st.dictionaries(st.sampled_from(Channel), level)),
        never_confirmed_granted=draw(policies()).never_confirmed_granted,
        confirmation_lifetime=draw(lifetime | st.dictionaries(st.sampled_from(Channel), lifetime)),
        transient_lapse=timedelta(minutes=draw(st.integers(0, 12))),
        rules=[Rule(f"OWN_{index}", condition) for index, condition in enumerate(own)],
        topics=draw(st.just({}) | policies_with_topics.map(lambda policy: policy.topics)),
    )


def in_audience(
    consent: MarketingConsent,
    channel: Channel,
    policy: Policy,
    minute: int,
    topic: str | None = None,
) -> bool:
    """Whether the conditions of an audience all hold for a record."""
    wanted = audience(channel, now=at(minute), policy=policy, topic=topic)
    return all(condition.matches(consent) for condition in wanted)


@given(any_records(), near_policies(), st.integers(0, 24), st.sampled_from(QUESTIONS))
def test_an_audience_includes_exactly_whom_eligibility_grants(
    consent: MarketingConsent, policy: Policy, minute: int, question: str
) -> None:
    """Section 5.

    "An audience query returns exactly the records it grants", for any record, policy, moment and
    topic.
    """
    topic = question if policy.topics else None
    granted = eligibility(consent, now=at(minute), policy=policy, topic=topic).granted
    for channel in Channel:
        wanted = granted and consent.details.channel is channel
        assert in_audience(consent, channel, policy, minute, topic) is wanted


@given(records(), policies(), st.integers(0, 2100))
def test_the_same_for_records_that_requests_lead_to(
    consent: MarketingConsent, policy: Policy, minute: int
) -> None:
    """Section 5, with the records of real life."""
    granted = eligibility(consent, now=at(minute), policy=policy).granted
    assert in_audience(consent, consent.details.channel, policy, minute) is granted


def test_an_audience_begins_with_channel_and_states() -> None:
    """The rows that forbid a state each are written as the states that remain, which an index can
    begin with.
    """
    channel = Filter(QueryField.CHANNEL, Operator.EQ, Channel.EMAIL)
    assert audience(Channel.EMAIL, now=NOW) == (
        channel,
        Filter(QueryField.STATE, Operator.IN, [CONFIRMED]),
        any_of(
            Filter(QueryField.UNREACHABLE, Operator.EQ, value=False),
            Filter(QueryField.LAST_BOUNCE_DATE, Operator.LTE, NOW - timedelta(days=30)),
        ),
    )
    for policy in (Policy(), Policy.wix(), Policy.strict(), Policy(confirmation_lifetime=24)):
        first, second, *rest = audience(Channel.EMAIL, now=NOW, policy=policy)
        # a filter
        assert (first, second.field) == (channel, QueryField.STATE)  # type: ignore[union-attr]
        assert not any(
            each.operator is Operator.IN for condition in rest for each in filters_in(condition)
        )


def test_a_rule_of_a_deployment_binds_every_channel_and_state() -> None:
    """Section 13: "Own reasons come after the library's, in the order of the policy"."""
    bounced = Rule(
        "HARD_BOUNCED",
        Filter(ExtendedField("crm", "bounce"), Operator.NE, "hard"),
        "The mailbox is gone.",
    )
    policy = Policy(rules=[bounced])
    fields = ExtendedFields({"crm": {"bounce": "hard"}})
    for details in (ADA, LINE):
        gone = record(CONFIRMED, 5, details=details, extended_fields=fields)
        answer = eligibility(gone, now=NOW, policy=policy)
        assert (answer.reasons, answer.reason) == (("HARD_BOUNCED",), "The mailbox is gone.")
    left = eligibility(
        record(ConsentState.REVOKED, 5, 6, extended_fields=fields), now=NOW, policy=policy
    )
    assert left.reasons == ("REVOKED", "HARD_BOUNCED")
    for value in ({"crm": {"bounce": "soft"}}, {"crm": {"bounce": "hard "}}):
        assert eligibility(
            record(CONFIRMED, 5, extended_fields=ExtendedFields(value)), now=NOW, policy=policy
        )


def test_what_is_absent_or_of_another_type_holds_back() -> None:
    """Section 13: "A field that is absent or of the wrong type holds back, ``$ne`` included"."""
    rules = [
        Rule("BOUNCE", Filter(ExtendedField("crm", "bounce"), Operator.NE, "hard")),
        Rule("REVOCATION", Filter(QueryField.REVOKED_DATE, Operator.NE, at(3))),
        Rule("ADDRESS", any_of(Filter(QueryField.EMAIL, Operator.NE, "bob@example.org"))),
    ]
    for value in (None, 1, True, ["soft"]):
        fields = ExtendedFields({} if value is None else {"crm": {"bounce": value}})
        answer = eligibility(
            record(CONFIRMED, 5, extended_fields=fields), now=NOW, policy=Policy(rules=rules)
        )
        assert answer.reasons == ("BOUNCE", "REVOCATION")
        assert answer.reason == "BOUNCE"
    phone = record(
        CONFIRMED, 5, 4, details=LINE, extended_fields=ExtendedFields({"crm": {"bounce": "soft"}})
    )
    assert eligibility(phone, now=NOW, policy=Policy(rules=rules)).reasons == ("ADDRESS",)


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.reason)
def test_every_row_of_the_table_holds_somebody_back(row: Row) -> None:
    """A row that is left out of the table, or whose condition always holds, is noticed.

    Here it is the only reason.
    """
    policy = Policy(minimum_opt_in_level=DOUBLE, confirmation_lifetime=timedelta(days=1))
    left = {"offers": TopicEvidence(choice=OUT, updated_date=at(1))}
    alone: dict[Reason, tuple[Policy, MarketingConsent]] = {
        Reason.TOPIC_LEFT: (TOPICS, record(CONFIRMED, 5, topics=Topics(left))),
        Reason.TOPIC_NOT_CHOSEN: (TOPICS, record(CONFIRMED, 5)),
        Reason.REVOKED: (Policy(), record(ConsentState.REVOKED, None, 1)),
        Reason.UNKNOWN_STATE: (Policy(), record(ConsentState.UNKNOWN_STATE)),
        Reason.NEVER_CONFIRMED: (Policy(), record(ConsentState.NEVER_CONFIRMED)),
        Reason.PENDING_CONFIRMATION: (Policy(), record(ConsentState.PENDING, 1)),
        Reason.UNREACHABLE: (
            Policy(),
            record(
                CONFIRMED,
                1,
                delivery=Delivery(status=DeliveryStatus.UNREACHABLE, since=at(2), bounces=0),
            ),
        ),
        Reason.DOUBLE_CONFIRMATION_REQUIRED: (policy, record(CONFIRMED, yes(999, SINGLE))),
        Reason.EXPIRED: (policy, record(CONFIRMED, yes(-1000, DOUBLE))),
    }
    chosen, consent = alone[row.reason]
    topic = {Reason.TOPIC_LEFT: "offers", Reason.TOPIC_NOT_CHOSEN: "events"}.get(row.reason)
    answer = eligibility(consent, now=NOW, policy=chosen, topic=topic)
    assert answer.reasons == (row.reason,)
    assert not in_audience(consent, Channel.EMAIL, chosen, 1000, topic)
    assert set(alone) == {each.reason for each in RULES} == set(Reason) - {Reason.NO_CONSENT}
