"""The words of links: language tags, refused tokens, and parts of activities that complete stored ones."""

import pickle
from datetime import UTC, datetime

import pytest

from consent_core.domain.activities import ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Update
from consent_core.domain.errors import InvalidConsent, InvalidToken
from consent_core.domain.language import checked_language
from consent_core.domain.vocabulary import ConsentState, RevokeSource, TokenRefusal, ViolationCode
from tests.domain.builders import CONFIRMED, record

LONGEST = "de-x-" + "-".join(["a" * 8] * 6 + ["a" * 5])


@pytest.mark.parametrize("tag", [None, "de", "pt-BR", "zh-Hant-TW", "x-pig-latin", "a" * 2 + "-x-" + "b" * 8, LONGEST])
def test_well_formed_tags_are_taken_as_they_are(tag: str | None) -> None:
    """RFC 5646: the case and the parts of a tag are the caller's."""
    assert checked_language(tag) == tag


@pytest.mark.parametrize("tag", ["", "de_DE", "d", "de-", "de-" + "-".join(["abcde"] * 11)])
def test_other_tags_are_refused(tag: str) -> None:
    """Section 6: "a BCP 47 tag", and nothing longer than anyone needs."""
    with pytest.raises(InvalidConsent) as error:
        checked_language(tag)
    (violation,) = error.value.violations
    assert (violation.path, violation.code) == ("linkLanguage", ViolationCode.INVALID_LANGUAGE)
    assert violation.description == "must be a BCP 47 tag such as de or pt-BR"


@pytest.mark.parametrize("reason", TokenRefusal)
def test_a_refused_token_says_why(reason: TokenRefusal) -> None:
    """As a field, in the message, and after pickling."""
    error = pickle.loads(pickle.dumps(InvalidToken(reason)))  # noqa: S301  # our own bytes
    assert (error.reason, error.args) == (reason, (reason,))
    assert str(error) == f"the link is not valid: {reason.value.lower().replace('_', ' ')}"


def test_a_part_of_an_activity_is_completed_by_the_stored_one() -> None:
    """Section 2: a mask may name "a field inside them"; the other fields are those of the record."""
    before = record(CONFIRMED, 5, 4)
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    update = Update(
        id=before.id,
        state=ConsentState.CONFIRMED,
        last_confirmation_activity=ConfirmationActivity(updated_date=moment),
        last_revoke_activity=RevokeActivity(source=RevokeSource.OTHER),
        confirmation_fields=frozenset({"updated_date"}),
        revocation_fields=frozenset({"source"}),
    )
    request, stored = update.request_for(before), before.last_confirmation_activity
    assert stored is not None
    assert request.last_confirmation_activity == stored.at(moment)
    assert request.last_revoke_activity is not None
    assert request.last_revoke_activity.source is RevokeSource.OTHER
    assert request.last_revoke_activity.updated_date == before.revoked_date


def test_a_part_that_is_named_but_not_given_is_not_completed() -> None:
    """Section 2: what the body does not carry is not updated, whatever the mask names."""
    before = record(CONFIRMED, 5, 4)
    update = Update(id=before.id, revocation_fields=frozenset({"source"}), extended_fields={"app": {"a": 1}})
    request = update.request_for(before)
    assert request.last_confirmation_activity == before.last_confirmation_activity
    assert request.last_revoke_activity == before.last_revoke_activity
