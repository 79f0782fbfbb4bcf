"""The choices of a deployment, each with the sentence that explains it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

from attrs import field, fields, frozen

from consent_core.domain.checks import (
    Problem,
    listed,
    refuse,
    wrong_bound,
    wrong_span,
    wrong_type,
    wrong_word,
)
from consent_core.domain.choices import (
    NO_TOPIC,
    Choices,
    as_frozenset,
    as_tuple,
    by_channel,
    by_topic,
    policy_field,
)
from consent_core.domain.identifiers import MAX_IDENTIFIER_LENGTH
from consent_core.domain.lifetimes import Lifetime, wrong_lifetime
from consent_core.domain.rules import Rule, wrong_rules
from consent_core.domain.topic_words import MOST_TOPICS, TopicDefault, wrong_topic_name
from consent_core.domain.vocabulary import (
    Channel,
    ConfirmationSource,
    OptInLevel,
    Ordering,
    Reconsent,
    ViolationCode,
)


@frozen(kw_only=True)
class Policy:
    """The choices of a deployment; ``Policy.describe()`` has the sentence for each.

    Args:
        ordering: whether dates of evidence decide, or the order of arrival (contract, section 4.2).
        reconsent: what lifts a revocation (contract, section 4.5).
        minimum_opt_in_level: ``UNKNOWN_OPT_IN_LEVEL`` for no minimum, or ``DOUBLE_CONFIRMATION``
            (section 5).
        confirmation_lifetime: how long a confirmation lasts: a span of time, or a number of
            calendar months in UTC; None for ever.
        never_confirmed_granted: the channels on which NEVER_CONFIRMED may be contacted.
        undated_is_now: the sources whose undated confirmations count as of receipt (section 4.2).
        evidence_margin: how much later than a revocation a confirmation must be (section 4.2).
        clock_skew: how far ahead of receipt evidence may be dated (contract, section 3, rule 7).
        valid_phones_only: whether phone numbers must be valid, not only possible (section 3, rule
            3).
        confirmation_link_lifetime: how long a confirmation link works (contract, section 6).
        bounce_limit: transient bounces in a row (section 9).
        transient_lapse: how long an address stays unreachable after them.
        max_description_length: characters (section 3, rule 9).
        max_extended_fields_size: bytes of each namespace as compact JSON, with its name.
        max_extended_fields_depth: levels of objects and arrays.
        max_identifier_length: characters.
        rules: reasons of the deployment's own (section 13).
        topics: the declared topics by name, each with its default (section 8).

    ``reconsent``, ``minimum_opt_in_level``, ``confirmation_lifetime`` and ``evidence_margin`` are
    one value for all channels, or a mapping by channel.

    Raises:
        InvalidConsent: a choice is of the wrong type or negative.
    """

    ordering: Ordering = policy_field(
        Ordering.BY_EVIDENCE,
        "BY_EVIDENCE: the dates of the evidence decide, in whatever order it arrives. "
        "LAST_WRITE: what arrives last stands.",
    )
    reconsent: Reconsent | Mapping[Channel, Reconsent] = policy_field(
        Reconsent.FRESH_EVIDENCE,
        "FRESH_EVIDENCE: evidence later than the revocation lifts it. "
        "DOUBLE_OPT_IN: only a new double opt-in, through PENDING, lifts it. "
        "BY_SUBJECT: later evidence lifts it, but only the person lifts the person's own opt-out.",
        converter=by_channel,
    )
    minimum_opt_in_level: OptInLevel | Mapping[Channel, OptInLevel] = policy_field(
        OptInLevel.UNKNOWN_OPT_IN_LEVEL,
        "UNKNOWN_OPT_IN_LEVEL: any confirmation is enough to be contacted. "
        "DOUBLE_CONFIRMATION: it takes a double opt-in.",
        converter=by_channel,
    )
    confirmation_lifetime: Lifetime | Mapping[Channel, Lifetime | None] | None = policy_field(
        None,
        "How long a confirmation lasts before the person has to be asked again: a timedelta, or a "
        "number of calendar months; None: for ever.",
        converter=by_channel,
    )
    never_confirmed_granted: frozenset[Channel] = policy_field(
        frozenset(),
        "The channels on which people who never confirmed may be contacted.",
        converter=as_frozenset,
    )
    undated_is_now: frozenset[ConfirmationSource] = policy_field(
        frozenset(
            {
                ConfirmationSource.FORM,
                ConfirmationSource.IN_PERSON,
                ConfirmationSource.LINK_CONFIRMATION,
            }
        ),
        "The sources where a person acts at the moment of receipt: their confirmations may come "
        "without a date. An undated confirmation of any other source lifts no revocation and "
        "renews nothing.",
        converter=as_frozenset,
    )
    evidence_margin: timedelta | Mapping[Channel, timedelta] = policy_field(
        timedelta(0),
        "By how much a confirmation must be later than a revocation to outrank it: clocks may "
        "disagree unseen.",
        converter=by_channel,
    )
    clock_skew: timedelta = policy_field(
        timedelta(minutes=5),
        "How far ahead of the moment of receipt a confirmation may be dated; beyond it the request "
        "is refused. An opt-out is never refused for its date.",
    )
    valid_phones_only: bool = policy_field(
        default=False,
        about="Whether a phone number must be one that its country assigns, not only one of a "
        "possible length.",
    )
    confirmation_link_lifetime: timedelta = policy_field(
        timedelta(days=30), "How long a confirmation link works; revocation links work for ever."
    )
    bounce_limit: int = policy_field(
        7, "How many transient bounces in a row make an address unreachable."
    )
    transient_lapse: timedelta = policy_field(
        timedelta(days=30),
        "How long an address stays unreachable after the last of its transient bounces.",
    )
    max_description_length: int = policy_field(
        4096, "The most characters that the description of an activity may have."
    )
    max_extended_fields_size: int = policy_field(
        65536,
        "The most bytes that each namespace of extended fields may have as compact JSON, with its "
        "name.",
    )
    max_extended_fields_depth: int = policy_field(
        16,
        "The most levels of objects and arrays in extended fields, counted from the object of "
        "namespaces.",
    )
    max_identifier_length: int = policy_field(
        MAX_IDENTIFIER_LENGTH,
        f"The most characters of an address or number; not more than {MAX_IDENTIFIER_LENGTH}.",
    )

    rules: Sequence[Rule] = policy_field(
        (),
        "Reasons of the deployment's own against contacting a person, asked after the library's.",
        converter=as_tuple,
    )
    topics: Mapping[str, TopicDefault] = policy_field(
        NO_TOPIC,
        "The topics that people can choose or leave, each with its default. OPT_IN: only those who "
        "chose it get it. OPT_OUT: all who may be contacted get it unless they left it. Where "
        "topics are declared, whoever asks says which.",
        converter=by_topic,
    )
    compiled: dict[Any, Any] = field(factory=dict, init=False, repr=False, eq=False)
    """A cache: what ``eligibility`` works out once for each channel and state."""

    def __attrs_post_init__(self) -> None:
        refuse(
            "policy",
            ordering=wrong_word(self.ordering, Ordering),
            reconsent=_wrong_on_channels(
                self.reconsent, lambda value: wrong_word(value, Reconsent)
            ),
            minimum_opt_in_level=_wrong_on_channels(self.minimum_opt_in_level, _wrong_minimum),
            confirmation_lifetime=_wrong_on_channels(self.confirmation_lifetime, wrong_lifetime),
            never_confirmed_granted=_wrong_set(self.never_confirmed_granted, Channel),
            undated_is_now=_wrong_set(self.undated_is_now, ConfirmationSource),
            evidence_margin=_wrong_on_channels(self.evidence_margin, wrong_span),
            clock_skew=wrong_span(self.clock_skew),
            valid_phones_only=wrong_type(self.valid_phones_only, bool),
            confirmation_link_lifetime=wrong_span(self.confirmation_link_lifetime),
            bounce_limit=wrong_bound(self.bounce_limit),
            transient_lapse=wrong_span(self.transient_lapse),
            max_description_length=wrong_bound(self.max_description_length),
            max_extended_fields_size=wrong_bound(self.max_extended_fields_size),
            max_extended_fields_depth=wrong_bound(self.max_extended_fields_depth),
            max_identifier_length=wrong_bound(self.max_identifier_length),
            rules=wrong_rules(self.rules),
            topics=_wrong_topics(self.topics),
        )

    def on(self, channel: Channel) -> Choices:
        """What is chosen on one channel.

        Where a mapping leaves the channel out, the default of the choice.

        Args:
            channel: how people are to be reached.
        """
        choices: Choices | None = self.compiled.get(channel)
        if choices is None:
            values = {name: getattr(self, name) for name in Choices._fields}
            choices = self.compiled[channel] = Choices(
                **{
                    name: value.get(channel, _DEFAULTS[name])
                    if isinstance(value, Mapping)
                    else value
                    for name, value in values.items()
                }
            )
        return choices

    @classmethod
    def wix(cls) -> Self:
        """The published behaviour of the Wix API (contract, sections 4.2 and 5).

        E-mail may go to those who never confirmed, and evidence without a date is of the moment of
        receipt, whatever its source.
        """
        return cls(
            never_confirmed_granted=frozenset({Channel.EMAIL}),
            undated_is_now=frozenset(ConfirmationSource),
        )

    @classmethod
    def strict(cls) -> Self:
        """Double opt-in to be contacted and to come back, and a margin for clocks."""
        return cls(
            minimum_opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
            reconsent=Reconsent.BY_SUBJECT,
            undated_is_now=frozenset(),
            evidence_margin=timedelta(minutes=5),
        )

    @classmethod
    def describe(cls) -> Mapping[str, str]:
        """The name of every field with the sentence that explains it."""
        return MappingProxyType(
            {f.name: f.metadata["about"] for f in fields(cls) if "about" in f.metadata}
        )


def _wrong_on_channels(value: object, wrong: Callable[[object], Problem]) -> Problem:
    """What is wrong with a choice, or with one of those that a mapping makes by channel."""
    if not isinstance(value, Mapping):
        return wrong(value)
    problems = [wrong_word(channel, Channel) or wrong(choice) for channel, choice in value.items()]
    return next(filter(None, problems), None)


def _wrong_set(value: object, words: type[StrEnum]) -> Problem:
    if isinstance(value, frozenset) and all(isinstance(word, words) for word in value):
        return None
    return ViolationCode.UNKNOWN_VALUE, f"must be a set of {words.__name__}: {listed(words)}"


def _wrong_topics(value: object) -> Problem:
    if not isinstance(value, Mapping):
        return ViolationCode.WRONG_TYPE, "must be a mapping of names to TopicDefault"
    if len(value) > MOST_TOPICS:
        return ViolationCode.TOO_LARGE, f"may have at most {MOST_TOPICS} topics"
    problems = [
        wrong_topic_name(name) or wrong_word(default, TopicDefault)
        for name, default in value.items()
    ]
    return next(filter(None, problems), None)


def _wrong_minimum(value: object) -> Problem:
    if value in (OptInLevel.UNKNOWN_OPT_IN_LEVEL, OptInLevel.DOUBLE_CONFIRMATION):
        return wrong_word(value, OptInLevel)
    return (
        ViolationCode.NOT_ALLOWED,
        "must be UNKNOWN_OPT_IN_LEVEL (no minimum) or DOUBLE_CONFIRMATION",
    )


_DEFAULTS: Final = {f.name: f.default for f in fields(Policy)}

DEFAULT_POLICY: Final = Policy()
"""What holds where no policy is given."""
