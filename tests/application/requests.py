"""Requests as plain dicts: how they are made at random and written with the library."""

from typing import Any, Final

from hypothesis import strategies as st

from consent_core import (
    ConfirmationActivity,
    ConfirmationSource,
    ConsentState,
    Email,
    Identifier,
    MarketingConsent,
    OptInLevel,
    Phone,
    RevokeActivity,
    RevokeSource,
    Upsert,
)
from tests.application.naive_model import GRANTS, Plain
from tests.application.support import at

PEOPLE: Final[dict[str, Identifier]] = {
    "ada@example.org": Email("ada@example.org"),
    "bob@example.org": Email("bob@example.org"),
    "+12025550172": Phone("+12025550172"),
}
START: Final = 20
"""The minute at which random runs begin; evidence is dated around it."""

who = st.sampled_from(list(PEOPLE))
dates = st.none() | st.integers(0, START + 30)
sources = st.sampled_from(["UNKNOWN_SOURCE", "FORM"])
levels = st.sampled_from(["UNKNOWN_OPT_IN_LEVEL", "SINGLE_CONFIRMATION", "DOUBLE_CONFIRMATION"])
grants = st.fixed_dictionaries({"date": dates, "source": sources, "level": levels})
revocations = st.fixed_dictionaries({"date": dates, "source": sources})
patches: st.SearchStrategy[Plain] = st.just({}) | st.dictionaries(
    st.sampled_from("xy"), st.none() | st.integers(0, 2), max_size=2
)
states = st.sampled_from([state.value for state in ConsentState])


@st.composite
def requests(draw: st.DrawFn, of: st.SearchStrategy[str] = states) -> Plain:
    """A well-formed request.

    With the evidence that its state needs, and sometimes the other one.
    """
    state = draw(of)
    granted = draw(grants if state in GRANTS else st.none() | grants)
    if state == "PENDING" and granted and granted["level"] == "SINGLE_CONFIRMATION":
        granted = {**granted, "level": "DOUBLE_CONFIRMATION"}
    revoked = draw(revocations if state == "REVOKED" else st.none() | revocations)
    return {
        "who": draw(who),
        "state": state,
        "yes": granted,
        "no": revoked,
        "fields": draw(patches),
    }


@st.composite
def updates(draw: st.DrawFn) -> Plain:
    """The parts of an update, well-formed or not."""
    return {
        "who": draw(who),
        "state": draw(st.none() | states),
        "yes": draw(st.none() | grants),
        "no": draw(st.none() | revocations),
        "fields": draw(patches),
    }


def confirmation_of(plain: Plain | None) -> ConfirmationActivity | None:
    """A confirmation as the library has it."""
    return (
        None
        if plain is None
        else ConfirmationActivity(
            source=ConfirmationSource(plain["source"]),
            updated_date=None if plain["date"] is None else at(plain["date"]),
            opt_in_level=OptInLevel(plain["level"]),
        )
    )


def revocation_of(plain: Plain | None) -> RevokeActivity | None:
    """A revocation as the library has it."""
    return (
        None
        if plain is None
        else RevokeActivity(
            source=RevokeSource(plain["source"]),
            updated_date=None if plain["date"] is None else at(plain["date"]),
        )
    )


def fields_of(plain: Plain) -> dict[str, dict[str, Any]]:
    """Extended fields, all in one namespace."""
    return {"app": plain["fields"]} if plain["fields"] else {}


def upsert_of(plain: Plain) -> Upsert:
    """A request as the library has it."""
    return Upsert(
        details=PEOPLE[plain["who"]],
        state=ConsentState(plain["state"]),
        last_confirmation_activity=confirmation_of(plain["yes"]),
        last_revoke_activity=revocation_of(plain["no"]),
        extended_fields=fields_of(plain),
    )


def as_request(consent: MarketingConsent) -> Upsert:
    """A record as its reader would send it back."""
    return Upsert(
        details=consent.details,
        state=consent.state,
        last_confirmation_activity=consent.last_confirmation_activity,
        last_revoke_activity=consent.last_revoke_activity,
        extended_fields=consent.extended_fields,
    )


def _minutes(moment: Any) -> float:
    return float((moment - at(0)).total_seconds() / 60)


def plain_of(consent: MarketingConsent) -> Plain:
    """A record as plain values, to be compared with a naive one."""
    granted, revoked = consent.last_confirmation_activity, consent.last_revoke_activity
    return {
        "state": consent.state.value,
        "yes": granted
        and {
            "date": _minutes(granted.updated_date),
            "source": granted.source.value,
            "level": granted.opt_in_level.value,
        },
        "no": revoked and {"date": _minutes(revoked.updated_date), "source": revoked.source.value},
        "doubly": consent.double_confirmed_date and _minutes(consent.double_confirmed_date),
        "fields": consent.extended_fields.namespaces.get("app", {}),
        "revision": consent.revision,
    }
