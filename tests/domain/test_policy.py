"""Every choice of a deployment has a default, a bound and a sentence that explains it."""

import pickle
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec, module_from_spec
from typing import Any

import attrs
import pytest

from consent_core.domain.conditions import Filter
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.query_fields import ExtendedField, Operator, QueryField
from consent_core.domain.rules import Rule
from consent_core.domain.topic_words import MOST_TOPICS, TopicDefault
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    Ordering,
    Reconsent,
    ViolationCode,
)
from tests.domain.builders import violations_of


def test_the_defaults_are_those_of_the_contract() -> None:
    """Sections 3, 4.2, 4.5, 5 and 6 name them."""
    policy = Policy()
    assert policy.ordering is Ordering.BY_EVIDENCE
    assert policy.reconsent is Reconsent.FRESH_EVIDENCE
    assert policy.minimum_opt_in_level is OptInLevel.UNKNOWN_OPT_IN_LEVEL
    assert policy.confirmation_lifetime is None
    assert policy.never_confirmed_granted == frozenset()
    assert policy.clock_skew == timedelta(minutes=5)
    assert policy.valid_phones_only is False
    assert policy.confirmation_link_lifetime == timedelta(days=30)
    assert policy.max_identifier_length == MAX_IDENTIFIER_LENGTH == 320
    assert policy == DEFAULT_POLICY


def test_the_presets_differ_where_they_say() -> None:
    """``wix`` is the published table; ``strict`` is double opt-in in both directions."""
    assert Policy.wix() == Policy(
        never_confirmed_granted=frozenset({Channel.EMAIL}),
        undated_is_now=frozenset(ConfirmationSource),
    )
    assert Policy.strict() == Policy(
        minimum_opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
        reconsent=Reconsent.BY_SUBJECT,
        undated_is_now=frozenset(),
        evidence_margin=timedelta(minutes=5),
    )
    acting = {
        ConfirmationSource.FORM,
        ConfirmationSource.IN_PERSON,
        ConfirmationSource.LINK_CONFIRMATION,
    }
    assert Policy().undated_is_now == acting


def test_describe_has_a_sentence_for_every_field() -> None:
    """Nobody has to guess what a choice means."""
    described = Policy.describe()
    assert list(described) == [field.name for field in attrs.fields(Policy) if field.init]
    assert all(
        text[0].isupper() and text.endswith(".") and len(text) > 20 for text in described.values()
    )
    assert len(set(described.values())) == len(described)
    with pytest.raises(TypeError):
        described["ordering"] = ""  # type: ignore[index]


def test_the_module_read_afresh_has_the_same_choices() -> None:
    """Defaults and sentences are made when the module is read: a second reading gives the same."""
    spec = find_spec("consent_core.domain.policy")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    again = module.Policy
    assert again.describe() == Policy.describe()
    assert attrs.asdict(again()) == attrs.asdict(Policy())
    assert again(never_confirmed_granted=[Channel.EMAIL]).never_confirmed_granted == frozenset(
        {Channel.EMAIL}
    )


def test_describe_names_the_words_that_may_be_chosen() -> None:
    """Every word of a closed choice is explained."""
    described = Policy.describe()
    assert all(word in described["ordering"] for word in Ordering)
    assert all(word in described["reconsent"] for word in Reconsent)
    assert "UNKNOWN_OPT_IN_LEVEL" in described["minimum_opt_in_level"]
    assert "DOUBLE_CONFIRMATION" in described["minimum_opt_in_level"]
    assert "320" in described["max_identifier_length"]


