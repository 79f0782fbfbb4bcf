"""The kind of JSON objects: known fields in any of three spellings, every violation noted."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from consent_core.domain.checks import shown
from consent_core.domain.errors import InvalidConsent
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.compiled import dumper, restorer, writer
from consent_core.wire.fields import Field
from consent_core.wire.kinds import IGNORED, JSON
from consent_core.wire.reading import INVALID, Kind, Problems, is_object, join, wrong_type
from consent_core.wire.spelling import spellings


def _on_first_call(make: Callable[[], Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """A function that is generated when it is first called: most programs need no document."""
    made: list[Callable[[Any], Any]] = []

    def call(value: Any) -> Any:
        if not made:
            made.append(make())
        return made[0](value)

    return call


class ObjectKind(Kind):
    """A JSON object that has these fields and no others.

    Args:
        fields: in the order in which they are written.
        cls: the class whose instances are read and written; without it, a dict by Python name is
            read, and nothing written.
        ignored: documented names of fields that callers may send, and that are never looked at.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        cls: type | None = None,
        *,
        ignored: Iterable[str] = (),
    ) -> None:
        self.fields = {field.wire_name: field for field in fields}
        self._cls: Callable[..., Any] | None = cls
        self._ignored = frozenset(ignored)
        known = [*fields, *(Field(name, name, IGNORED) for name in ignored)]
        self._known = {each: field for field in known for each in spellings(field.wire_name)}
        # All that ``accept`` needs of a field.
        self._accepted = {
            spelling: (field.name, field.kind.accept, field.default)
            for spelling, field in self._known.items()
        }
        self._outer_names = {
            spelling: field.wire_name
            for field in reversed(fields)
            for inner in field.kind.schema.get("properties", ())
            for spelling in spellings(inner)
        }
        super().__init__(
            self._accept,
            self._explain,
            {
                "type": "object",
                "properties": {field.wire_name: _property(field) for field in known},
                "required": [field.wire_name for field in fields if field.is_required],
                "additionalProperties": False,
            },
            write=JSON.write if cls is None else writer(fields),
            dump=JSON.dump if cls is None else _on_first_call(lambda: dumper(fields)),
            restore=None if cls is None else _on_first_call(lambda: restorer(cls, fields)),
        )

    def _accept(self, value: Any) -> Any:
        # Other mappings than dicts may count or iterate as they like: ``explain`` reads those.
        if type(value) is not dict:
            raise TypeError("not an object")
        values: dict[str, Any] = {}
        accepted = self._accepted
        for key, given in value.items():
            name, accept, default = accepted[key]
            values[name] = default if given is None else accept(given)
        if len(values) < len(value):
            raise ValueError("a field is given in two spellings")
        if self._ignored and not self._ignored.isdisjoint(values):
            values = {name: each for name, each in values.items() if name not in self._ignored}
        return values if self._cls is None else self._cls(**values)

    def _explain(self, value: Any, path: str, problems: Problems) -> Any:
        """Keeps what is right of an object that is partly wrong: rules can judge that, too."""
        values = self.read_fields(value, path, problems)
        if values is INVALID:
            return INVALID
        right = {name: each for name, each in values.items() if each is not INVALID}
        if self._cls is None:
            return right
        try:
            return self._cls(**right)
        except InvalidConsent as error:
            return problems.add_violations(error.violations)
        except TypeError:
            return INVALID  # a required field is missing, which is noted

    def read_fields(self, value: Any, path: str, problems: Problems) -> Any:
        """The values of the fields by Python name; those whose violations were noted are INVALID.

        Returns:
            A dict, or INVALID if what was sent is no object.
        """
        if not is_object(value):
            return wrong_type(value, "an object", path, problems)
        values: dict[str, Any] = {}
        for key, given in value.items():
            field, at = self._known.get(key), join(path, shown(key))
            if field is None:
                self._note_unknown(key, at, problems)
                continue
            if field.name in values:
                why = f"is {field.wire_name}, which is given already"
                problems.add(at, ViolationCode.GIVEN_TWICE, why)
            if given is not None:
                values[field.name] = field.kind.read(given, at, problems)
            elif field.is_required:
                values[field.name] = problems.add(at, ViolationCode.REQUIRED, field.kind.required)
            else:
                values[field.name] = field.default
        for field in self.fields.values():
            if field.is_required and field.name not in values:
                at = join(path, field.wire_name)
                values[field.name] = problems.add(at, ViolationCode.REQUIRED, field.kind.required)
        return {name: each for name, each in values.items() if name not in self._ignored}

    def _note_unknown(self, key: object, at: str, problems: Problems) -> None:
        outer = self._outer_names.get(key) if isinstance(key, str) else None
        if outer is not None and problems.is_offered(outer):
            why = f"is not known here: it belongs into {outer}"
            problems.add(at, ViolationCode.UNKNOWN_FIELD, why)
        else:
            names = list(self.fields)
            problems.add_unknown(
                at, ViolationCode.UNKNOWN_FIELD, "is not a known field", key, names
            )


def _property(field: Field) -> dict[str, Any]:
    schema = dict(field.kind.schema)
    if field.is_null_written and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema
