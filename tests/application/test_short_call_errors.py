"""The everyday calls name what is wrong with their arguments: contract, sections 3 and 4.1."""

from typing import Any

import pytest

from consent_core import (
    Channel,
    InvalidConsent,
    RevokeActivity,
    RevokeSource,
    ViolationCode,
)
from tests.application.services import MakeService, Service
from tests.application.support import (
    NOW,
    at,
    yes,
)

WHO = "Ada@Example.org"


def _violations(call: Any, *arguments: Any, **named: Any) -> list[tuple[str, ViolationCode, str]]:
    with pytest.raises(InvalidConsent) as caught:
        call(*arguments, **named)
    return [
        (violation.path, violation.code, violation.description)
        for violation in caught.value.violations
    ]


@pytest.mark.parametrize(
    ("method", "word", "value", "path", "description"),
    [
        (
            "request_opt_in",
            "source",
            "FROM",
            "source",
            "must be a ConfirmationSource; did you mean FORM?",
        ),
        (
            "opt_in",
            "source",
            "inperson",
            "source",
            "must be a ConfirmationSource; did you mean IN_PERSON?",
        ),
        (
            "opt_in",
            "opt_in_level",
            "DOUBLE",
            "optInLevel",
            "must be an OptInLevel; did you mean DOUBLE_CONFIRMATION?",
        ),
        (
            "opt_out",
            "source",
            "revokelink",
            "source",
            "must be a RevokeSource; did you mean REVOKE_LINK?",
        ),
    ],
)
def test_an_unknown_word_names_the_nearest(
    make: MakeService, method: str, word: str, value: str, path: str, description: str
) -> None:
    """Section 3, rule 8: an unknown word is a violation "naming the nearest known word".

    Nothing is stored.
    """
    service = make()
    slot = "lastRevokeActivity" if method == "opt_out" else "lastConfirmationActivity"
    found = _violations(getattr(service, method), WHO, **{word: value})
    assert found == [(f"{slot}.{path}", ViolationCode.UNKNOWN_VALUE, description)]
    assert list(service.query()) == []


@pytest.mark.parametrize("value", ["", "carrier pigeon to ada@example.org", None, 7, ["FORM"], {}])
def test_what_is_near_no_word_names_them_all(make: MakeService, value: object) -> None:
    """The words are told, and what was given is not: it may be personal data."""
    ((path, code, description),) = _violations(make().opt_out, WHO, source=value)
    assert (path, code) == ("lastRevokeActivity.source", ViolationCode.UNKNOWN_VALUE)
    assert description == f"must be a RevokeSource; known are {', '.join(RevokeSource)}"


def _every_call(service: Service) -> list[Any]:
    activity = RevokeActivity(source=RevokeSource.FORM)
    return [
        service.request_opt_in,
        service.opt_in,
        service.opt_out,
        service.may_contact,
        service.get_by_identifier,
        lambda who: service.remove(who, activity),
        lambda who: service.create(who, yes()),
    ]


@pytest.mark.parametrize(
    ("who", "path", "code"),
    [
        ("ada@", "details.email", ViolationCode.INVALID_EMAIL),
        ("+12", "details.phone", ViolationCode.INVALID_PHONE),
        ("ada", "identifier", ViolationCode.NOT_ALLOWED),
        ("", "identifier", ViolationCode.NOT_ALLOWED),
        (None, "identifier", ViolationCode.NOT_ALLOWED),
        (b"ada@example.org", "identifier", ViolationCode.NOT_ALLOWED),
    ],
)
def test_a_string_that_is_no_identifier_is_refused(
    make: MakeService, who: object, path: str, code: ViolationCode
) -> None:
    """Section 3, rules 2 and 3; in every call that takes strings, and before anything is stored."""
    service = make()
    for call in _every_call(service):
        assert [violation[:2] for violation in _violations(call, who)] == [(path, code)]
    assert list(service.query()) == []


def test_every_call_finds_the_same_person_by_a_string(make: MakeService) -> None:
    """Section 4.1: one record for each key, however it is written."""
    service = make()
    consent = service.create(WHO, yes()).consent
    assert service.get_by_identifier("ADA@EXAMPLE.ORG").consent == consent
    assert service.may_contact(" ada@example.org").consent == consent
    removed = service.remove("ada@example.org ", RevokeActivity(source=RevokeSource.FORM))
    assert removed.consent.id == consent.id
    for call in (service.opt_in, service.request_opt_in, service.opt_out):
        assert call("aDa@example.org").consent.id == consent.id
    assert list(service.audience(Channel.EMAIL)) == []


def test_all_that_is_wrong_is_told_at_once(make: MakeService) -> None:
    """Section 3.

    All violations, not only the first, with their paths, and without what was given.
    """
    service = make()
    with pytest.raises(InvalidConsent) as caught:
        service.opt_in(
            "ada at example.org",
            source="FORMS",
            opt_in_level="TRIPLE",
            description="NUL\0",
            updated_date=at(NOW).replace(tzinfo=None),
        )
    assert [violation.path for violation in caught.value.violations] == [
        "identifier",
        *(
            f"lastConfirmationActivity.{name}"
            for name in ("source", "description", "updatedDate", "optInLevel")
        ),
    ]
    assert not any(given in str(caught.value) for given in ("ada", "FORMS", "TRIPLE"))


def test_the_rules_hold_for_short_calls(make: MakeService) -> None:
    """Section 3: what the policy and the moment forbid is refused as in the complete calls.

    Nothing is stored.
    """
    service = make()
    for call in (service.request_opt_in, service.opt_in):
        violations = _violations(call, WHO, updated_date=at(NOW + 60))
        assert [each[:2] for each in violations] == [
            ("lastConfirmationActivity.updatedDate", ViolationCode.DATE_IN_FUTURE)
        ]
        ((path, code, _),) = _violations(call, WHO, link_language="not a tag")
        assert (path, code) == ("linkLanguage", ViolationCode.INVALID_LANGUAGE)
    assert list(service.query()) == []