def test_a_set_of_channels_is_frozen() -> None:
    """What the policy holds does not change under it."""
    channels = {Channel.PHONE}
    policy = Policy(never_confirmed_granted=channels)  # type: ignore[arg-type]
    channels.clear()
    assert policy.never_confirmed_granted == frozenset({Channel.PHONE})
    assert hash(policy) == hash(Policy(never_confirmed_granted=frozenset({Channel.PHONE})))


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ordering", "LAST_WRITE", ViolationCode.UNKNOWN_VALUE),
        ("reconsent", None, ViolationCode.UNKNOWN_VALUE),
        ("minimum_opt_in_level", OptInLevel.SINGLE_CONFIRMATION, ViolationCode.NOT_ALLOWED),
        ("minimum_opt_in_level", "DOUBLE_CONFIRMATION", ViolationCode.UNKNOWN_VALUE),
        ("minimum_opt_in_level", None, ViolationCode.NOT_ALLOWED),
        ("confirmation_lifetime", timedelta(microseconds=-1), ViolationCode.INVALID_NUMBER),
        ("confirmation_lifetime", 30.5, ViolationCode.INVALID_NUMBER),
        ("confirmation_lifetime", -1, ViolationCode.INVALID_NUMBER),
        ("confirmation_lifetime", "", ViolationCode.INVALID_NUMBER),
        ("clock_skew", timedelta(microseconds=-1), ViolationCode.INVALID_NUMBER),
        ("clock_skew", None, ViolationCode.INVALID_NUMBER),
        ("clock_skew", 300, ViolationCode.INVALID_NUMBER),
        ("valid_phones_only", 1, ViolationCode.WRONG_TYPE),
        ("valid_phones_only", None, ViolationCode.WRONG_TYPE),
        ("confirmation_link_lifetime", timedelta(days=-1), ViolationCode.INVALID_NUMBER),
        ("confirmation_link_lifetime", None, ViolationCode.INVALID_NUMBER),
        ("max_description_length", -1, ViolationCode.INVALID_NUMBER),
        ("max_extended_fields_size", -1, ViolationCode.INVALID_NUMBER),
        ("max_extended_fields_depth", "16", ViolationCode.INVALID_NUMBER),
        ("max_identifier_length", 3.5, ViolationCode.INVALID_NUMBER),
    ],
)
def test_choices_of_the_wrong_type_are_refused(name: str, value: Any, code: ViolationCode) -> None:
    """A policy that cannot be meant does not come into being."""
    wrong: dict[str, Any] = {name: value}
    with pytest.raises(InvalidConsent) as error:
        Policy(**wrong)
    assert violations_of(error) == [(f"policy.{name}", code)]


@pytest.mark.parametrize("channels", ["EMAIL", ["FAX"], 5, None, [None]])
def test_channels_of_the_wrong_type_are_refused(channels: Any) -> None:
    """The class promises InvalidConsent for a choice of the wrong type.

    A misspelt channel is not silently nobody.
    """
    with pytest.raises(InvalidConsent) as error:
        Policy(never_confirmed_granted=channels)
    assert [path for path, _ in violations_of(error)] == ["policy.never_confirmed_granted"]
    assert "EMAIL, PHONE" in error.value.violations[0].description


def test_zero_is_a_choice() -> None:
    """The least of every bound is nothing."""
    nothing = timedelta(0)
    policy = Policy(
        confirmation_lifetime=nothing,
        clock_skew=nothing,
        confirmation_link_lifetime=nothing,
        max_description_length=0,
        max_extended_fields_size=0,
        max_extended_fields_depth=0,
        max_identifier_length=0,
    )
    assert policy.confirmation_lifetime == nothing


def test_the_most_topics_are_taken() -> None:
    """Section 3, rule 9: a policy declares 100 at the most."""
    most = {f"topic{number}": TopicDefault.OPT_IN for number in range(MOST_TOPICS)}
    assert len(Policy(topics=most).topics) == 100
    with pytest.raises(InvalidConsent, match="may have at most 100 topics"):
        Policy(topics=most | {"more": TopicDefault.OPT_IN})


def test_all_that_is_wrong_is_told() -> None:
    """All choices are judged, not only the first."""
    left_out = {"confirmation_lifetime", "never_confirmed_granted"}
    names = [
        field.name for field in attrs.fields(Policy) if field.init and field.name not in left_out
    ]
    wrong: dict[str, Any] = dict.fromkeys(names)
    with pytest.raises(InvalidConsent) as error:
        Policy(**wrong)
    assert [path for path, _ in violations_of(error)] == [f"policy.{name}" for name in wrong]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "minimum_opt_in_level",
            "must be UNKNOWN_OPT_IN_LEVEL (no minimum) or DOUBLE_CONFIRMATION",
        ),
        ("clock_skew", "must be a timedelta, not negative"),
        ("max_description_length", "must be an integer, not negative"),
        ("valid_phones_only", "must be a bool"),
        ("ordering", "must be an Ordering; known are BY_EVIDENCE, LAST_WRITE"),
    ],
)
def test_a_refusal_says_what_may_be_chosen(name: str, sentence: str) -> None:
    """The description is for the person who has to mend it."""
    wrong: dict[str, Any] = {name: None}
    with pytest.raises(InvalidConsent) as error:
        Policy(**wrong)
    assert error.value.violations[0].description == sentence


