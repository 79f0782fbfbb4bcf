"""The bounds of the policy, exactly at the limit and one past it (contract, section 3, rules 3 and
9).
"""

import pickle
from typing import Any

import pytest

from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import Email, Phone
from consent_core.domain.policy import DEFAULT_POLICY, Policy
from consent_core.domain.requests import Upsert
from consent_core.domain.vocabulary import Result, ViolationCode
from tests.domain.builders import (
    CONFIRMED,
    LINE,
    NEVER,
    REVOKED,
    ask,
    no,
    one,
    record,
    revoked,
    violations_of,
    yes,
)


def refused(
    command: Upsert, policy: Policy = DEFAULT_POLICY, before: Any = None
) -> list[tuple[str, ViolationCode]]:
    """What is wrong with a request."""
    with pytest.raises(InvalidConsent) as error:
        one(before, command, policy=policy)
    return violations_of(error)


def nested(levels: int) -> ExtendedFields:
    """Extended fields of so many levels."""
    value: Any = 1
    for _ in range(levels - 2):
        value = {"in": value}
    return ExtendedFields({"crm": {"deep": value}})


def sized(size: int) -> ExtendedFields:
    """Extended fields of so many bytes; an ü has two."""
    return ExtendedFields({"c": {"a": "ü" + "x" * (size - 16)}})


def test_the_default_bounds() -> None:
    """Rule 9.

    "description 4,096 characters, extended fields 64 KiB as JSON and 16 levels, identifiers 320".
    """
    policy = Policy()
    assert policy.max_description_length == 4096
    assert policy.max_extended_fields_size == 65536
    assert policy.max_extended_fields_depth == 16
    assert policy.max_identifier_length == 320


def test_descriptions() -> None:
    """4,096 characters are taken, one more is not, in either activity."""
    full, more = "ü" * 4096, "ü" * 4097
    assert one(None, ask(CONFIRMED, yes(1, text=full))).result is Result.CREATED
    assert one(None, ask(REVOKED, None, no(1, full))).result is Result.CREATED
    path = "lastConfirmationActivity.description"
    assert refused(ask(CONFIRMED, yes(1, text=more))) == [(path, ViolationCode.TOO_LONG)]
    assert refused(ask(REVOKED, None, no(1, more))) == [
        ("lastRevokeActivity.description", ViolationCode.TOO_LONG)
    ]


def test_descriptions_by_policy() -> None:
    """All bounds are settable in the policy."""
    policy = Policy(max_description_length=3)
    assert one(None, ask(CONFIRMED, yes(1, text="abc")), policy=policy).result is Result.CREATED
    with pytest.raises(InvalidConsent, match=r": may have at most 3 characters \["):
        one(None, ask(CONFIRMED, yes(1, text="abcd")), policy=policy)
    assert (
        one(None, ask(CONFIRMED, yes(1, text="")), policy=Policy(max_description_length=0)).kept
        is None
    )


def test_the_size_of_extended_fields() -> None:
    """64 KiB as compact JSON in UTF-8 are taken, one byte more is not."""
    assert sized(65536).size == 65536
    assert one(None, ask(NEVER, fields=sized(65536))).result is Result.CREATED
    assert refused(ask(NEVER, fields=sized(65537))) == [("extendedFields", ViolationCode.TOO_LARGE)]
    with pytest.raises(
        InvalidConsent, match=r": may have at most 20 bytes as JSON in each namespace \["
    ):
        one(None, ask(NEVER, fields=sized(21)), policy=Policy(max_extended_fields_size=20))
    assert (
        one(None, ask(NEVER, fields=sized(20)), policy=Policy(max_extended_fields_size=20)).kept
        is None
    )


def test_the_depth_of_extended_fields() -> None:
    """16 levels are taken, one more is not."""
    assert one(None, ask(NEVER, fields=nested(16))).result is Result.CREATED
    assert refused(ask(NEVER, fields=nested(17))) == [("extendedFields", ViolationCode.TOO_DEEP)]
    with pytest.raises(InvalidConsent, match=r": may have at most 2 levels \["):
        one(None, ask(NEVER, fields=nested(3)), policy=Policy(max_extended_fields_depth=2))


def test_a_removal_is_judged_as_a_request_too() -> None:
    """The bound holds for what comes in, also where the merge would make it small."""
    fields = ExtendedFields({"crm": {"x" * 40: None}})
    policy = Policy(max_extended_fields_size=30)
    assert refused(ask(NEVER, fields=fields), policy) == [
        ("extendedFields", ViolationCode.TOO_LARGE)
    ]


def test_identifiers() -> None:
    """A shorter bound than 320 may be set."""
    email = Email("ada@example.org")
    policy = Policy(max_identifier_length=len(email.address))
    assert one(None, ask(NEVER, details=email), policy=policy).result is Result.CREATED
    longer = Email("adah@example.org")
    assert refused(ask(NEVER, details=longer), policy) == [
        ("details.email", ViolationCode.TOO_LONG)
    ]
    with pytest.raises(InvalidConsent, match=r": may have at most 15 characters \["):
        one(None, ask(NEVER, details=longer), policy=policy)
    short = Policy(max_identifier_length=11)
    assert refused(ask(NEVER, details=LINE), short) == [("details.phone", ViolationCode.TOO_LONG)]
    assert one(None, ask(NEVER, details=LINE), policy=Policy(max_identifier_length=12)).kept is None


