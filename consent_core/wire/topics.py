"""The topics of a record or request as the JSON object ``topics`` (contract, section 8)."""

from collections.abc import Callable, Mapping
from typing import Any

from consent_core.domain.checks import shown
from consent_core.domain.topic_words import TOPIC_NAME, topic_path, wrong_topic_name
from consent_core.domain.vocabulary import ViolationCode
from consent_core.wire.reading import INVALID, Kind, Problems, is_object, join, wrong_type


def by_topic(cls: Callable[[dict[str, Any]], Any], each: Kind, most: int | None = None) -> Kind:
    """The kind of objects whose names are those of topics, written the same in every spelling.

    Args:
        cls: makes the value of a dict.
        each: the kind of what stands beside a name.
        most: how many names a caller may send.
    """

    def accept(value: Any) -> Any:
        if type(value) is not dict or (most is not None and len(value) > most):
            raise TypeError("not an object of topics")
        return cls({name: each.accept(given) for name, given in value.items()})

    def explain(value: Any, path: str, problems: Problems) -> Any:
        if not is_object(value):
            return wrong_type(value, "an object", path, problems)
        if most is not None and len(value) > most:
            return problems.add(path, ViolationCode.TOO_LARGE, f"may have at most {most} topics")
        values: dict[str, Any] = {}
        for name, given in value.items():
            problem = wrong_topic_name(name)
            if problem is not None:
                problems.add(join(path, shown(name)), *problem)
            else:
                at = join(path, topic_path(name).partition(".")[2])
                values[name] = each.read(given, at, problems)
        return INVALID if INVALID in values.values() or len(values) < len(value) else cls(values)

    def dump(topics: Mapping[str, Any]) -> str:
        # A name needs nothing but quotation marks.
        items = [f'"{name}":{each.dump(one)}' for name, one in topics.items()]
        return f"{{{','.join(items)}}}"

    schema = {
        "type": "object",
        "propertyNames": {"pattern": f"^{TOPIC_NAME}$"},
        "additionalProperties": each.schema,
    }
    return Kind(
        accept,
        explain,
        schema if most is None else schema | {"maxProperties": most},
        write=lambda topics: {name: each.write(one) for name, one in topics.items()},
        dump=dump,
        restore=lambda value: cls({name: each.restore(one) for name, one in value.items()}),
    )
