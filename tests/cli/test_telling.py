"""What a terminal shows of a person: lines, with masked identifiers and without descriptions."""

from attrs import evolve

import consent_core as cc
from consent_core.cli.telling import happenings, sentences
from tests.domain.builders import CONFIRMED, ID, NEVER, REVOKED, at, no, record, yes

BOUNCED = cc.Delivery(status=cc.DeliveryStatus.BOUNCING, since=at(3), bounces=2)


def test_a_history_on_a_terminal() -> None:
    """One line for each event; what a record does not have is not there."""
    first = record(NEVER, revision=1, updated_date=at(0))
    second = record(CONFIRMED, yes(1, text="Ada!"), revision=2, updated_date=at(2))
    third = evolve(second, revision=3, updated_date=at(4), delivery=BOUNCED)
    fourth = record(REVOKED, yes(1), no(5, text="Ada!"), revision=4, updated_date=at(6))
    updates = map(cc.ConsentUpdated, (second, third, fourth))
    assert list(
        happenings([cc.ConsentCreated(first), *updates, cc.ConsentDeleted(ID, 5, at(9))])
    ) == [
        "2026-01-01 12:00:00  1  created  a***@e***  never confirmed\n",
        "2026-01-01 12:02:00  2  updated  a***@e***  confirmed  yes: 2026-01-01 12:01:00 form\n",
        (
            "2026-01-01 12:04:00  3  updated  a***@e***  confirmed  yes: 2026-01-01 12:01:00 form"
            "  bouncing\n"
        ),
        (
            "2026-01-01 12:06:00  4  updated  a***@e***  revoked  yes: 2026-01-01 12:01:00 form"
            "  no: 2026-01-01 12:05:00 revoke link\n"
        ),
        "2026-01-01 12:09:00  5  erased\n",
    ]


def test_an_explanation_on_a_terminal() -> None:
    """A sentence is a line."""
    told = cc.explain(None, now=at(1))
    assert list(sentences(told)) == [f"{sentence}\n" for sentence in told.sentences]
    assert len(told.sentences) == 2
