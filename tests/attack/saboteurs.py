"""Rules that are broken in one way each: the attack must notice every one of them."""

from collections.abc import Callable, Generator
from typing import Any, Final

from attrs import evolve
from pytest import MonkeyPatch

from consent_core import (
    ConsentState,
    Decision,
    KeptReason,
    LinkType,
    Result,
    RevokeActivity,
    eligibility,
)
from consent_core.application import redeeming, use_cases
from consent_core.cli import apply
from consent_core.domain import evidence, lifecycle
from consent_core.wire import read_upsert
from tests.attack import servers

Saboteur = Callable[[MonkeyPatch], None]


def throws_clicks_away(patch: MonkeyPatch) -> None:
    """A click on "unsubscribe" while REVOKED stores no date."""
    sound = redeeming._decide

    def decide(claim: Any, before: Any, *more: Any) -> Decision:
        if claim.type is LinkType.REVOKE_CONFIRMATION and before.state is ConsentState.REVOKED:
            return Decision(Result.UNCHANGED, None, before, ())
        return sound(claim, before, *more)

    patch.setattr(redeeming, "_decide", decide)


def honours_old_links(patch: MonkeyPatch) -> None:
    """A confirmation link works whatever happened since."""

    def honour(*_: Any) -> Generator[Any, Any, None]:
        yield from ()

    patch.setattr(redeeming, "refuse_overtaken", honour)


def trusts_undated_evidence(patch: MonkeyPatch) -> None:
    """What a nightly synchronisation says is evidence of the moment of receipt."""
    sound = evidence._dated_confirmation

    def dated(activity: Any, requested: Any, slot: Any, now: Any, policy: Any) -> Any:
        return sound(activity if activity.updated_date else activity.at(now), requested, slot, now, policy)

    patch.setattr(evidence, "_dated_confirmation", dated)


def resets_who_left(patch: MonkeyPatch) -> None:
    """NEVER_CONFIRMED replaces a question that was asked of somebody who had left, and is granted."""
    sound = evidence._refusal

    def refusal(standing: Any, requested: Any, *more: Any, **named: Any) -> KeptReason | None:
        reset = standing.state is ConsentState.PENDING and requested is ConsentState.NEVER_CONFIRMED
        return None if reset else sound(standing, requested, *more, **named)

    def forgetful(consent: Any, **named: Any) -> Any:
        never = consent is not None and consent.state is ConsentState.NEVER_CONFIRMED
        return eligibility(evolve(consent, last_revoke_activity=None) if never else consent, **named)

    patch.setattr(evidence, "_refusal", refusal)
    patch.setattr(servers, "eligibility", forgetful)


def forgets_late_opt_outs(patch: MonkeyPatch) -> None:
    """An opt-out that arrives late does not fill its slot."""
    sound = evidence._newer

    def newer(activity: Any, slot: Any) -> bool:
        return not isinstance(activity, RevokeActivity) and sound(activity, slot)

    patch.setattr(evidence, "_newer", newer)


def takes_any_answer(patch: MonkeyPatch) -> None:
    """Any yes answers the question of a double opt-in."""
    patch.setattr(lifecycle, "direct_reconsent", lambda _: True)


def prefers_grants_on_a_tie(patch: MonkeyPatch) -> None:
    """A grant of the very moment of an opt-out lifts it."""
    sound = lifecycle._later
    patch.setattr(lifecycle, "_later", lambda facts, slot, *more: facts.at == slot or sound(facts, slot, *more))


def imports_no_revocation_of_a_stateless_line(patch: MonkeyPatch) -> None:
    """The command line reads the revocation of a NEVER_CONFIRMED no more."""

    def read(data: Any, **named: Any) -> Any:
        request = read_upsert(data, **named)
        stateless = request.state in (ConsentState.NEVER_CONFIRMED, ConsentState.UNKNOWN_STATE)
        return evolve(request, last_revoke_activity=None) if stateless else request

    patch.setattr(apply, "read_upsert", read)


def refuses_opt_outs_of_the_future(patch: MonkeyPatch) -> None:
    """A device whose clock is far ahead cannot unsubscribe anybody."""
    sound = evidence._revoke

    def revoke(standing: Any, activity: Any, *more: Any) -> Any:
        if activity.source == "FORM":
            raise servers.InvalidConsent([])
        return sound(standing, activity, *more)

    patch.setattr(evidence, "_revoke", revoke)


def mails_everybody(patch: MonkeyPatch) -> None:
    """The audience forgets who left."""
    sound = use_cases.audience

    def audience(*channel: Any, **named: Any) -> Any:
        found = sound(*channel, **named)
        return evolve(found, states=found.states | {ConsentState.REVOKED})

    patch.setattr(use_cases, "audience", audience)


def ignores_the_margin(patch: MonkeyPatch) -> None:
    """Evidence is compared as if clocks were right."""
    later, earlier = lifecycle._later, lifecycle._earlier
    patch.setattr(lifecycle, "_later", lambda facts, slot, *_: later(facts, slot))
    patch.setattr(lifecycle, "_earlier", lambda facts, slot, *_: earlier(facts, slot))


def dates_clicks_by_a_slow_clock(patch: MonkeyPatch) -> None:
    """An undated opt-out counts at receipt, though the confirmation slot lies ahead of it."""
    sound = evidence._dated_revocation

    def dated(activity: Any, standing: Any, now: Any, policy: Any) -> Any:
        return activity.at(now) if activity.updated_date is None else sound(activity, standing, now, policy)

    patch.setattr(evidence, "_dated_revocation", dated)


WITH_RIGHT_CLOCKS: Final[tuple[Saboteur, ...]] = (
    throws_clicks_away,
    honours_old_links,
    trusts_undated_evidence,
    resets_who_left,
    forgets_late_opt_outs,
    takes_any_answer,
    prefers_grants_on_a_tie,
    imports_no_revocation_of_a_stateless_line,
    refuses_opt_outs_of_the_future,
    mails_everybody,
)
WITH_WRONG_CLOCKS: Final[tuple[Saboteur, ...]] = (ignores_the_margin, dates_clicks_by_a_slow_clock)
