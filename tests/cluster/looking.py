"""What the nodes have stored, against what was acknowledged."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Engine, text

from consent_core import (
    ConsentDeleted,
    ConsentService,
    ConsentState,
    MarketingConsent,
    replay,
)
from consent_core.adapters.sqlalchemy import SqlAlchemyRepository
from tests.adapters.requests import at, person
from tests.cluster.writing import Acknowledged, Told


class Seen(NamedTuple):
    """What one node has of a site.

    Args:
        records: how many.
        second_records: how many people have more than one.
        revisions: the sum of the revisions of all records.
        events: how many.
        broken_histories: records whose history has a gap, or does not lead to the record.
        updates_lost: acknowledged requests that left no trace in a history.
        opt_outs_lost: acknowledged opt-outs that are not there, or were undone by older evidence.
    """

    records: int
    second_records: int
    revisions: int
    events: int
    broken_histories: int
    updates_lost: int
    opt_outs_lost: int

    @property
    def whole(self) -> bool:
        """Whether nothing was lost, and everything fits together."""
        wrong = (self.second_records, self.broken_histories, self.updates_lost, self.opt_outs_lost)
        return not any(wrong) and self.revisions == self.events


def by_person(told: Iterable[Told]) -> Mapping[int, Sequence[Acknowledged]]:
    """What all processes together were told, by the number of the person."""
    together: dict[int, list[Acknowledged]] = {}
    for each in told:
        for who, answers in each.acknowledged.items():
            together.setdefault(who, []).extend(answers)
    return together


def look(engine: Engine, site: str, acknowledged: Mapping[int, Sequence[Acknowledged]]) -> Seen:
    """Read everything on one node."""
    repository = SqlAlchemyRepository(engine, site=site)
    consents = [*ConsentService(repository).query()]
    people = Counter(consent.details for consent in consents)
    stored = {consent.details: consent for consent in consents}
    broken = updates_lost = opt_outs_lost = 0
    marks: dict[int, set[tuple[str, int]]] = {}
    for who in acknowledged:
        consent = stored.get(person(who))
        history = () if consent is None else repository.history(consent.id)
        sequences = [event.sequence for event in history]
        whole = consent is not None and sequences == [*range(1, consent.revision + 1)]
        broken += not (whole and replay(history) == consent)
        marks[who] = {
            mark
            for event in history
            if not isinstance(event, ConsentDeleted)
            for mark in event.consent.extended_fields.namespaces["crm"].items()
        }
    for who, answers in acknowledged.items():
        lost = [answer for answer in answers if answer.mark not in marks[who]]
        updates_lost += len(lost)
        undone = _undone(stored.get(person(who)), answers)
        opt_outs_lost += sum(answer.opt_out_minute is not None for answer in lost) + undone
    with engine.connect() as connection:
        sql = text("SELECT COUNT(*) FROM consent_events WHERE site = :site")
        events = connection.execute(sql, {"site": site}).scalar_one()
    return Seen(
        len(consents),
        sum(count > 1 for count in people.values()),
        sum(consent.revision for consent in consents),
        events,
        broken,
        updates_lost,
        opt_outs_lost,
    )


def _undone(consent: MarketingConsent | None, answers: Sequence[Acknowledged]) -> bool:
    """Whether the latest opt-out is not remembered, or a confirmation that is older prevails."""
    opt_outs = [each.opt_out_minute for each in answers if each.opt_out_minute is not None]
    latest = max(opt_outs, default=None)
    if latest is None:
        return False
    if consent is None or consent.revoked_date is None or consent.revoked_date < at(latest):
        return True
    confirmed = consent.state is ConsentState.CONFIRMED
    return confirmed and (consent.confirmed_date is None or consent.confirmed_date < at(latest))


def checksums(engine: Engine) -> tuple[int, ...]:
    """Of the tables, which are the same where the rows are."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "CHECKSUM TABLE consent_records, consent_events, consent_tombstones"
        )
        return tuple(checksum for _, checksum in rows)
