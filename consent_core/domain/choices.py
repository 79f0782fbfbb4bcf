"""The choices of a policy: for all channels, or by channel (contract, section 13)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from attrs import field, frozen

from consent_core.domain.lifetimes import Lifetime
from consent_core.domain.vocabulary import Channel, OptInLevel, Reconsent


def policy_field(default: Any, about: str, **how: Any) -> Any:
    """A field of a policy, with the sentence that explains it."""
    return field(default=default, metadata={"about": about}, **how)


@frozen
class _FrozenMapping(Mapping[Any, Any]):
    """A mapping that can be hashed and pickled, as a policy can."""

    choices: tuple[tuple[Any, Any], ...]

    def __getitem__(self, key: Any) -> Any:
        return dict(self.choices)[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(dict(self.choices))

    def __len__(self) -> int:
        return len(self.choices)


def by_channel(value: Any) -> Any:
    """A choice for all channels, unchanged, or a frozen copy of a mapping by channel."""
    return _FrozenMapping(tuple(sorted(value.items()))) if isinstance(value, Mapping) else value


NO_TOPIC: Final[Mapping[str, Any]] = _FrozenMapping(())
"""What nearly all policies declare; the same object for all, because it is asked for so often."""


def by_topic(value: Any) -> Any:
    """A frozen copy of a mapping, in its order; any other value is returned unchanged."""
    if not isinstance(value, Mapping):
        return value
    return _FrozenMapping(tuple(value.items())) if value else NO_TOPIC


def as_tuple(value: Any) -> Any:
    """As ``as_frozenset``, for a sequence."""
    return tuple(value) if isinstance(value, list | tuple) else value


def as_frozenset(value: Any) -> Any:
    """A frozen set; a value that is no set is returned unchanged, and validation reports it."""
    return frozenset(value) if isinstance(value, set | frozenset | list | tuple) else value


class Choices(NamedTuple):
    """What a policy chooses on one channel; the fields are those of the policy."""

    reconsent: Reconsent
    minimum_opt_in_level: OptInLevel
    confirmation_lifetime: Lifetime | None
    evidence_margin: timedelta
    never_confirmed_granted: frozenset[Channel]
    transient_lapse: timedelta