def test_phones_may_have_to_be_valid() -> None:
    """Rule 3: "by default it must be a possible number ..., on request a valid one"."""
    possible = Phone("+445168993333")
    assert one(None, ask(NEVER, details=possible)).result is Result.CREATED
    policy = Policy(valid_phones_only=True)
    assert refused(ask(NEVER, details=possible), policy) == [
        ("details.phone", ViolationCode.UNASSIGNED_PHONE)
    ]
    with pytest.raises(InvalidConsent, match=r": must be a number that its country assigns \["):
        one(None, ask(NEVER, details=possible), policy=policy)
    assert one(None, ask(NEVER, details=LINE), policy=policy).result is Result.CREATED
    assert one(None, ask(NEVER), policy=policy).result is Result.CREATED


def test_stored_evidence_is_not_judged_again() -> None:
    """What the record holds already was judged when it came.

    A stricter policy does not lock a record.
    """
    before = record(CONFIRMED, yes(5, text="a long text"), no(4, "another text"))
    policy = Policy(max_description_length=3)
    command = ask(CONFIRMED, yes(5, text="a long text"), no(4, "another text"))
    assert one(before, command, policy=policy).result is Result.UNCHANGED
    changed = ask(CONFIRMED, yes(5, text="a long text."), no(4, "another text."))
    assert refused(changed, policy, before) == [
        ("lastConfirmationActivity.description", ViolationCode.TOO_LONG),
        ("lastRevokeActivity.description", ViolationCode.TOO_LONG),
    ]


@pytest.mark.parametrize(
    "policy", [Policy(max_identifier_length=5), Policy(valid_phones_only=True)]
)
def test_a_stricter_policy_never_refuses_the_opt_out_of_a_record_that_exists(
    policy: Policy,
) -> None:
    """Law 4: a revocation is never kept back, "from any state".

    The identifier was judged when its record was made.
    """
    whom = Phone("+445168993333")
    before = record(CONFIRMED, 5, details=whom)
    decision = one(before, revoked(details=whom), policy=policy)
    assert (decision.consent.state, decision.kept) == (REVOKED, None)


EMPTY = [ask(REVOKED, None, no(9)), ask(REVOKED, None, no(9), fields=ExtendedFields({}))]


# ours
@pytest.mark.parametrize("command", [*EMPTY, *(pickle.loads(pickle.dumps(each)) for each in EMPTY)])  # noqa: S301
@pytest.mark.parametrize(
    "policy", [Policy(max_extended_fields_size=1), Policy(max_extended_fields_depth=0)]
)
def test_a_request_without_extended_fields_is_not_judged_by_their_bounds(
    command: Upsert, policy: Policy
) -> None:
    """Law 4 again.

    What the record keeps beside it never stands in the way of an opt-out, however the request came.
    """
    before = record(CONFIRMED, 5, extended_fields=nested(4))
    assert one(before, command, policy=policy).consent.state is REVOKED
    assert one(None, command, policy=policy).consent.state is REVOKED


def test_all_violations_are_told_together() -> None:
    """Section 3: "All violations of one request are reported together"; nothing is stored."""
    policy = Policy(
        max_identifier_length=3,
        max_description_length=1,
        max_extended_fields_size=2,
        max_extended_fields_depth=1,
        valid_phones_only=True,
    )
    command = ask(
        CONFIRMED,
        yes(2000, text="form"),
        no(3000, "link"),
        details=Phone("+445168993333"),
        fields=ExtendedFields({"crm": {"a": 1}}),
    )
    assert refused(command, policy) == [
        ("details.phone", ViolationCode.TOO_LONG),
        ("details.phone", ViolationCode.UNASSIGNED_PHONE),
        ("lastConfirmationActivity.updatedDate", ViolationCode.DATE_IN_FUTURE),
        ("lastConfirmationActivity.description", ViolationCode.TOO_LONG),
        ("lastRevokeActivity.description", ViolationCode.TOO_LONG),
        ("lastRevokeActivity.updatedDate", ViolationCode.CONTRADICTORY_EVIDENCE),
        ("extendedFields", ViolationCode.TOO_LARGE),
        ("extendedFields", ViolationCode.TOO_DEEP),
    ]


def test_a_request_about_somebody_else_is_refused() -> None:
    """Section 2: the identifier of a consent never changes."""
    with pytest.raises(InvalidConsent, match=r": must be those of the record \[") as error:
        one(record(CONFIRMED, 5), ask(NEVER, details=LINE))
    assert violations_of(error) == [("details", ViolationCode.IMMUTABLE)]


def test_another_spelling_is_the_same_person() -> None:
    """Section 4.1: a consent is found by key, and keeps the address it was stored with."""
    decision = one(record(CONFIRMED, 5), ask(CONFIRMED, yes(6), details=Email("ADA@example.org")))
    assert decision.result is Result.UPDATED
    assert decision.consent.details.address == "ada@example.org"
