"""``get`` and ``remove``: one person, by address, number or id (design, section 7)."""

import pytest

from consent_core.domain.vocabulary import RevokeSource
from tests.cli.process import Answer, Console, codes
from tests.cli.storing import DATE, confirmed, lines

PHONE = "+12025550123"

ASKED = ["address", "address in capitals", "number", "id", "id in capitals"]

UNKNOWN = ["nobody@example.org", "+12025550199", "6d0f6c1e-6f0e-4a53-9a4c-0c2c4f2f2b11"]

NOBODY = ["ada", "", "12025550123", "@", "ada@", "+1", "5d3f8a52"]


@pytest.fixture
def people(console: Console, store: str) -> dict[str, tuple[str, Answer]]:
    """One person of each channel in the store: how to ask for them, with their records."""
    called = confirmed() | {"details": {"type": "PHONE", "phone": PHONE}}
    fields = {"namespaces": {"crm": {"some_score": 1}}}
    ran = console(
        "apply", "-", "--store", store, stdin=lines([confirmed(extendedFields=fields), called])
    )
    ada, bob = (answer["marketingConsent"] for answer in ran.answers)
    asked = [("ada@example.org", ada), ("ADA@EXAMPLE.ORG", ada), (PHONE, bob), (ada["id"], ada)]
    return dict(zip(ASKED, [*asked, (bob["id"].upper(), bob)], strict=True))


@pytest.mark.parametrize("asked", ASKED)
def test_get(
    console: Console, store: str, people: dict[str, tuple[str, Answer]], asked: str
) -> None:
    """Design 7: ``get`` tells the record as it is stored and the eligibility of section 5."""
    who, record = people[asked]
    ran = console("get", who, "--store", store)
    granted = {"granted": True, "reason": "", "reasons": []}
    assert ran == (0, [{"marketingConsent": record, "communicationEligibility": granted}], "")


@pytest.mark.parametrize(
    ("policy", "reasons"),
    [("default", []), ("wix", []), ("strict", ["DOUBLE_CONFIRMATION_REQUIRED"])],
)
@pytest.mark.usefixtures("people")
def test_get_by_a_policy(console: Console, store: str, policy: str, reasons: list[str]) -> None:
    """Section 5: the policy decides, whether or not there is a reason against the person."""
    ran = console("get", PHONE, "--store", store, "--policy", policy)
    assert ran.status == 0
    assert ran.answers[0]["communicationEligibility"]["reasons"] == reasons
    assert ran.answers[0]["communicationEligibility"]["granted"] == (not reasons)


@pytest.mark.parametrize("who", UNKNOWN[:2])
@pytest.mark.usefixtures("people")
def test_get_where_there_is_none(console: Console, store: str, who: str) -> None:
    """Design 7: exit status 1, and section 5 says why such a person may not be contacted."""
    ran = console("get", who, "--store", store)
    assert ran.status == 1
    (answer,) = ran.answers
    assert answer["marketingConsent"] is None
    assert answer["communicationEligibility"]["granted"] is False
    assert answer["communicationEligibility"]["reasons"] == ["NO_CONSENT"]


@pytest.mark.parametrize(
    ("command", "who"), [("get", UNKNOWN[2]), *(("remove", who) for who in UNKNOWN)]
)
@pytest.mark.usefixtures("people")
def test_not_found(console: Console, store: str, command: str, who: str) -> None:
    """Design 7: exit status 1 and the error body of the contract; section 4.6.

    Nothing is stored.
    """
    before = console("export", "--store", store).answers
    ran = console(command, who, "--store", store)
    assert (ran.status, ran.errors) == (1, "")
    (answer,) = ran.answers
    assert list(answer) == ["error"]
    assert answer["error"]["details"]["applicationError"]["code"] == "NOT_FOUND"
    assert "nobody@example" not in str(answer)
    assert console("export", "--store", store).answers == before


