"""Rules of a deployment.

Reasons of its own, as rows of the table of eligibility (contract, section 13).
"""

import re
from typing import Any, Final

from attrs import field, frozen

from consent_core.domain.checks import Problem, refuse, wrong_text, wrong_type
from consent_core.domain.conditions import AllOf, AnyOf, Condition, Filter, all_of
from consent_core.domain.query_fields import FIELDS, ExtendedField, Operator
from consent_core.domain.vocabulary import Reason, ViolationCode


def _only_present(condition: Any) -> Any:
    """The same condition, which also fails where a field that it compares with ``NE`` is absent."""
    if isinstance(condition, AllOf | AnyOf):
        return type(condition)(tuple(_only_present(each) for each in condition.conditions))
    if not isinstance(condition, Filter) or condition.operator is not Operator.NE:
        return condition
    if (
        isinstance(condition.field, ExtendedField)
        or Operator.EXISTS not in FIELDS[condition.field].operators
    ):
        return condition
    return all_of(Filter(condition.field, Operator.EXISTS, value=True), condition)


@frozen
class Rule:
    """A deployment's own reason against contacting a person (contract, section 13).

    Args:
        reason: its code, in capitals, such as ``HARD_BOUNCED``.
        unless: the condition under which a record is *not* held back; a field that is absent or of
            another type holds back, ``NE`` included.
        text: what it says to a person; the code without one.

    Raises:
        InvalidConsent: the code is none, or is a reason of the library; or a value is of the wrong
            type.
    """

    reason: str
    unless: Condition = field(converter=_only_present)
    text: str = ""

    def __attrs_post_init__(self) -> None:
        refuse(
            "rule",
            reason=_wrong_code(self.reason),
            unless=wrong_type(self.unless, Filter, AllOf, AnyOf),
            text=wrong_type(self.text, str) or wrong_text(self.text),
        )


def wrong_rules(value: object) -> Problem:
    """What is wrong with the rules of a policy."""
    if not isinstance(value, tuple) or not all(isinstance(rule, Rule) for rule in value):
        return ViolationCode.WRONG_TYPE, "must be a list of Rule"
    if len({rule.reason for rule in value}) < len(value):
        return ViolationCode.GIVEN_TWICE, "must have one rule for each reason"
    return None


def _wrong_code(value: object) -> Problem:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        return (
            ViolationCode.NOT_ALLOWED,
            "must be a word of capitals, digits and underscores, such as HARD_BOUNCED",
        )
    if value in Reason.__members__:
        return ViolationCode.NOT_ALLOWED, "must not be a reason of the library"
    return None


_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
