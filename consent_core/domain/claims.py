"""What a caller may claim in a request (contract, section 12).

Evidence is only as good as who brings it: a public form that passes its body on must not be able to
say "confirmed by double opt-in, two years ago".
"""

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import evolve, field, frozen

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import refuse, shown, wrong_type
from consent_core.domain.errors import Violation
from consent_core.domain.limits import (
    LEFT_OUT,
    NOT_ALLOWED,
    SOURCES,
    as_actors,
    as_choices,
    as_levels,
    as_states,
    as_texts,
    beyond,
    only_one,
    says_nothing,
    wrong_sources,
    wrong_texts,
    wrong_words,
)
from consent_core.domain.policy import Policy
from consent_core.domain.topic_words import TopicChoice, topic_path
from consent_core.domain.topics import TopicActivity, TopicChoices
from consent_core.domain.validity import undeclared_topic
from consent_core.domain.vocabulary import (
    Actor,
    ConsentState,
    OptInLevel,
    ViolationCode,
)

ACTIVITIES: Final[Mapping[str, type[ConfirmationActivity | RevokeActivity]]] = {
    "last_confirmation_activity": ConfirmationActivity,
    "last_revoke_activity": RevokeActivity,
}
"""The activities of a request, by Python name."""

_WIRE_NAMES: Final = {
    "last_confirmation_activity": "lastConfirmationActivity",
    "last_revoke_activity": "lastRevokeActivity",
}


