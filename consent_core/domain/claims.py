"""What a caller may claim in a request (contract, section 12).

Evidence is only as good as who brings it: a public form that passes its body on must not be able to
say "confirmed by double opt-in, two years ago".
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, Self

from attrs import evolve, field, frozen

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.checks import Problem, as_word, listed, refuse, wrong_type, wrong_word
from consent_core.domain.errors import Violation
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
    ViolationCode,
)

SOURCES: Final[Mapping[type[ConfirmationActivity | RevokeActivity], type[StrEnum]]] = {
    ConfirmationActivity: ConfirmationSource,
    RevokeActivity: RevokeSource,
}
"""The sources of each activity."""

ACTIVITIES: Final[Mapping[str, type[ConfirmationActivity | RevokeActivity]]] = {
    "last_confirmation_activity": ConfirmationActivity,
    "last_revoke_activity": RevokeActivity,
}
"""The activities of a request, by Python name."""

_WIRE_NAMES: Final = {
    "last_confirmation_activity": "lastConfirmationActivity",
    "last_revoke_activity": "lastRevokeActivity",
}


def _words(value: Any, kind: type[StrEnum]) -> Any:
    words = _texts(value)
    return frozenset(as_word(each, kind) for each in words) if words is not value else value


def _states(value: Any) -> Any:
    return _words(value, ConsentState)


def _levels(value: Any) -> Any:
    return _words(value, OptInLevel)


def _actors(value: Any) -> Any:
    return _words(value, Actor)


def _texts(value: Any) -> Any:
    """A set of words; what is none is returned unchanged, and reported by the class."""
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return frozenset(value)


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
        asks_who_left: whether a CONFIRMED of a person who left is decided as PENDING, so that
            they come back by answering.

    Raises:
        InvalidConsent: a word is not known.
    """

    states: frozenset[ConsentState] | None = field(default=None, converter=_states)
    sources: frozenset[str] | None = field(default=None, converter=_texts)
    opt_in_levels: frozenset[OptInLevel] | None = field(default=None, converter=_levels)
    actors: frozenset[Actor] | None = field(default=None, converter=_actors)
    dated: bool = True
    described: bool = True
    namespaces: frozenset[str] | None = field(default=None, converter=_texts)
    asks_who_left: bool = False

    def __attrs_post_init__(self) -> None:
        refuse(
            "claims",
            states=_wrong_words(self.states, ConsentState),
            sources=_wrong_sources(self.sources),
            opt_in_levels=_wrong_words(self.opt_in_levels, OptInLevel),
            actors=_wrong_words(self.actors, Actor),
            dated=wrong_type(self.dated, bool),
            described=wrong_type(self.described, bool),
            namespaces=_wrong_texts(self.namespaces),
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
        )

    def violations(self, values: Mapping[str, Any]) -> list[Violation]:
        """What a request says beyond these claims.

        Args:
            values: the fields of a request by Python name, as they were sent.
        """
        found = _beyond("state", values.get("state"), self.states)
        for name in ACTIVITIES:
            if (activity := values.get(name)) is not None:
                found += self._activity_violations(name, activity)
        if self.namespaces is not None and (fields := values.get("extended_fields")):
            found += [
                Violation(f"extendedFields.namespaces.{name}", _NOT_ALLOWED, _LEFT_OUT)
                for name in fields.namespaces
                if name not in self.namespaces
            ]
        return found

    def _activity_violations(self, name: str, activity: Any) -> list[Violation]:
        path, kind = _WIRE_NAMES[name], ACTIVITIES[name]
        if self.states is not None and kind not in {PROOF[state] for state in self.states}:
            return [Violation(path, _NOT_ALLOWED, _LEFT_OUT)]
        found = _beyond(f"{path}.source", activity.source, self._sources_of(kind))
        found += _beyond(f"{path}.actor", activity.actor, self.actors)
        if isinstance(activity, ConfirmationActivity):
            found += _beyond(f"{path}.optInLevel", activity.opt_in_level, self.opt_in_levels)
        if not self.dated and activity.updated_date is not None:
            why = "must be left out: evidence from here is dated at receipt"
            found.append(Violation(f"{path}.updatedDate", _NOT_ALLOWED, why))
        if not self.described and activity.description is not None:
            found.append(Violation(f"{path}.description", _NOT_ALLOWED, _LEFT_OUT))
        return found

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
            parts: dict[str, Any] = {"source": source, "actor": _only_one(self.actors)}
            if kind is ConfirmationActivity:
                parts["opt_in_level"] = _only_one(self.opt_in_levels)
            absent = {
                part: word
                for part, word in parts.items()
                if word is not None and _says_nothing(getattr(activity, part))
            }
            filled[name] = evolve(activity, **absent)
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
        return _only_one(self._sources_of(kind))

    def _sources_of(self, kind: type[ConfirmationActivity | RevokeActivity]) -> Any:
        """The sources that may be named in an activity; None for all."""
        if self.sources is None:
            return None
        return frozenset(word for word in SOURCES[kind] if word in self.sources)


_FORM: Final = frozenset({"FORM"})
_NOT_ALLOWED: Final = ViolationCode.NOT_ALLOWED
_LEFT_OUT: Final = "must be left out: it is not for this caller to say"


def _says_nothing(word: str) -> bool:
    """Whether a word stands for an absent one: UNKNOWN_SOURCE and its like."""
    return word.startswith("UNKNOWN_")


def _only_one(words: Collection[Any] | None) -> Any:
    return next(iter(words)) if words is not None and len(words) == 1 else None


def _beyond(path: str, word: Any, allowed: Collection[Any] | None) -> list[Violation]:
    """A violation, if a word was given that is not one of those allowed."""
    if word is None or allowed is None or word in allowed:
        return []
    if path != "state" and _says_nothing(word):
        return []
    why = f"must be {' or '.join(sorted(allowed))}: nothing else is for this caller to say"
    return [Violation(path, _NOT_ALLOWED, why if allowed else _LEFT_OUT)]


def _wrong_words(value: Any, kind: type[StrEnum]) -> Problem:
    if value is None:
        return None
    if not isinstance(value, frozenset):
        return ViolationCode.WRONG_TYPE, f"must be None or a set of {listed(kind)}"
    return next(filter(None, (wrong_word(word, kind) for word in sorted(value, key=str))), None)


def _wrong_sources(value: Any) -> Problem:
    known = dict.fromkeys(str(word) for kind in SOURCES.values() for word in kind)
    if value is None or (isinstance(value, frozenset) and value <= known.keys()):
        return None
    return ViolationCode.UNKNOWN_VALUE, f"must be None or a set of {listed(known)}"


def _wrong_texts(value: Any) -> Problem:
    if value is None or (
        isinstance(value, frozenset) and all(isinstance(name, str) for name in value)
    ):
        return None
    return ViolationCode.WRONG_TYPE, "must be None or a set of names"
