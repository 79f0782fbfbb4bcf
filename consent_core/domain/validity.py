"""What is wrong with a request under a policy, at the moment of receipt (contract, section 3)."""

from datetime import datetime

from consent_core.domain.activities import PROOF, ConfirmationActivity, RevokeActivity
from consent_core.domain.errors import Violation
from consent_core.domain.extended_fields import NO_FIELDS, ExtendedFields, too_large
from consent_core.domain.identifiers import Identifier, Phone
from consent_core.domain.policy import Policy
from consent_core.domain.records import MarketingConsent
from consent_core.domain.requests import Upsert
from consent_core.domain.topic_words import (
    MOST_STORED_TOPICS,
    TopicChoice,
    not_declared,
    topic_path,
)
from consent_core.domain.topics import NO_CHOICES, Topics
from consent_core.domain.vocabulary import ConsentState, Ordering, ViolationCode


def find_violations(
    request: Upsert,
    before: MarketingConsent | None,
    topics: Topics,
    *,
    now: datetime,
    policy: Policy,
) -> list[Violation]:
    """What is wrong with a request under a policy (section 3, rules 3, 5, 7 and 9; section 8).

    The identifier of a record that exists, and evidence that it holds already, were judged when
    they came, and are not judged again: a policy that became stricter never stands in the way of an
    opt-out.

    Args:
        request: the request.
        before: the stored record, if there is one.
        topics: those that are remembered, by the record or by a tombstone.
        now: the moment of receipt, in UTC.
        policy: the choices of the deployment.
    """
    found = identifier_violations(request.details, policy) if before is None else []
    confirmation, revocation = request.last_confirmation_activity, request.last_revoke_activity
    if confirmation is not None:
        beside_opt_out = revocation is not None and opts_out(request.state, revocation)
        wrong = confirmation_violations(confirmation, now, policy, beside_opt_out=beside_opt_out)
        if wrong and confirmation != (before and before.last_confirmation_activity):
            found += wrong
    if revocation is not None:
        wrong = revocation_violations(revocation, policy)
        if wrong and revocation != (before and before.last_revoke_activity):
            found += wrong
    if confirmation is not None and revocation is not None:
        stored = before and (before.last_confirmation_activity, before.last_revoke_activity)
        if stored != (confirmation, revocation):
            found += contradictions(request.state, confirmation, revocation, now, policy)
    if request.extended_fields is not NO_FIELDS and request.extended_fields:
        found += extended_fields_violations(request.extended_fields, policy)
    if request.topics is not NO_CHOICES:
        found += topic_violations(request, topics, now=now, policy=policy)
    return found


def identifier_violations(details: Identifier, policy: Policy) -> list[Violation]:
    """Where an identifier is not as the policy wants it (section 3, rules 3 and 9)."""
    found: list[Violation] = []
    if len(details.address) > policy.max_identifier_length:
        found.append(_too_long(f"details.{details.channel.lower()}", policy.max_identifier_length))
    if policy.valid_phones_only and isinstance(details, Phone) and not details.is_valid():
        found.append(
            Violation(
                "details.phone",
                ViolationCode.UNASSIGNED_PHONE,
                "must be a number that its country assigns",
            )
        )
    return found


def opts_out(state: ConsentState | None, revocation: RevokeActivity | None) -> bool:
    """Whether a request brings an opt-out: a revocation beside a state that is no grant."""
    if state is None or revocation is None:
        return False
    return PROOF[state] is not ConfirmationActivity


def confirmation_violations(
    activity: ConfirmationActivity, now: datetime, policy: Policy, *, beside_opt_out: bool
) -> list[Violation]:
    """Where a confirmation is dated ahead of now, or too long (section 3, rules 7 and 9).

    Beside an opt-out it grants nothing, and its date is no reason to refuse the request.
    """
    found: list[Violation] = []
    dated = activity.updated_date
    if not beside_opt_out and dated is not None and dated > now and dated - now > policy.clock_skew:
        why = f"must not be more than {policy.clock_skew} ahead of now"
        found.append(
            Violation("lastConfirmationActivity.updatedDate", ViolationCode.DATE_IN_FUTURE, why)
        )
    return found + description_violations("lastConfirmationActivity", activity.description, policy)


