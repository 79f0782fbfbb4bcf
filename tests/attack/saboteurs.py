"""Rules that are broken in one way each: the attack must notice every one of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from attrs import evolve

from consent_core import (
    ConsentState,
    Filter,
    InvalidConsent,
    LinkType,
    Outcome,
    QueryField,
    Result,
    RevokeSource,
)
from consent_core.application import use_cases
from consent_core.cli import apply
from consent_core.domain import evidence, guards
from tests.attack import servers


class Saboteur(NamedTuple):
    """A function that is replaced by a broken one.

    Args:
        attack: the name of the attack that finds it.
        module: where the function is.
        name: of the function.
        broken: the replacement, which is given the sound function first.
    """

    attack: str
    module: ModuleType
    name: str
    broken: Callable[..., Any]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Break the rule for a while."""
        sound = getattr(self.module, self.name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                self.module, self.name, lambda *given, **named: self.broken(sound, *given, **named)
            )
            yield


SABOTEURS: list[Saboteur] = []


def breaks(
    module: ModuleType, name: str, attack: str = "right clocks"
) -> Callable[[Callable[..., Any]], None]:
    """Register a replacement for a function."""
    return lambda broken: SABOTEURS.append(Saboteur(attack, module, name, broken))


@breaks(use_cases, "decide_token")
def throws_clicks_away(sound: Any, claim: Any, before: Any, *more: Any) -> Any:
    """A click on "unsubscribe" while REVOKED stores no date."""
    if claim.type is LinkType.REVOKE_CONFIRMATION and before.state is ConsentState.REVOKED:
        return Outcome(Result.UNCHANGED, None, before, ())
    return sound(claim, before, *more)


@breaks(use_cases, "still_honoured")
def honours_old_links(_sound: Any, claim: Any, *_: Any) -> Any:
    """A confirmation link works whatever happened since."""
    yield from ()
    return claim


@breaks(evidence, "date_confirmation")
def trusts_undated_evidence(
    sound: Any, activity: Any, requested: Any, slot: Any, now: Any, policy: Any
) -> Any:
    """What a nightly synchronisation says is evidence of the moment of receipt."""
    return sound(
        activity if activity.updated_date else activity.at(now), requested, slot, now, policy
    )


@breaks(servers, "eligibility")
def forgets_who_left(sound: Any, consent: Any, **named: Any) -> Any:
    """NEVER_CONFIRMED is granted, too, to those whose revocation slot is filled."""
    never = consent is not None and consent.state is ConsentState.NEVER_CONFIRMED
    return sound(evolve(consent, last_revoke_activity=None) if never else consent, **named)


@breaks(evidence, "_later")
def forgets_late_opt_outs(_sound: Any, _dated: Any, _stored: Any) -> Any:
    """An opt-out that arrives late does not fill its slot."""
    return False


@breaks(guards, "direct_reconsent")
def takes_any_answer(_sound: Any, _: Any) -> Any:
    """Any yes answers the question of a double opt-in."""
    return True


@breaks(guards, "_later")
def prefers_grants_on_a_tie(sound: Any, facts: Any, slot: Any, *more: Any) -> Any:
    """A grant of the very moment of an opt-out lifts it."""
    return facts.evidence_date == slot or sound(facts, slot, *more)


@breaks(apply, "read_upsert")
def imports_half_a_line(sound: Any, *data: Any, **named: Any) -> Any:
    """The command line does not read the revocation of a NEVER_CONFIRMED."""
    request = sound(*data, **named)
    return (
        evolve(request, last_revoke_activity=None)
        if request.state is ConsentState.NEVER_CONFIRMED
        else request
    )


@breaks(evidence, "apply_revocation")
def refuses_opt_outs(sound: Any, status: Any, activity: Any, *more: Any) -> Any:
    """Nobody can unsubscribe by a form."""
    if activity.source is RevokeSource.FORM:
        raise InvalidConsent([])
    return sound(status, activity, *more)


@breaks(use_cases, "audience")
def mails_everybody(sound: Any, *channel: Any, **named: Any) -> Any:
    """The audience forgets who left."""
    found = sound(*channel, **named)
    return tuple(
        evolve(each, value=(*each.value, ConsentState.REVOKED))
        if isinstance(each, Filter) and each.field is QueryField.STATE
        else each
        for each in found
    )


@breaks(guards, "_earlier", "wrong clocks and a margin")
def ignores_the_margin(sound: Any, facts: Any, slot: Any, *_: Any) -> Any:
    """An opt-out that a slow clock dated before the confirmation does not count."""
    return sound(facts, slot)


@breaks(evidence, "date_revocation", "hopeless clocks")
def trusts_a_slow_clock(sound: Any, activity: Any, *slots_now_policy: Any) -> Any:
    """An undated opt-out counts at receipt, though the confirmation slot lies ahead of it."""
    return (
        activity.at(slots_now_policy[-2])
        if activity.updated_date is None
        else sound(activity, *slots_now_policy)
    )


@breaks(guards, "_is_held")
def lets_anyone_bring_them_back(_sound: Any, _: Any) -> Any:
    """Staff lifts the person's own opt-out, though only the person may."""
    return False
