"""Who is the same person, and who is not."""

from consent_core.application.plans import commit, find
from consent_core.domain.identifiers import Email, Phone
from consent_core.testing.arrange import consent, creation, exactly
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import ClausePlan, clause, expect, store


@clause(SINCE)
def identifiers_are_compared_by_key() -> ClausePlan[None]:
    """An address is found in whatever case it is asked for, and keeps the one it was stored in."""
    for stored, asked in (
        ("Ada@example.com", "aDA@example.com"),
        ("ÜBER@example.com", "über@example.com"),
        ("K@example.com", "k@example.com"),
    ):
        record = consent(Email.restore(stored))
        yield from commit([creation(record)])
        found = yield from find([Email.restore(asked)])
        expect(exactly(found.get(Email.restore(asked))), exactly(record))


@clause(SINCE)
def different_keys_stay_apart() -> ClausePlan[None]:
    """Addresses that only look alike are different people: nothing is folded but the case."""
    for pair in (
        ("straße@example.com", "strasse@example.com"),
        ("ſam@example.com", "sam@example.com"),
        ("ﬁle@example.com", "file@example.com"),
        ("josé@example.com", "jose@example.com"),
        ("a@faß.de", "a@fass.de"),
        ("ａ@x.com", "a@x.com"),
        ("user+tag@example.com", "user@example.com"),
        ("ı@example.com", "i@example.com"),
    ):
        records = [consent(Email.restore(address)) for address in pair]
        yield from store([creation(record) for record in records])
        found = yield from find([record.details for record in records])
        expect({i: exactly(c) for i, c in found.items()}, {r.details: exactly(r) for r in records})


@clause(SINCE)
def channels_stay_apart() -> ClausePlan[None]:
    """An e-mail address and a phone number never meet, even if their keys are the same text."""
    number, mailbox = consent(Phone.restore("+12025550172")), consent(Email.restore("+12025550172"))
    yield from commit([creation(number)])
    expect(set((yield from find([mailbox.details]))), set())
    yield from commit([creation(mailbox)])
    found = yield from find([number.details, mailbox.details])
    expect(
        {i: exactly(c) for i, c in found.items()},
        {r.details: exactly(r) for r in (number, mailbox)},
    )