def revocation_violations(activity: RevokeActivity, policy: Policy) -> list[Violation]:
    """Where a revocation is too long (section 3, rule 9).

    An opt-out is never refused for its date (rule 7).
    """
    return description_violations("lastRevokeActivity", activity.description, policy)


def description_violations(path: str, description: str | None, policy: Policy) -> list[Violation]:
    """Where a description is too long (section 3, rule 9)."""
    if description is None or len(description) <= policy.max_description_length:
        return []
    return [_too_long(f"{path}.description", policy.max_description_length)]


def contradictions(
    state: ConsentState | None,
    confirmation: ConfirmationActivity,
    revocation: RevokeActivity,
    now: datetime,
    policy: Policy,
) -> list[Violation]:
    """Where the later of two activities is not the requested grant's own (section 3, rule 5).

    A REVOKED request never contradicts itself: its revocation counts at the date of its
    confirmation at the earliest.
    """
    if state is None or PROOF[state] is not ConfirmationActivity:
        return []
    path = "lastRevokeActivity.updatedDate"
    if revocation.updated_date is None:
        return [
            Violation(
                path, ViolationCode.REQUIRED, f"is required beside {state}: the date when they left"
            )
        ]
    if policy.ordering is Ordering.BY_EVIDENCE and revocation.updated_date >= (
        confirmation.updated_date or now
    ):
        why = f"must be before the confirmation, or the state cannot be {state}"
        return [Violation(path, ViolationCode.CONTRADICTORY_EVIDENCE, why)]
    return []


def extended_fields_violations(fields: ExtendedFields, policy: Policy) -> list[Violation]:
    """Where the extended fields of a request exceed the policy's bounds (section 3, rule 9)."""
    found: list[Violation] = []
    if fields.exceeds(policy.max_extended_fields_size):
        found += too_large(policy.max_extended_fields_size).violations
    if fields.depth > policy.max_extended_fields_depth:
        description = f"may have at most {policy.max_extended_fields_depth} levels"
        found.append(Violation("extendedFields", ViolationCode.TOO_DEEP, description))
    return found


def topic_violations(
    request: Upsert, held: Topics, *, now: datetime, policy: Policy
) -> list[Violation]:
    """What is wrong with the choices of a request under a policy.

    An OUT is wrong only where a record holds too many topics that nobody declares. What a record
    holds already was judged when it came.

    Args:
        request: the request.
        held: the topics that are remembered.
        now: the moment of receipt, in UTC.
        policy: the choices of the deployment.
    """
    room = MOST_STORED_TOPICS - len(held)
    found: list[Violation] = []
    for name, activity in request.topics.items():
        stored, is_declared = held.get(name), name in policy.topics
        if activity.choice is TopicChoice.OUT:
            room -= stored is None
            if stored is None and not is_declared and room < 0:
                why = f"is one too many: a record holds at most {MOST_STORED_TOPICS} topics"
                found.append(Violation(topic_path(name), ViolationCode.TOO_LARGE, why))
            continue
        dated = activity.updated_date
        if stored is not None and dated is not None and dated == stored.date_like(activity):
            continue
        if not is_declared:
            found.append(undeclared_topic(name, policy))
        # As a confirmation is not: beside an opt-out, no IN is refused for its date.
        is_refusable = not opts_out(request.state, request.last_revoke_activity)
        if is_refusable and dated is not None and dated > now and dated - now > policy.clock_skew:
            path, why = topic_path(name), f"must not be more than {policy.clock_skew} ahead of now"
            found.append(Violation(f"{path}.updatedDate", ViolationCode.DATE_IN_FUTURE, why))
    return found


def undeclared_topic(name: str, policy: Policy) -> Violation:
    """The violation of an IN for a topic that a policy does not declare."""
    return Violation(topic_path(name), *not_declared(name, policy.topics))


def _too_long(path: str, most: int) -> Violation:
    return Violation(path, ViolationCode.TOO_LONG, f"may have at most {most} characters")
