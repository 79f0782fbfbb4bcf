"""What a refusal says: the path, and a fragment that follows the field's name and names the remedy.

Design, principle 9: "Errors are data".
"""

from collections.abc import Callable
from typing import Any

import pytest

from consent_core.domain.activities import ConfirmationActivity
from consent_core.domain.claims import Claims
from consent_core.domain.conditions import Filter, all_of
from consent_core.domain.decision import decide
from consent_core.domain.delivery import Delivery, DeliveryReport
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.identifiers import identifier_of
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import ExtendedField, Operator, QueryField
from consent_core.domain.reports import decide_report
from consent_core.domain.rules import Rule
from consent_core.domain.tombstones import Tombstone
from consent_core.domain.topic_words import TopicChoice, TopicDefault
from consent_core.domain.topics import TopicActivity, TopicEvidence
from consent_core.domain.updates import Update
from consent_core.domain.vocabulary import (
    ConfirmationSource,
    ConsentState,
    DeliveryEvent,
    DeliveryStatus,
)
from tests.domain.builders import (
    ADA,
    CONFIRMED,
    ID,
    LINE,
    NOW,
    ask,
    at,
    record,
    yes,
)

BOUNCE: Any = DeliveryEvent.PERMANENT_BOUNCE
CONDITION = Filter(QueryField.STATE, Operator.EQ, ConsentState.CONFIRMED)
OWN_FIELD = ExtendedField("crm", "x")
RULE = Rule("HARD_BOUNCED", CONDITION)
WRONG: Any = 7
WRONG_LIFETIME: Any = "a year"
ANOTHER_ACTOR = Update(
    id=ID,
    last_confirmation_activity=ConfirmationActivity(source=ConfirmationSource.LINK_CONFIRMATION),
    confirmation_fields=frozenset({"source"}),
)
TOO_LARGE = ask(CONFIRMED, yes(5), fields=ExtendedFields({"app": {"x": "y" * 100}}))
EIGHTY = ExtendedFields({"app": {"x": "y" * 60}})
MORE = ExtendedFields({"app": {"z": "y" * 60}})

REFUSALS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: Rule("bounced", CONDITION),
        "rule.reason must be a word of capitals, digits and underscores, such as HARD_BOUNCED",
    ),
    (lambda: Rule("REVOKED", CONDITION), "rule.reason must not be a reason of the library"),
    (lambda: Rule("BOUNCED", CONDITION, text=WRONG), "rule.text must be a str"),
    (
        lambda: Rule("BOUNCED", CONDITION, text="\0"),
        "rule.text must be text without NUL and without half surrogate pairs",
    ),
    (lambda: Policy(rules=[WRONG]), "policy.rules must be a list of Rule"),
    (lambda: Policy(rules=[RULE, RULE]), "policy.rules must have one rule for each reason"),
    (
        lambda: ExtendedField('"', "x"),
        (
            "extendedFields.namespace must be text, not empty, without quotation marks, "
            "backslashes and control characters"
        ),
    ),
    (
        lambda: ExtendedField("x", "\\"),
        (
            "extendedFields.name must be text, not empty, without quotation marks, "
            "backslashes and control characters"
        ),
    ),
    (
        lambda: DeliveryReport(identifier=ADA, event=BOUNCE, code="5"),
        "code must be an enhanced status code such as 5.1.1",
    ),
    (lambda: DeliveryReport(identifier=WRONG, event=BOUNCE), "identifier must be an Identifier"),
    (
        lambda: Delivery(status=DeliveryStatus.UNREACHABLE, since=WRONG, bounces=0),
        "delivery.since must be a datetime",
    ),
    (lambda: TopicActivity(WRONG), "topics.choice must be a TopicChoice; known are IN, OUT"),
    (
        lambda: TopicEvidence(choice=TopicChoice.IN, updated_date=WRONG),
        "topics.updatedDate must be a datetime",
    ),
    (lambda: Tombstone(revoked_date=WRONG), "tombstone.revokedDate must be a datetime"),
    (
        lambda: Claims(states={"PENDING", 1}),
        (
            "claims.states must be a ConsentState; known are UNKNOWN_STATE, NEVER_CONFIRMED, "
            "PENDING, CONFIRMED, REVOKED"
        ),
    ),
    (lambda: Claims(namespaces="crm"), "claims.namespaces must be None or a set of names"),
    (lambda: Claims(namespaces=[WRONG]), "claims.namespaces must be None or a set of names"),
    (lambda: Update(id=WRONG), "id must be a UUID"),
    (lambda: Update(id=ID, revision=True), "revision must be an int or None"),
    (
        lambda: identifier_of("ada"),
        "identifier must be an e-mail address, or a phone number with +",
    ),
    (lambda: all_of(WRONG), "filter.condition must be a Filter or AllOf or AnyOf"),
    (
        lambda: Filter(OWN_FIELD, Operator.EQ, 1.5),
        "filter.extendedFields.namespaces.crm.x must be a bool or str or int",
    ),
    (
        lambda: Filter(OWN_FIELD, Operator.IN, ("y" * 321,)),
        "filter.extendedFields.namespaces.crm.x may have at most 320 characters",
    ),
    (
        lambda: Filter(OWN_FIELD, Operator.EQ, "\0"),
        (
            "filter.extendedFields.namespaces.crm.x must be text without NUL and without half "
            "surrogate pairs"
        ),
    ),
    (lambda: Filter(WRONG, Operator.EQ, 1), "filter.field must be a QueryField or ExtendedField"),
    (
        lambda: Policy(topics=WRONG),
        "policy.topics must be a mapping of names to TopicDefault",
    ),
    (
        lambda: Policy(confirmation_lifetime=WRONG_LIFETIME),
        (
            "policy.confirmation_lifetime must be a timedelta or a number of months, not "
            "negative, or None"
        ),
    ),
    (
        lambda: Policy(topics={"Offers": TopicDefault.OPT_IN}),
        "policy.topics has a name that is not 1-64 characters of a-z 0-9 . _ -",
    ),
    (
        lambda: decide_report(
            record(CONFIRMED, 1), DeliveryReport(identifier=LINE, event=BOUNCE), now=NOW
        ),
        "identifier must be that of the record",
    ),
    (
        lambda: decide(record(CONFIRMED, 5), ANOTHER_ACTOR, now=at(9)),
        (
            "lastConfirmationActivity.source must not change who acted: send it as new evidence, "
            "with a state"
        ),
    ),
    (
        lambda: decide(
            record(CONFIRMED, 5), TOO_LARGE, now=at(9), policy=Policy(max_extended_fields_size=90)
        ),
        "extendedFields may have at most 90 bytes as JSON in each namespace",
    ),
    (
        lambda: EIGHTY.merged_with(MORE, max_size=90),
        "extendedFields may have at most 90 bytes as JSON in each namespace",
    ),
]


@pytest.mark.parametrize(("refused", "message"), REFUSALS, ids=[each for _, each in REFUSALS])
def test_a_refusal_names_the_field_and_the_remedy(refused: Callable[[], Any], message: str) -> None:
    """Each violation, as ``<path> <description>``, is a sentence."""
    with pytest.raises(InvalidConsent) as error:
        refused()
    said = [f"{violation.path} {violation.description}" for violation in error.value.violations]
    assert message in said
