"""The conditions of queries as ``Q``: never a filter in Python, and nothing of any rule."""

import json
from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, Final

from django.db import NotSupportedError
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Replace, Substr
from django.db.models.lookups import Exact, In, IsNull

from consent_core.adapters.django.models import COLUMNS
from consent_core.application.query import Query
from consent_core.domain.conditions import AllOf, AnyOf, Condition
from consent_core.domain.query_fields import KEYS, ExtendedField, Operator, QueryField

_LAST: Final = "\U0010ffff"
"""Sorts behind every character that a key can have: the end of the range with a prefix."""

_LOOKUPS: Final[Mapping[Operator, str]] = {
    Operator.EQ: "exact",
    Operator.IN: "in",
    Operator.GT: "gt",
    Operator.LT: "lt",
    Operator.GTE: "gte",
    Operator.LTE: "lte",
}


def beyond(query: Query) -> Q:
    """What lies behind the position of a query, in the direction of its page."""
    if query.position is None:
        return Q()
    way = "lt" if query.downward else "gt"
    last = Q(**{f"consent_id__{way}": query.position.id})
    if query.sort is QueryField.ID:
        return last
    column, value = COLUMNS[query.sort], query.position.value
    # The first part says nothing new, but is what an index can begin with.
    return Q(**{f"{column}__{way}e": value}) & (
        Q(**{f"{column}__{way}": value}) | Q(**{column: value}) & last
    )


def as_q(condition: Condition) -> Q:
    """A condition in Django's terms, on the columns of ``Record``."""
    if isinstance(condition, AllOf):
        return reduce(and_, map(as_q, condition.conditions), ~_NOBODY)
    if isinstance(condition, AnyOf):
        return reduce(or_, map(as_q, condition.conditions), _NOBODY)
    if isinstance(condition.field, ExtendedField):
        return _on_extended_field(condition.field, condition.operator, condition.value)
    return _on_column(condition.field, condition.operator, condition.value)


def _on_column(field: QueryField, operator: Operator, value: Any) -> Q:
    column = COLUMNS[field]
    on_channel = Q(channel=KEYS[field]) if field in KEYS else Q()
    if operator is Operator.EXISTS:
        present = on_channel or Q(**{f"{column}__isnull": False})
        return present if value else ~present
    if operator is Operator.STARTS_WITH:
        return on_channel & Q(**{f"{column}__gte": value, f"{column}__lt": value + _LAST})
    if operator in (Operator.CONTAINS, Operator.LACKS):
        # Between spaces, as the column has it, so that no name is found inside another.
        contains = Q(**{f"{column}__contains": f" {value} "})
        return contains if operator is Operator.CONTAINS else ~contains
    if operator is Operator.NE:
        # What is absent differs from every value. Django's negation says so of NULL, too.
        return ~(on_channel & Q(**{column: value}))
    return on_channel & Q(**{f"{column}__{_LOOKUPS[operator]}": value})


_NOBODY: Final = Q(pk__in=[])


class _JsonText(Func):
    """The value of an extended field as JSON text; NULL where it is absent."""

    output_field = TextField()

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, list[Any]]:
        """As ``Func.as_sql``."""
        raise NotSupportedError("rules about extended fields need SQLite or PostgreSQL")

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        """As ``Func.as_sql``."""
        return super().as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" -> ")

    def as_postgresql(self, compiler: Any, _connection: Any) -> Any:
        """As ``Func.as_sql``."""
        document, params = compiler.compile(self.source_expressions[0])
        path = "ARRAY['extendedFields', 'namespaces', CAST(%s AS TEXT), CAST(%s AS TEXT)]"
        sql = f"(CAST(CAST({document} AS JSON) #> {path} AS TEXT))"
        return sql, (*params, *self.extra["names"])


def _on_extended_field(field: ExtendedField, operator: Operator, value: Any) -> Q:
    """Compares JSON texts.

    They tell ``true`` from ``1`` and ``1`` from ``1.0`` in every database. Where the field is
    absent the text is NULL, and so is the comparison, which selects nothing.
    """
    path = f'$.extendedFields.namespaces."{field.namespace}"."{field.name}"'
    text = _JsonText(F("document"), _text(path), names=(field.namespace, field.name))
    if operator is Operator.EXISTS:
        absent = Q(IsNull(text, True)) | Q(Exact(text, "null"))  # noqa: FBT003  # Django's own
        return ~Q(Exact(text, "null")) if value else absent
    if operator is Operator.IN:
        return Q(In(text, [_json(each) for each in value])) if value else _NOBODY
    same = Q(Exact(text, _json(value)))
    if operator is Operator.EQ:
        return same
    # A field of another JSON type than the value is as good as absent.
    if isinstance(value, bool):
        return Q(In(text, ["true", "false"])) & ~same
    first = Substr(text, 1, 1)
    if isinstance(value, str):
        return Q(Exact(first, '"')) & ~same
    # A number, and without a fraction or an exponent: an integer.
    digits: Any = text
    for mark in (".", "e", "E"):
        digits = Replace(digits, _text(mark), _text(""))
    return ~Q(In(first, [*'"tfn[{'])) & Q(Exact(digits, text)) & ~same


def _text(value: str) -> Any:
    return Value(value, output_field=TextField())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
