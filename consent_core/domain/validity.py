"""What a deployment's policy and the moment of receipt find wrong with a request (contract, section 3)."""

from datetime import datetime

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.commands import Upsert
from consent_core.domain.errors import Violation
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields, too_large
from consent_core.domain.identifiers import Identifier, Phone
from consent_core.domain.model import MarketingConsent
from consent_core.domain.policy import Policy
from consent_core.domain.vocabulary import ConsentState, Ordering, ViolationCode


def find_violations(
    command: Upsert, before: MarketingConsent | None, *, now: datetime, policy: Policy
) -> list[Violation]:
    """What a deployment's policy and the moment of receipt find wrong with a request (section 3, rules 3, 5, 7, 9).

    The identifier of a record that exists, and evidence that it holds already, were judged when they came, and are not
    judged again: a policy that became stricter never stands in the way of an opt-out.

    Args:
        command: the request.
        before: the stored record, if there is one.
        now: the moment of receipt, in UTC.
        policy: the choices of the deployment.
    """
    found = identifier_violations(command.details, policy) if before is None else []
    confirmation, revocation = command.last_confirmation_activity, command.last_revoke_activity
    if confirmation is not None:
        wrong = activity_violations("lastConfirmationActivity", confirmation, now, policy)
        if wrong and confirmation != (before and before.last_confirmation_activity):
            found += wrong
    if revocation is not None:
        wrong = activity_violations("lastRevokeActivity", revocation, now, policy)
        if wrong and revocation != (before and before.last_revoke_activity):
            found += wrong
    if confirmation is not None and revocation is not None and not _held(before, confirmation, revocation):
        found += contradictions(command.state, confirmation, revocation, now, policy)
    if command.extended_fields is not NO_FIELDS and command.extended_fields:
        found += extended_fields_violations(command.extended_fields, policy)
    return found


def _held(before: MarketingConsent | None, confirmation: ConfirmationActivity, revocation: RevokeActivity) -> bool:
    return before is not None and (before.last_confirmation_activity, before.last_revoke_activity) == (
        confirmation,
        revocation,
    )


def identifier_violations(details: Identifier, policy: Policy) -> list[Violation]:
    """Where an identifier is not as the policy wants it (section 3, rules 3 and 9)."""
    found: list[Violation] = []
    if len(details.address) > policy.max_identifier_length:
        found.append(_too_long(f"details.{details.channel.lower()}", policy.max_identifier_length))
    if policy.valid_phones_only and isinstance(details, Phone) and not details.is_valid():
        found.append(
            Violation("details.phone", ViolationCode.INVALID_PHONE, "is not a number that its country assigns")
        )
    return found


def activity_violations(
    path: str, activity: ConfirmationActivity | RevokeActivity, now: datetime, policy: Policy
) -> list[Violation]:
    """Where an activity is dated ahead of now, or too long (section 3, rules 7 and 9)."""
    found: list[Violation] = []
    dated, description = activity.updated_date, activity.description
    if dated is not None and dated > now and dated - now > policy.clock_skew:
        why = f"must not be more than {policy.clock_skew} ahead of now: it would outrank all that follows"
        found.append(Violation(f"{path}.updatedDate", ViolationCode.DATE_IN_FUTURE, why))
    if description is not None and len(description) > policy.max_description_length:
        found.append(_too_long(f"{path}.description", policy.max_description_length))
    return found


def contradictions(
    state: ConsentState, confirmation: ConfirmationActivity, revocation: RevokeActivity, now: datetime, policy: Policy
) -> list[Violation]:
    """Of two pieces of evidence the later must be the state's own (section 3, rule 5).

    On a tie that is the revocation; and what a fast clock dated ahead of receipt counts as dated at receipt, so that
    it never costs an opt-out.
    """
    if policy.ordering is not Ordering.BY_EVIDENCE:
        return []
    confirmed, revoked = confirmation.updated_date or now, revocation.updated_date or now
    code = ViolationCode.CONTRADICTORY_EVIDENCE
    if PROOF[state] is ConfirmationActivity and revoked >= confirmed:
        why = f"must be before the confirmation, or the state cannot be {state}"
        return [Violation("lastRevokeActivity.updatedDate", code, why)]
    if PROOF[state] is RevokeActivity and min(confirmed, now) > min(revoked, now):
        why = f"must not be after the revocation, or the state cannot be {state}"
        return [Violation("lastConfirmationActivity.updatedDate", code, why)]
    return []


def extended_fields_violations(fields: ExtendedFields, policy: Policy) -> list[Violation]:
    """Where the extended fields of a request exceed the bounds of the policy (section 3, rule 9)."""
    found: list[Violation] = []
    if fields.exceeds(policy.max_extended_fields_size):
        found += too_large(policy.max_extended_fields_size).violations
    if fields.depth > policy.max_extended_fields_depth:
        description = f"may have at most {policy.max_extended_fields_depth} levels"
        found.append(Violation("extendedFields", ViolationCode.TOO_DEEP, description))
    return found


def _too_long(path: str, most: int) -> Violation:
    return Violation(path, ViolationCode.TOO_LONG, f"may have at most {most} characters")
