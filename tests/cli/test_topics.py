"""Topics on the command line (contract, section 8)."""

import json

import pytest

from tests.cli.process import Console, body, line
from tests.cli.storing import DATE, confirmed

DECLARED = ("--topics", "offers=OPT_OUT, events=OPT_IN")
LEFT = {"offers": {"choice": "OUT", "updatedDate": DATE}}


@pytest.fixture
def filled(console: Console, store: str) -> str:
    """A store with two people: one has left the offers and chosen the events."""
    ada = confirmed(topics={**LEFT, "events": {"choice": "IN"}})
    stream = line(ada) + line(confirmed("bob@example.org"))
    console("apply", "-", "--store", store, *DECLARED, stdin=stream)
    return store


def test_choices_are_applied(console: Console, filled: str) -> None:
    """Ndjson has `topics`; a line may have nothing else."""
    alone = {"details": {"type": "EMAIL", "email": "zoe@example.org"}, "topics": LEFT}
    ran = console("apply", "-", "--store", filled, stdin=line(alone))
    assert ran.answers[0]["marketingConsent"]["state"] == "UNKNOWN_STATE"
    refused = console("apply", "-", stdin=line(confirmed(topics={"events": {"choice": "IN"}})))
    (violation,) = refused.answers[0]["error"]["details"]["validationError"]["fieldViolations"]
    assert violation["field"] == "topics.events"


@pytest.mark.parametrize(
    ("topic", "people"),
    [
        ("offers", ["bob@example.org"]),
        ("events", ["ada@example.org"]),
        ("ANY_TOPIC", ["ada@example.org", "bob@example.org"]),
    ],
)
def test_an_audience_is_of_a_topic(
    console: Console, filled: str, topic: str, people: list[str]
) -> None:
    """The same people whom `get` grants."""
    found = console("audience", "email", "--store", filled, *DECLARED, "--topic", topic).answers
    assert sorted(each["details"]["email"] for each in found) == people
    for who in ("ada@example.org", "bob@example.org"):
        asked = console("get", who, "--store", filled, *DECLARED, "--topic", topic).answers[0]
        assert asked["communicationEligibility"]["granted"] is (who in people)


def test_explain_and_history_tell_of_topics(console: Console, filled: str) -> None:
    """With the reason, and at a moment of the past."""
    told = console("explain", "ada@example.org", "--store", filled, *DECLARED, "--topic", "offers")
    assert told.answers[0]["reasons"] == ["TOPIC_LEFT"]
    past = ("--at", "2000-01-01T00:00:00Z", "--topic", "offers")
    then = console("get", "ada@example.org", "--store", filled, *DECLARED, *past)
    assert then.answers[0]["communicationEligibility"]["reasons"] == ["NO_CONSENT"]
    happened = console("history", "ada@example.org", "--store", filled, *DECLARED)
    entity = happened.answers[0]["createdEvent"]["entity"]
    assert entity["topics"]["offers"] == LEFT["offers"]


def test_whoever_asks_says_which(console: Console, filled: str) -> None:
    """Exit status 1, with the violation."""
    for command in (("get", "ada@example.org"), ("audience", "email")):
        ran = console(*command, "--store", filled, *DECLARED)
        assert ran.status == 1
        assert "topic" in json.dumps(ran.answers)


def test_what_is_declared_has_a_default(console: Console) -> None:
    """Exit status 2."""
    for wrong in ("offers", "offers=MAYBE", "Offers=OPT_IN"):
        with pytest.raises(SystemExit, match="2"):
            console("check", "-", "--topics", wrong, stdin=line(body("CONFIRMED")))
