"""What the tests of queries share: four people, and how to ask for them."""

from typing import Any

from consent_core import ConsentState, Email, Upsert
from tests.wire.serving import BASE, Body, Site, consent

PEOPLE: list[tuple[str, Body]] = [
    ("CONFIRMED", {"type": "EMAIL", "email": "Ada@example.org"}),
    ("REVOKED", {"type": "EMAIL", "email": "bob@example.org"}),
    ("PENDING", {"type": "PHONE", "phone": "+445168993333"}),
    ("NEVER_CONFIRMED", {"type": "PHONE", "phone": "+12025550172"}),
]


def guid(number: int) -> str:
    """The id of the record that was made as the given one."""
    return f"00000000-0000-0000-0000-{number:012x}"


def populated(site: Site) -> Site:
    """A site with four people, created a minute apart; the first is updated last."""
    for state, details in PEOPLE:
        site.ok("POST", f"{BASE}/upsert", consent(state) | {"details": details})
        site.clock.minute += 1
    site.ok(
        "PATCH",
        f"{BASE}/{guid(1)}",
        {"marketingConsent": {"extendedFields": {"namespaces": {"a": {"x": 1}}}}},
    )
    return site


def ask(site: Site, **query: Any) -> Body:
    """One page."""
    return site.ok("POST", f"{BASE}/query", {"query": query})


def numbers(page: Body) -> list[int]:
    """Which records are on a page."""
    return [int(record["id"][-4:], 16) for record in page["marketingConsent"]]


def person(number: int) -> Upsert:
    """A request about the n-th person."""
    return Upsert(details=Email(f"p{number}@example.org"), state=ConsentState.NEVER_CONFIRMED)