@frozen(kw_only=True)
class Claims:
    """What a caller may say in a request; without arguments, everything: for trusted callers.

    A request that claims more is refused. Nothing is dropped or downgraded silently. A limit of
    None allows every word, an empty one allows none.

    Args:
        states: the states that may be asked for. An activity is taken only where one of them is
            proven by it: who may not revoke may not bring a revocation beside a grant either.
        sources: of the activities. If there is exactly one for an activity, it is filled in where
            it is absent, and so is the whole activity where the state needs it.
        opt_in_levels: that may be stated; exactly one is filled in where it is absent.
        actors: that may be named; exactly one is filled in where it is absent.
        dated: whether the caller may date its evidence. If not, it is dated at receipt.
        described: whether the caller may describe its evidence. If not, the application does.
        namespaces: of extended fields that may be written.
        topics: the choices of topics that may be made, ``IN`` and ``OUT``. Choices without a state
            count as the person's own will, so they need claims to the actor ``SUBJECT``.
        asks_who_left: whether a CONFIRMED of a person who left is decided as PENDING, so that
            they come back by answering.

    Raises:
        InvalidConsent: a word is not known.
    """

    states: frozenset[ConsentState] | None = field(default=None, converter=as_states)
    sources: frozenset[str] | None = field(default=None, converter=as_texts)
    opt_in_levels: frozenset[OptInLevel] | None = field(default=None, converter=as_levels)
    actors: frozenset[Actor] | None = field(default=None, converter=as_actors)
    dated: bool = True
    described: bool = True
    namespaces: frozenset[str] | None = field(default=None, converter=as_texts)
    topics: frozenset[TopicChoice] | None = field(default=None, converter=as_choices)
    asks_who_left: bool = False

    def __attrs_post_init__(self) -> None:
        refuse(
            "claims",
            states=wrong_words(self.states, ConsentState),
            sources=wrong_sources(self.sources),
            opt_in_levels=wrong_words(self.opt_in_levels, OptInLevel),
            actors=wrong_words(self.actors, Actor),
            dated=wrong_type(self.dated, bool),
            described=wrong_type(self.described, bool),
            namespaces=wrong_texts(self.namespaces),
            topics=wrong_words(self.topics, TopicChoice),
            asks_who_left=wrong_type(self.asks_who_left, bool),
        )

    @classmethod
    def sign_up_form(cls) -> Self:
        """A public form that asks for a double opt-in.

        It cannot revoke, for else anyone could silence anyone.
        """
        return cls(
            states=frozenset({ConsentState.PENDING}),
            sources=_FORM,
            opt_in_levels=frozenset(),
            actors=frozenset({Actor.UNKNOWN_ACTOR}),
            dated=False,
            described=False,
            namespaces=frozenset(),
            topics=frozenset({TopicChoice.IN}),
        )

    @classmethod
    def single_opt_in_form(cls) -> Self:
        """A public form whose entry is the consent.

        Anyone can type an address into it, so it brings back nobody who left: they are asked.
        """
        return evolve(
            cls.sign_up_form(),
            states=frozenset({ConsentState.CONFIRMED}),
            opt_in_levels=frozenset({OptInLevel.SINGLE_CONFIRMATION}),
            asks_who_left=True,
        )

    @classmethod
    def preference_page(cls) -> Self:
        """A page that the person reached by a signed link or a log-in.

        The application gives the identifier: from the body, anyone could silence anyone.
        """
        return evolve(
            cls.sign_up_form(),
            states=frozenset({ConsentState.REVOKED}),
            actors=frozenset({Actor.SUBJECT}),
            topics=frozenset(TopicChoice),
        )

    def violations(self, values: Mapping[str, Any], policy: Policy) -> list[Violation]:
        """What a request says beyond these claims.

        Args:
            values: the fields of a request by Python name, as they were sent.
            policy: the choices of the deployment: it declares the topics that can be joined.
        """
        found = beyond("state", values.get("state"), self.states)
        for name in ACTIVITIES:
            if (activity := values.get(name)) is not None:
                found += self._activity_violations(name, activity)
        if topics := values.get("topics"):
            found += self._topic_violations(topics, values, policy)
        if self.namespaces is not None and (fields := values.get("extended_fields")):
            found += [
                Violation(f"extendedFields.namespaces.{shown(name)}", NOT_ALLOWED, LEFT_OUT)
                for name in fields.namespaces
                if name not in self.namespaces
            ]
        return found

    def _activity_violations(self, name: str, activity: Any) -> list[Violation]:
        path, kind = _WIRE_NAMES[name], ACTIVITIES[name]
        if self.states is not None and kind not in {PROOF[state] for state in self.states}:
            return [Violation(path, NOT_ALLOWED, LEFT_OUT)]
        found = beyond(f"{path}.source", activity.source, self._sources_of(kind))
        found += beyond(f"{path}.actor", activity.actor, self.actors)
        if self._is_said_by_source(activity):
            why = f"must be another: it says that the actor is {activity.acted_by}"
            found.append(Violation(f"{path}.source", NOT_ALLOWED, why))
        if isinstance(activity, ConfirmationActivity):
            found += beyond(f"{path}.optInLevel", activity.opt_in_level, self.opt_in_levels)
        if not self.dated and activity.updated_date is not None:
            found.append(Violation(f"{path}.updatedDate", NOT_ALLOWED, _DATED))
        if not self.described and activity.description is not None:
            found.append(Violation(f"{path}.description", NOT_ALLOWED, LEFT_OUT))
        return found

    def _is_said_by_source(self, activity: ConfirmationActivity | RevokeActivity) -> bool:
        """Whether a source says that somebody acted who may not be named (section 7)."""
        if self.actors is None or activity.actor is not Actor.UNKNOWN_ACTOR:
            return False
        is_filled_in = only_one(self.actors) not in (None, Actor.UNKNOWN_ACTOR)
        return not is_filled_in and activity.acted_by not in {*self.actors, Actor.UNKNOWN_ACTOR}

    def _topic_violations(
        self, topics: Mapping[str, TopicActivity], values: Mapping[str, Any], policy: Policy
    ) -> list[Violation]:
        found: list[Violation] = []
        if values.get("state") is None and not self.choices_alone:
            why = "is required: choices alone are for the person to make"
            found.append(Violation("state", ViolationCode.REQUIRED, why))
        for name, activity in topics.items():
            path, is_joined = topic_path(name), activity.choice is TopicChoice.IN
            if is_joined and activity.updated_date is None and name not in policy.topics:
                # A dated one may be in the record already, and is judged with that.
                found.append(undeclared_topic(name, policy))
            found += beyond(f"{path}.choice", activity.choice, self.topics)
            found += beyond(f"{path}.actor", activity.actor, self.actors)
            if not self.dated and activity.updated_date is not None:
                found.append(Violation(f"{path}.updatedDate", NOT_ALLOWED, _DATED))
        return found

    @property
    def choices_alone(self) -> bool:
        """Whether choices of topics may come without a state: only the person makes those."""
        return self.actors is None or Actor.SUBJECT in self.actors

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a request, with what these claims leave only one choice for.

        Args:
            values: by Python name; they claim no more than they may.
        """
        filled = dict(values)
        state = filled.get("state")
        for name, kind in ACTIVITIES.items():
            source = self.only_source(kind)
            activity: Any = filled.get(name)
            if activity is None and source is not None and state is not None:
                activity = kind() if PROOF[state] is kind else None
            if activity is None:
                continue
            parts: dict[str, Any] = {"source": source, "actor": only_one(self.actors)}
            if kind is ConfirmationActivity:
                parts["opt_in_level"] = only_one(self.opt_in_levels)
            absent = {
                part: word
                for part, word in parts.items()
                if word is not None and says_nothing(getattr(activity, part))
            }
            filled[name] = evolve(activity, **absent)
        actor = only_one(self.actors)
        if actor is not None and (topics := filled.get("topics")):
            filled["topics"] = TopicChoices(
                {
                    topic: evolve(choice, actor=actor) if says_nothing(choice.actor) else choice
                    for topic, choice in topics.items()
                }
            )
        if not self.dated:
            filled["dated_at_receipt"] = True
        if self.asks_who_left:
            filled["asks_who_left"] = True
        return filled

    def only_source(self, kind: type[ConfirmationActivity | RevokeActivity]) -> Any:
        """The source of an activity, where these claims leave one; None otherwise.

        Args:
            kind: the class of the activity.
        """
        return only_one(self._sources_of(kind))

    def _sources_of(self, kind: type[ConfirmationActivity | RevokeActivity]) -> Any:
        """The sources that may be named in an activity; None for all."""
        if self.sources is None:
            return None
        return frozenset(word for word in SOURCES[kind] if word in self.sources)


_FORM: Final = frozenset({"FORM"})
_DATED: Final = "must be left out: evidence from here is dated at receipt"
