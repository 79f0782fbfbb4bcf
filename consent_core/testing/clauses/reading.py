"""What is read is what was written, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import NOTHING

from consent_core.application.plans import Ask, commit, find, get, history, page
from consent_core.application.query import EVERYTHING
from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.events import ConsentCreated, replay
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Identifier, Phone
from consent_core.domain.records import MarketingConsent
from consent_core.domain.topic_words import TopicChoice
from consent_core.domain.topics import TopicEvidence, Topics
from consent_core.domain.validation import declared_fields
from consent_core.domain.vocabulary import (
    Actor,
    ConfirmationSource,
    ConsentState,
    OptInLevel,
    RevokeSource,
)
from consent_core.testing.arrange import (
    NOON,
    confirmation,
    consent,
    creation,
    email,
    exact_history,
    exactly,
    phone,
    revocation,
    sample,
)
from consent_core.testing.kit import ClausePlan, clause, expect, store

SINCE: Final = "0.1"


@clause(SINCE)
def unknown_is_absent() -> ClausePlan[None]:
    """What is not stored is absent from the answer, never None, never invented."""
    expect(dict((yield from find([email("nobody"), phone(1)]))), {})
    expect(dict((yield from get([consent(email("nobody")).id]))), {})
    expect(tuple((yield from history(consent(email("nobody")).id))), ())
    expect((yield from page(EVERYTHING)).consents, ())
    yield from commit([creation(consent(email("somebody")))])
    expect(set((yield from find([email("nobody"), email("somebody")]))), {email("somebody")})
    expect(
        set((yield from get([consent(email("nobody")).id, consent(email("somebody")).id]))),
        {_id("somebody")},
    )


@clause(SINCE)
def empty_calls_are_answered() -> ClausePlan[None]:
    """Asking for nothing is answered with nothing, and storing nothing stores nothing."""
    expect(dict((yield from find([]))), {})
    expect(dict((yield from get([]))), {})
    yield from commit([])
    expect((yield from page(EVERYTHING)).consents, ())


@clause(SINCE, changes=4)
def any_collection_is_taken() -> ClausePlan[None]:
    """Identifiers and ids come in any collection, changes in any sequence.

    None of them is altered.
    """
    changes = [creation(consent(phone(1))), creation(consent(email("ada")))]
    yield Ask("commit", changes)
    expect([change.identifier for change in changes], [phone(1), email("ada")])
    yield Ask("commit", (creation(consent(email("bob"))),))
    stored = [consent(identifier) for identifier in (phone(1), email("ada"), email("bob"))]
    for kind in (list[Any], tuple[Any, ...], frozenset[Any], dict.fromkeys):
        identifiers, ids = kind(each.details for each in stored), kind(each.id for each in stored)
        expect(dict((yield Ask("find", identifiers))), {each.details: each for each in stored})
        expect(dict((yield Ask("get", ids))), {each.id: each for each in stored})
        expect((len(identifiers), len(ids)), (len(stored), len(stored)))


@clause(SINCE)
def answers_are_the_callers() -> ClausePlan[None]:
    """What a caller does to an answer changes nothing that is stored."""
    stored = consent(email("ada"))
    yield from commit([creation(stored)])
    for answer in ((yield from find([stored.details])), (yield from get([stored.id]))):
        if isinstance(answer, dict):
            answer.clear()
    events = yield from history(stored.id)
    if isinstance(events, list):
        events.clear()
    expect(dict((yield from find([stored.details]))), {stored.details: stored})
    expect(dict((yield from get([stored.id]))), {stored.id: stored})
    expect(len((yield from history(stored.id))), 1)


@clause(SINCE)
def every_field_is_read_as_written() -> ClausePlan[None]:
    """A record is read, by identifier, by id and by query, exactly as it was written.

    Microseconds, moments from year 1 to 9999, Unicode, null and empty descriptions, nested extended
    fields, revisions beyond 32 bits, the case of an address, a double opt-in that is older than the
    confirmation slot, the three dates of a topic.
    """
    for stored in HARD_RECORDS:
        yield from commit([creation(stored)])
    for stored in HARD_RECORDS:
        expect(exactly((yield from find([stored.details])).get(stored.details)), exactly(stored))
        expect(exactly((yield from get([stored.id])).get(stored.id)), exactly(stored))
        events = tuple((yield from history(stored.id)))
        expect(exact_history(events), exact_history((ConsentCreated(stored),)))
        expect(exactly(replay(events)), exactly(stored))
    listed = {stored.id: exactly(stored) for stored in (yield from page(EVERYTHING)).consents}
    expect(listed, {stored.id: exactly(stored) for stored in HARD_RECORDS})


@clause(SINCE)
def many_are_asked_for_at_once() -> ClausePlan[None]:
    """One call may name more identifiers or ids than a database takes parameters."""
    stored = [consent(email(f"person{number}")) for number in range(0, MANY, MANY // 5)]
    yield from store([creation(each) for each in stored])
    found = yield from find([email(f"person{number}") for number in range(MANY)])
    expect(set(found), {each.details for each in stored})
    others = [email(f"person{number}") for number in range(1, MANY, MANY // 5)]
    ids = [each.id for each in stored] + [consent(other).id for other in others] * (
        MANY // len(others)
    )
    expect(set((yield from get(ids))), {each.id for each in stored})


MANY: Final = 70_000
"""More than any database in use takes parameters in one statement (PostgreSQL: 65,535)."""


def _id(name: str) -> object:
    return consent(email(name)).id


def _hard(identifier: Identifier, **fields: Any) -> MarketingConsent:
    return consent(identifier, **fields)


def _described(text: str | None) -> ConfirmationActivity:
    return ConfirmationActivity(
        source=ConfirmationSource.OTHER,
        description=text,
        updated_date=NOON,
        opt_in_level=OptInLevel.DOUBLE_CONFIRMATION,
    )


_SLOTS: Final[dict[ConsentState, dict[str, Any]]] = {
    ConsentState.CONFIRMED: {},
    ConsentState.REVOKED: {"state": ConsentState.REVOKED, "last_revoke_activity": revocation()},
    ConsentState.PENDING: {
        "state": ConsentState.PENDING,
        "last_confirmation_activity": confirmation(level=OptInLevel.DOUBLE_CONFIRMATION),
    },
    ConsentState.NEVER_CONFIRMED: {
        "state": ConsentState.NEVER_CONFIRMED,
        "last_confirmation_activity": None,
    },
}

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

_FILLED: Final = {
    each.name: sample(each)
    for each in declared_fields(MarketingConsent)
    if each.default is not NOTHING
}

TOPICS: Final = tuple(
    Topics(
        {
            name: TopicEvidence(
                choice=choice,
                updated_date=NOON,
                actor=actor,
                **{other: NOON + timedelta(days=days)},
            )
            for name in ("news", "new_s", "new-s.2")
        }
    )
    for choice, actor in (
        (TopicChoice.OUT, Actor.UNKNOWN_ACTOR),
        (TopicChoice.IN, Actor.SUBJECT),
        (TopicChoice.IN, Actor.UNKNOWN_ACTOR),
    )
    for other in ("out_date", "subject_in_date", "other_in_date")
    for days in (-1, 0, 1)
)
"""Topics that were left, joined by the person or joined by others, in every order of two dates."""

HARD_RECORDS: Final = (
    # Every field that a record declares, whatever this version knows of it.
    _hard(Email.restore("filled@example.com"), **_FILLED),
    _hard(Email.restore("Grace.Hopper@example.com")),
    _hard(
        Email.restore("jürgen@bücher.example"),
        last_confirmation_activity=_described("Ja, gerne: ✓ 👍🏽 \u202eעברית"),
    ),
    _hard(
        Email.restore("o'brien@example.com"),
        last_confirmation_activity=_described("'; DROP TABLE consents; --"),
    ),
    _hard(Email.restore("a%b_c@example.com"), last_confirmation_activity=_described("")),
    _hard(Email.restore("null@example.com"), last_confirmation_activity=_described(None)),
    _hard(
        Email.restore("spaces@example.com"), last_confirmation_activity=_described("  kept \r\n\t ")
    ),
    _hard(Email.restore("long@example.com"), last_confirmation_activity=_described("ẞ" * 4096)),
    _hard(
        Email.restore("early@example.com"),
        created_date=_FIRST,
        last_confirmation_activity=confirmation(_FIRST),
    ),
    _hard(
        Email.restore("late@example.com"),
        updated_date=_LAST,
        last_confirmation_activity=confirmation(_LAST),
    ),
    _hard(Email.restore("exact@example.com"), updated_date=NOON.replace(microsecond=1)),
    _hard(Email.restore("revised@example.com"), revision=2**40 + 1),
    _hard(Email.restore("revised-most@example.com"), revision=2**63 - 1),
    _hard(
        Email.restore("fields@example.com"),
        extended_fields=ExtendedFields(
            {
                "@acme/app": {"a": [1, 2.5, -0.1, None, {"b": ["ü", ""]}], "": 10**30, "t": True},
                "z": {"x": 1e-7, "y": 1.0},
            }
        ),
    ),
    _hard(
        Email.restore("never@example.com"),
        state=ConsentState.NEVER_CONFIRMED,
        last_confirmation_activity=None,
    ),
    _hard(Phone.restore("+390612345678"), state=ConsentState.UNKNOWN_STATE),
    _hard(
        Phone.restore("+12025550172"),
        state=ConsentState.PENDING,
        last_confirmation_activity=confirmation(level=OptInLevel.DOUBLE_CONFIRMATION),
    ),
    _hard(
        Phone.restore("+445168993333"),
        state=ConsentState.REVOKED,
        last_confirmation_activity=None,
        last_revoke_activity=RevokeActivity(
            source=RevokeSource.REVOKE_LINK, description="STOP", updated_date=NOON
        ),
    ),
    _hard(
        Phone.restore("+4915112345678"),
        state=ConsentState.REVOKED,
        last_revoke_activity=revocation(NOON + timedelta(days=1)),
    ),
    _hard(
        Email.restore("back@example.com"), last_revoke_activity=revocation(NOON - timedelta(days=1))
    ),
    *(_hard(email(f"topics-{number}"), topics=each) for number, each in enumerate(TOPICS)),
    # A double opt-in that a newer single confirmation, a revocation or a question does not take
    # away.
    *(
        _hard(
            email(f"doubly-{state.value}"),
            double_confirmed_date=NOON - timedelta(days=1, microseconds=1),
            **slots,
        )
        for state, slots in _SLOTS.items()
    ),
    *(
        _hard(
            email(f"from-{source.value}"),
            state=ConsentState.NEVER_CONFIRMED,
            last_confirmation_activity=ConfirmationActivity(source=source, updated_date=NOON),
        )
        for source in ConfirmationSource
    ),
    *(
        _hard(
            email(f"to-{source.value}"),
            state=ConsentState.REVOKED,
            last_revoke_activity=RevokeActivity(source=source, updated_date=NOON),
        )
        for source in RevokeSource
    ),
)
"""Records that adapters have been seen to lose something of."""
