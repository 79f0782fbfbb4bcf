"""Requests are decided by what a policy chose for the channel (contract, section 13)."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.decision import confirm_by_link
from consent_core.domain.outcome import Outcome
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import Channel, ConfirmationSource, Ordering, Reconsent
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    LINE,
    NEVER,
    REVOKED,
    SINGLE,
    about,
    ask,
    at,
    confirmed,
    no,
    one,
    record,
    revoked,
    yes,
)
from tests.domain.topics import IN, OPT_IN, choice, choose

BY_SUBJECT = {"reconsent": Reconsent.BY_SUBJECT}
DOUBLE_OPT_IN = {"reconsent": Reconsent.DOUBLE_OPT_IN}
MARGIN = {"evidence_margin": timedelta(minutes=5)}
LAST_WRITE = {"ordering": Ordering.LAST_WRITE}
BY_STAFF = ConfirmationActivity(
    source=ConfirmationSource.IN_PERSON, updated_date=at(9), opt_in_level=SINGLE
)


def policies(chosen: dict[str, Any]) -> tuple[Policy, Policy, Policy]:
    """A choice for e-mail only, for all channels, and for none."""
    everywhere: dict[str, Any] = {"topics": {"offers": OPT_IN}}
    if "ordering" in chosen:
        everywhere["ordering"] = chosen["ordering"]
    choices = {name: value for name, value in chosen.items() if name != "ordering"}
    by_channel: dict[str, Any] = {name: {Channel.EMAIL: each} for name, each in choices.items()}
    return (
        Policy(**everywhere, **by_channel),
        Policy(**everywhere, **choices),
        Policy(**everywhere),
    )


@pytest.mark.parametrize(
    ("chosen", "before", "request_"),
    [
        (BY_SUBJECT, record(REVOKED, None, 5), confirmed(6)),
        (BY_SUBJECT, record(CONFIRMED, 9), revoked(7)),
        (DOUBLE_OPT_IN, record(REVOKED, None, 5), confirmed(6)),
        (DOUBLE_OPT_IN, record(REVOKED, None, 5), ask(REVOKED, yes(6), no(7))),
        (DOUBLE_OPT_IN | LAST_WRITE, record(REVOKED, None, 5), ask(NEVER)),
        (MARGIN, record(REVOKED, None, 5), confirmed(6)),
        (MARGIN, record(REVOKED, None, 5), ask(REVOKED, yes(6), no(7))),
        (MARGIN, record(CONFIRMED, 9), revoked(7)),
        (MARGIN, record(CONFIRMED, 9), ask(NEVER, None, no(7))),
        (MARGIN, record(CONFIRMED, 9), ask(CONFIRMED, yes(8), no(7))),
        (MARGIN, record(CONFIRMED, 9), choose({"offers": choice(IN, 10)})),
    ],
)
def test_a_choice_for_e_mail_counts_for_addresses_only(
    chosen: dict[str, Any], before: MarketingConsent, request_: Upsert
) -> None:
    """Section 13: these choices "are one value for all channels, or a mapping by channel"."""
    mixed, everywhere, nowhere = policies(chosen)
    assert one(before, request_, policy=mixed) == one(before, request_, policy=everywhere)
    number, its_request = evolve(before, details=LINE), about(LINE, request_)
    assert one(number, its_request, policy=mixed) == one(number, its_request, policy=nowhere)
    # The choice makes a difference here.
    assert one(before, request_, policy=everywhere) != one(before, request_, policy=nowhere)


def test_a_link_is_decided_by_the_choice_for_its_channel() -> None:
    """Section 7, rule 5: under BY_SUBJECT only, the click releases what staff entered later."""
    mixed, everywhere, nowhere = policies(BY_SUBJECT)

    def click(details: Any, policy: Policy) -> Outcome:
        return confirm_by_link(record(NEVER, BY_STAFF, details=details), now=at(8), policy=policy)

    assert click(ADA, mixed) == click(ADA, everywhere) != click(ADA, nowhere)
    assert click(LINE, mixed) == click(LINE, nowhere)