def test_choices_by_channel_are_judged_one_by_one() -> None:
    """Section 13: "one value for all channels, or a mapping by channel"."""
    names = ["reconsent", "minimum_opt_in_level", "confirmation_lifetime", "evidence_margin"]
    for wrong in ({"EMAIL": None, Channel.PHONE: "x"}, {"FAX": None}):
        with pytest.raises(InvalidConsent) as error:
            # that is what is refused
            Policy(**dict.fromkeys(names, wrong))  # type: ignore[arg-type]
        assert [path for path, _ in violations_of(error)] == [f"policy.{name}" for name in names]
    policy = Policy(
        reconsent={Channel.EMAIL: Reconsent.BY_SUBJECT},
        evidence_margin={Channel.PHONE: timedelta(1)},
    )
    assert isinstance(policy.reconsent, Mapping)
    assert (len(policy.reconsent), dict(policy.reconsent)) == (
        1,
        {Channel.EMAIL: Reconsent.BY_SUBJECT},
    )
    assert policy.on(Channel.EMAIL).reconsent is Reconsent.BY_SUBJECT
    assert policy.on(Channel.PHONE).reconsent is Reconsent.FRESH_EVIDENCE
    assert (policy.on(Channel.EMAIL).evidence_margin, policy.on(Channel.PHONE).evidence_margin) == (
        timedelta(0),
        timedelta(1),
    )
    same = Policy(
        reconsent={Channel.EMAIL: Reconsent.BY_SUBJECT},
        evidence_margin={Channel.PHONE: timedelta(1)},
    )
    assert (policy, hash(policy)) == (same, hash(same))
    assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301  # our own bytes


@pytest.mark.parametrize("reason", ["", "hard", "1A", "A" * 65, "REVOKED", "HARD-BOUNCED", 5])
def test_a_reason_of_a_rule_is_a_code_of_its_own(reason: Any) -> None:
    """Section 13: "its own code, ``[A-Z][A-Z0-9_]{0,63}``, that is no reason of the library"."""
    with pytest.raises(InvalidConsent) as error:
        Rule(reason, Filter(QueryField.STATE, Operator.NE, ConsentState.PENDING))
    assert violations_of(error) == [("rule.reason", ViolationCode.NOT_ALLOWED)]


def test_rules_are_rules_each_with_a_reason_of_its_own() -> None:
    """What cannot be meant does not come into being."""
    rule = Rule("HARD_BOUNCED", Filter(QueryField.STATE, Operator.NE, ConsentState.PENDING))
    for wrong, code in (
        ([rule, rule], ViolationCode.GIVEN_TWICE),
        ([None], ViolationCode.WRONG_TYPE),
    ):
        with pytest.raises(InvalidConsent) as error:
            Policy(rules=wrong)  # type: ignore[arg-type]  # that is what is refused
        assert violations_of(error) == [("policy.rules", code)]
    with pytest.raises(InvalidConsent) as error:
        Rule("A", None, 5)  # type: ignore[arg-type]  # that is what is refused
    assert [path for path, _ in violations_of(error)] == ["rule.unless", "rule.text"]


def test_names_of_extended_fields_can_be_addressed_everywhere() -> None:
    """A name that some store cannot address would make a rule that holds in one store only."""
    assert str(ExtendedField("crm", "hard bounce")) == "extendedFields.namespaces.crm.hard bounce"
    for name in ("", 'a"b', "a\\b", "a\nb", None):
        with pytest.raises(InvalidConsent):
            ExtendedField("crm", name)  # type: ignore[arg-type]  # that is what is refused
