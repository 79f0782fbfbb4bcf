"""Tenants that share a store never see each other."""

from consent_core.application.plans import commit, find, get, history, page
from consent_core.application.query import EVERYTHING
from consent_core.testing.arrange import consent, creation, email, erasure_of, exactly, revision_of
from consent_core.testing.clauses.committing import refused
from consent_core.testing.clauses.reading import SINCE
from consent_core.testing.kit import OTHER_SITE, ClausePlan, OnOther, clause, expect


@clause(SINCE, needs=OTHER_SITE)
def sites_do_not_see_each_other() -> ClausePlan[None]:
    """No other site finds, lists, changes or erases what one stores, even by the same id."""
    here = consent(email("ada"))
    yield from commit([creation(here)])
    yield OnOther(_sees_nothing_of())
    there = revision_of(here).consent
    assert there is not None  # noqa: S101  # for the type checker
    yield OnOther(commit([creation(there)]))
    expect(exactly((yield from find([here.details])).get(here.details)), exactly(here))
    expect(exactly((yield from get([here.id])).get(here.id)), exactly(here))
    expect(len((yield from history(here.id))), 1)
    yield from commit([erasure_of(here)])
    found = yield OnOther(find([here.details]))
    expect(exactly(found.get(here.details)), exactly(there))
    expect([event.sequence for event in (yield OnOther(history(here.id)))], [2])


def _sees_nothing_of() -> ClausePlan[None]:
    stored = consent(email("ada"))
    expect(dict((yield from find([stored.details]))), {})
    expect(dict((yield from get([stored.id]))), {})
    expect(tuple((yield from history(stored.id))), ())
    expect((yield from page(EVERYTHING)).consents, ())
    changed, erased = revision_of(stored), erasure_of(stored)
    expect(
        [(yield from refused([changed])), (yield from refused([erased]))], [{stored.details}] * 2
    )
