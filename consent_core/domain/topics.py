"""What people want of single topics: choices in requests, and what a record remembers of them.

A choice stands beside the state of a consent, and neither changes the other (contract, section 8).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Generic, TypeAlias, TypeVar, final

from attrs import evolve, field, frozen

from consent_core.domain.checks import as_word, invalid, refuse, wrong_word
from consent_core.domain.topic_words import (
    MOST_TOPICS,
    TopicChoice,
    topic_path,
    wrong_topic_name,
)
from consent_core.domain.validation import READ_ONLY, WRITTEN_AS_NULL, WRITTEN_IF, require_valid
from consent_core.domain.vocabulary import Actor, ViolationCode

V = TypeVar("V")


def _actor_is_known(choice: "TopicActivity | TopicEvidence") -> bool:
    return choice.actor is not Actor.UNKNOWN_ACTOR


@final
@frozen
class TopicActivity:
    """The evidence that a person wants a topic, or does not want it.

    Args:
        choice: what the person wants.
        updated_date: when the person chose, with an offset. None in a request means the date of the
            request's own evidence for an IN, and the moment of receipt where there is none, and for
            an OUT.
        actor: who acted; an IN is the person's own only if it is ``SUBJECT``.

    Raises:
        InvalidConsent: a value is of the wrong type, or the date has no offset.
    """

    choice: TopicChoice
    updated_date: datetime | None = field(default=None, metadata={WRITTEN_AS_NULL: True})
    actor: Actor = field(default=Actor.UNKNOWN_ACTOR, metadata={WRITTEN_IF: _actor_is_known})

    def __attrs_post_init__(self) -> None:
        require_valid(self, "topics")


def _out_is_not_said(evidence: "TopicEvidence") -> bool:
    return evidence.choice is not TopicChoice.OUT


def _in_by_subject_is_not_said(evidence: "TopicEvidence") -> bool:
    return evidence.choice is TopicChoice.OUT or evidence.actor is not Actor.SUBJECT


def _in_by_others_is_not_said(evidence: "TopicEvidence") -> bool:
    return evidence.choice is TopicChoice.OUT or evidence.actor is Actor.SUBJECT


@final
@frozen(kw_only=True)
class TopicEvidence:
    """What a record remembers of one topic: three dates, each the latest of its kind.

    What is written as its choice follows from the dates. A choice that is given beside dates is one
    more piece of evidence: each date becomes the latest of its kind, so the order in which pieces
    arrive makes no difference.

    Args:
        choice: OUT where the person left the topic, else IN.
        updated_date: the date of that choice.
        actor: ``SUBJECT`` where the person chose IN last.
        out_date: of the latest OUT, by anyone.
        subject_in_date: of the latest IN by the person.
        other_in_date: of the latest IN by anyone else.

    Raises:
        InvalidConsent: a value is of the wrong type.
    """

    choice: TopicChoice
    updated_date: datetime
    actor: Actor = field(default=Actor.UNKNOWN_ACTOR, metadata={WRITTEN_IF: _actor_is_known})
    out_date: datetime | None = field(
        default=None, metadata={READ_ONLY: True, WRITTEN_IF: _out_is_not_said}
    )
    subject_in_date: datetime | None = field(
        default=None, metadata={READ_ONLY: True, WRITTEN_IF: _in_by_subject_is_not_said}
    )
    other_in_date: datetime | None = field(
        default=None, metadata={READ_ONLY: True, WRITTEN_IF: _in_by_others_is_not_said}
    )

    def __attrs_post_init__(self) -> None:
        require_valid(self, "topics")
        name = _date_name(self.choice, self.actor)
        held = getattr(self, name)
        if held is None or held < self.updated_date:
            object.__setattr__(self, name, self.updated_date)
        left, by_subject, by_others = self.out_date, self.subject_in_date, self.other_in_date
        if left is not None and (by_subject is None or by_subject <= left):
            said = TopicChoice.OUT, left, Actor.UNKNOWN_ACTOR
        elif by_subject is not None and (by_others is None or by_others <= by_subject):
            said = TopicChoice.IN, by_subject, Actor.SUBJECT
        else:
            # There is no topic without a date, and this is the one that is left.
            date: Any = by_others
            said = TopicChoice.IN, date, Actor.UNKNOWN_ACTOR
        for attribute, value in zip(("choice", "updated_date", "actor"), said, strict=True):
            object.__setattr__(self, attribute, value)

    @property
    def in_date(self) -> datetime | None:
        """The date of the latest IN, by whomever."""
        dates = [date for date in (self.subject_in_date, self.other_in_date) if date is not None]
        return max(dates, default=None)

    def date_like(self, activity: TopicActivity) -> datetime | None:
        """The date of the latest choice of the same kind, if there is one."""
        date: datetime | None = getattr(self, _date_name(activity.choice, activity.actor))
        return date

    def with_choice(self, choice: TopicChoice, dated: datetime, actor: Actor) -> "TopicEvidence":
        """The same topic after one more choice; equal where it says nothing newer."""
        return TopicEvidence(
            choice=choice,
            updated_date=dated,
            actor=actor,
            out_date=self.out_date,
            subject_in_date=self.subject_in_date,
            other_in_date=self.other_in_date,
        )


def _date_name(choice: TopicChoice, actor: Actor) -> str:
    """The attribute of ``TopicEvidence`` that has the date of such a choice."""
    if choice is TopicChoice.OUT:
        return "out_date"
    return "subject_in_date" if actor is Actor.SUBJECT else "other_in_date"


class _ByTopic(Mapping[str, V], Generic[V]):
    """Values by the names of topics: immutable, hashable, in the order of the names."""

    __slots__ = ("__weakref__", "_values")

    _values: Mapping[str, V]
    _kind: type[Any]
    _most: int | None = None

    def __init__(self, values: Mapping[str, V] | None = None) -> None:
        given = {} if values is None else values
        if not isinstance(given, Mapping) or not all(
            isinstance(value, self._kind) for value in given.values()
        ):
            why = f"must be a mapping of names to {self._kind.__name__}"
            raise invalid("topics", ViolationCode.WRONG_TYPE, why)
        problem = next(filter(None, map(wrong_topic_name, given)), None)
        if problem is None and self._most is not None and len(given) > self._most:
            problem = ViolationCode.TOO_LARGE, f"may have at most {self._most} topics"
        if problem is not None:
            raise invalid("topics", *problem)
        object.__setattr__(self, "_values", dict(sorted(given.items())))

    def __getitem__(self, name: str) -> V:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._values == other._values

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._values!r})"

    def __reduce__(self) -> tuple[Any, tuple[dict[str, V]]]:
        return type(self), (dict(self._values),)


@final
class Topics(_ByTopic[TopicEvidence]):
    """What a record remembers of each topic, by name."""

    __slots__ = ()
    _kind = TopicEvidence

    @property
    def left(self) -> frozenset[str]:
        """The topics that the person left, and did not come back to."""
        return frozenset(name for name, each in self.items() if each.choice is TopicChoice.OUT)

    def chosen_since(self, revoked: datetime | None) -> frozenset[str]:
        """The topics that were chosen, not left, and chosen after a revocation if there is one."""
        return frozenset(
            name
            for name, each in self.items()
            if each.choice is TopicChoice.IN
            and (revoked is None or (each.in_date is not None and each.in_date > revoked))
        )


@final
class TopicChoices(_ByTopic[TopicActivity]):
    """The choices of a request, by the names of topics."""

    __slots__ = ()
    _kind = TopicActivity
    _most = MOST_TOPICS

    @property
    def joined(self) -> tuple[str, ...]:
        """The topics with an IN."""
        return tuple(name for name, each in self.items() if each.choice is TopicChoice.IN)

    def dated_at(self, moment: datetime, own: datetime) -> "TopicChoices":
        """The same choices, all dated; the same object where none is undated.

        Args:
            moment: of an undated OUT.
            own: of an undated IN, the date of the request's own evidence.
        """
        undated = {name: each for name, each in self.items() if each.updated_date is None}
        dated = {
            name: evolve(each, updated_date=own if each.choice is TopicChoice.IN else moment)
            for name, each in undated.items()
        }
        return TopicChoices({**self, **dated}) if dated else self


NO_TOPICS: Final = Topics()
"""No topic: what nearly all records remember."""

NO_CHOICES: Final = TopicChoices()
"""No choice."""

ChoicesLike: TypeAlias = Mapping[str, TopicActivity | TopicEvidence | TopicChoice | str] | None
"""What is taken for the choices of a request: dated ones, words, or what was read of a record."""


def as_choices(value: ChoicesLike) -> TopicChoices:
    """The choices of a request; what cannot be one is returned unchanged, to be reported."""
    if value is NO_CHOICES or value is None:
        return NO_CHOICES
    given: Any = value
    if isinstance(given, TopicChoices) or not isinstance(given, Mapping):
        return given
    return TopicChoices({name: _as_activity(name, each) for name, each in given.items()})


def _as_activity(name: str, value: Any) -> Any:
    if isinstance(value, TopicEvidence):
        return TopicActivity(value.choice, value.updated_date, value.actor)
    if not isinstance(value, str):
        return value
    word = as_word(value, TopicChoice)
    refuse(topic_path(str(name)), choice=wrong_word(word, TopicChoice))
    return TopicActivity(word)
