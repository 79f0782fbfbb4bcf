"""The rules of a deployment over extended fields (contract, section 13)."""

from typing import Any

import pytest

from consent_core.domain.conditions import Filter, all_of
from consent_core.domain.eligibility import audience, eligibility
from consent_core.domain.extended_fields import ExtendedFields
from consent_core.domain.policy import Policy
from consent_core.domain.query_fields import ExtendedField, Operator, QueryField
from consent_core.domain.rules import Rule
from consent_core.domain.vocabulary import Channel
from tests.domain.builders import CONFIRMED, NEVER, NOW, PENDING, at, record


@pytest.mark.parametrize(
    ("operator", "wanted", "held", "is_held_back"),
    [
        (Operator.EXISTS, True, "x", False),
        (Operator.EXISTS, True, None, True),
        (Operator.EXISTS, False, None, False),
        (Operator.EXISTS, False, "x", True),
        (Operator.IN, ["gold", 1], "gold", False),
        (Operator.IN, ["gold", 1], 1, False),
        (Operator.IN, ["gold", 1], True, True),
        (Operator.IN, ["gold", 1], "silver", True),
        (Operator.IN, ["gold", 1], None, True),
        (Operator.EQ, 1, 1, False),
        (Operator.EQ, 1, True, True),
        (Operator.NE, 1, 2, False),
        (Operator.NE, 1, 1, True),
        (Operator.NE, 1, False, True),
    ],
)
def test_a_rule_compares_a_field_as_json_does(
    operator: Operator, wanted: Any, held: Any, is_held_back: bool
) -> None:
    """Section 13: over "extended fields included", where JSON tells ``true`` from ``1``."""
    rule = Rule("LEVEL", Filter(ExtendedField("crm", "level"), operator, wanted))
    fields = ExtendedFields({} if held is None else {"crm": {"level": held}})
    answer = eligibility(
        record(CONFIRMED, 5, extended_fields=fields), now=NOW, policy=Policy(rules=[rule])
    )
    assert answer.reasons == (("LEVEL",) if is_held_back else ())


@pytest.mark.parametrize("operator", [Operator.IN, Operator.EQ, Operator.NE])
def test_a_rule_compares_states(operator: Operator) -> None:
    """Section 13: a rule is a condition "over the same fields and operators that queries use"."""
    wanted = {Operator.IN: (PENDING, CONFIRMED), Operator.EQ: CONFIRMED, Operator.NE: NEVER}
    rule = Rule("WAITS", Filter(QueryField.STATE, operator, wanted[operator]))
    policy = Policy(rules=[rule], never_confirmed_granted=frozenset({Channel.EMAIL}))
    everybody = all_of(*audience(Channel.EMAIL, now=NOW, policy=policy))
    for consent, reasons in ((record(CONFIRMED, 5), ()), (record(NEVER), ("WAITS",))):
        assert eligibility(consent, now=NOW, policy=policy).reasons == reasons
        assert everybody.matches(consent) is not bool(reasons)


def test_another_date_than_one_is_a_date() -> None:
    """Section 13: "A field that is absent holds back, `$ne` included"."""
    rule = Rule("OLD", Filter(QueryField.CONFIRMED_DATE, Operator.NE, at(5)))
    policy = Policy(rules=[rule], never_confirmed_granted=frozenset({Channel.EMAIL}))
    for consent, reasons in (
        (record(CONFIRMED, 5), ("OLD",)),
        (record(CONFIRMED, 6), ()),
        (record(NEVER), ("OLD",)),
    ):
        assert eligibility(consent, now=NOW, policy=policy).reasons == reasons
