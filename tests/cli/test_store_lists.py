"""``export`` and ``audience`` (design, section 7)."""

import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_core.cli.arguments import POLICIES
from consent_core.domain.records import MarketingConsent
from consent_core.domain.vocabulary import Channel
from consent_core.wire import to_wire
from tests.cli.process import Answer, Console, process
from tests.cli.storing import CONSENTS, FEW, confirmed, fill, lines, past, substance

PEOPLE = st.lists(past(), max_size=8, unique_by=(lambda each: each.details, lambda each: each.id))


def granted(console: Console, store: str, policy: str, channel: str) -> list[Answer]:
    """Every record of a channel that ``get`` grants, in the order of the export."""
    mine = [
        r for r in console("export", "--store", store).answers if r["details"]["type"] == channel
    ]
    asked = [console("get", r["id"], "--store", store, "--policy", policy).answers[0] for r in mine]
    return [
        found["marketingConsent"] for found in asked if found["communicationEligibility"]["granted"]
    ]


@pytest.mark.parametrize("names", ["rest", "sdk"])
def test_the_export_of_the_examples_reads_back(
    console: Console, store: str, names: str, tmp_path: object
) -> None:
    """Design 7: ``apply`` reads what ``export`` writes into an equal store, in both spellings."""
    console("apply", str(CONSENTS), "--store", store)
    exported = console("export", "--store", store, "--names", names).answers
    copy = f"sqlite:///{tmp_path}/copy.db"
    ran = console("apply", "-", "--store", copy, stdin=lines(exported))
    assert {answer["result"] for answer in ran.answers} == {"CREATED"}
    copied = console("export", "--store", copy).answers
    assert substance(copied) == substance(exported)
    assert len(copied) >= 20


@FEW
@given(PEOPLE)
def test_any_export_reads_back(console: Console, people: list[MarketingConsent]) -> None:
    """Design 7.

    The same for whatever records a store may hold, whose export tells each of them as it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        store, copy = (f"sqlite:///{folder}/{name}.db" for name in ("store", "copy"))
        fill(store, people)
        exported = console("export", "--store", store)
        assert (exported.status, exported.errors) == (0, "")
        assert sorted(map(str, exported.answers)) == sorted(str(to_wire(each)) for each in people)
        ran = console("apply", "-", "--store", copy, stdin=lines(exported.answers))
        assert [
            answer for answer in ran.answers if answer.get("result") != "CREATED" or answer["kept"]
        ] == []
        copied = console("export", "--store", copy).answers
    assert substance(copied) == substance(exported.answers)


@FEW
@given(PEOPLE, st.sampled_from(sorted(POLICIES)), st.sampled_from(Channel))
def test_any_audience_is_who_is_granted(
    console: Console, people: list[MarketingConsent], policy: str, channel: Channel
) -> None:
    """Section 5: the audience of random records is exactly who is eligible, by every policy."""
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/store.db"
        fill(store, people)
        ran = console("audience", channel, "--store", store, "--policy", policy)
        assert (ran.status, ran.answers, ran.errors) == (
            0,
            granted(console, store, policy, channel),
            "",
        )


def test_every_audience_is_who_is_granted(console: Console, store: str) -> None:
    """Section 5: the audience of a channel is exactly who is eligible by the policy.

    Each makes a difference.
    """
    console("apply", str(CONSENTS), "--store", store)
    found = {}
    for policy in POLICIES:
        for channel in Channel:
            ran = console("audience", channel, "--store", store, "--policy", policy)
            assert ran.status == 0
            found[policy, channel] = [record["id"] for record in ran.answers]
            assert ran.answers == granted(console, store, policy, channel)
            assert console("audience", channel.lower(), "--store", store, "--policy", policy) == ran
    assert len(set(map(tuple, found.values()))) >= 4
    assert set(found["strict", Channel.EMAIL]) < set(found["default", Channel.EMAIL])
    assert set(found["default", Channel.EMAIL]) < set(found["wix", Channel.EMAIL])


def test_more_than_a_page(console: Console, store: str) -> None:
    """Design 7: lists do not end with the page that one call of the store fetches."""
    console(
        "apply",
        "-",
        "--store",
        store,
        stdin=lines(confirmed(f"u{number}@example.org") for number in range(1_201)),
    )
    exported = console("export", "--store", store).answers
    assert len({record["details"]["email"] for record in exported}) == len(exported) == 1_201
    assert console("audience", "EMAIL", "--store", store).answers == exported


@pytest.mark.smoke
def test_empty_lists(store: str) -> None:
    """Design 7: a store without records is no mistake."""
    assert (
        process("export", "--store", store)
        == process("audience", "PHONE", "--store", store)
        == (0, [], "")
    )