@pytest.mark.parametrize("command", ["get", "remove"])
@pytest.mark.parametrize("who", NOBODY)
def test_neither_address_nor_number_nor_id(
    console: Console, store: str, command: str, who: str
) -> None:
    """Design 7: what names no person is refused with the error body."""
    ran = console(command, who, "--store", store)
    assert (ran.status, ran.errors) == (1, "")
    ((_, code),) = codes(ran.answers[0])
    assert code in {"INVALID_EMAIL", "INVALID_PHONE", "INVALID_ID"}


@pytest.mark.parametrize("asked", ASKED)
def test_remove(
    console: Console, store: str, people: dict[str, tuple[str, Answer]], asked: str
) -> None:
    """Section 4.6.

    The record stays, REVOKED, with its other slot and fields, and nobody else is revoked.
    """
    who, record = people[asked]
    ran = console("remove", who, "--store", store)
    assert (ran.status, ran.errors) == (0, "")
    (answer,) = ran.answers
    assert (answer["result"], answer["kept"]) == ("UPDATED", None)
    removed = answer["marketingConsent"]
    changed = {"state", "revision", "updatedDate", "lastRevokeActivity"}
    assert {name for name in removed if removed[name] != record.get(name)} == changed
    assert (removed["state"], removed["revision"]) == ("REVOKED", "2")
    activity = removed["lastRevokeActivity"]
    assert (activity["source"], activity["description"]) == ("UNKNOWN_SOURCE", None)
    assert activity["updatedDate"] == removed["updatedDate"] > DATE
    found = console("get", who, "--store", store).answers[0]
    assert found["marketingConsent"] == removed
    assert found["communicationEligibility"]["reasons"] == ["REVOKED"]
    others = [other for _, other in people.values() if other["id"] != record["id"]][:1]
    assert [r for r in console("export", "--store", store).answers if r != removed] == others


@pytest.mark.parametrize("source", RevokeSource)
@pytest.mark.usefixtures("people")
def test_the_evidence_of_a_removal(console: Console, store: str, source: str) -> None:
    """Design 7: ``--source`` and ``--description`` are the evidence that is stored."""
    text = "Hörte auf. \N{PILE OF POO}\n"
    arguments = ["--store", store, "--source", source, "--description", text]
    (answer,) = console("remove", "ada@example.org", *arguments).answers
    stored = console("get", "ada@example.org", "--store", store).answers[0]["marketingConsent"][
        "lastRevokeActivity"
    ]
    assert stored == answer["marketingConsent"]["lastRevokeActivity"]
    assert (stored["source"], stored["description"]) == (source, text)


@pytest.mark.usefixtures("people")
def test_a_description_that_breaks_the_rules(console: Console, store: str) -> None:
    """Section 3: rule 9 bounds the description of a removal, too, and nothing is stored."""
    ran = console("remove", "ada@example.org", "--store", store, "--description", "x" * 5_000)
    assert ran.status == 1
    assert {code for _, code in codes(ran.answers[0])} == {"TOO_LONG"}
    assert (
        console("get", "ada@example.org", "--store", store).answers[0]["marketingConsent"]["state"]
        == "CONFIRMED"
    )


@pytest.mark.usefixtures("people")
def test_sdk_names(console: Console, store: str) -> None:
    """Section 1.

    SDK names on request, for every command that answers, but not inside extended fields.
    """
    arguments = ["--store", store, "--names", "sdk"]
    (found,) = console("get", "ada@example.org", *arguments).answers
    assert list(found) == ["marketingConsent", "communicationEligibility"]
    (removed,) = console("remove", PHONE, *arguments).answers
    assert list(removed) == ["result", "kept", "marketingConsent"]
    exported = console("export", *arguments).answers
    audience = console("audience", "EMAIL", *arguments).answers
    for record in (found["marketingConsent"], removed["marketingConsent"], *exported, *audience):
        assert {"_id", "_createdDate", "_updatedDate"} <= set(record)
        assert not {"id", "createdDate", "updatedDate"} & set(record)
        assert "_updatedDate" in record["lastConfirmationActivity"]
    assert audience == [found["marketingConsent"]]
    assert audience[0]["extendedFields"] == {"namespaces": {"crm": {"some_score": 1}}}
    assert removed["marketingConsent"] in exported
    assert len(exported) == 2
