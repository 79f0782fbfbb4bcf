"""Functions that write and restore the instances of one class, generated from its fields.

A record is written and restored for every request and for every row of a store. A loop over the
fields takes twice as long as a function that names them, so that function is generated, once for a
class. Its source holds nothing but names of attributes and documented names.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from consent_core.wire.fields import Field


def writer(fields: Sequence[Field]) -> Callable[[Any], dict[str, Any]]:
    """The function that writes an instance as a dict, its keys in the order of the fields."""
    lines = ["def write(value):", "    written = {}"]
    for field, condition in _conditions(fields):
        expression = f"write_{field.name}(value.{field.name})"
        if field.is_null_written:
            expression = f"None if value.{field.name} is None else {expression}"
        when = f"if {condition}: " if condition else ""
        lines.append(f"    {when}written[{field.wire_name!r}] = {expression}")
    names = {f"write_{field.name}": field.kind.write for field in fields}
    return _made("write", [*lines, "    return written"], names | _predicates(fields))


def dumper(fields: Sequence[Field]) -> Callable[[Any], str]:
    """The function that writes an instance as compact JSON text, equal to that of its dict."""
    template, arguments = "", []
    for field, condition in _conditions(fields):
        value, item = f"value.{field.name}", f',"{field.wire_name}":%s'
        expression = f"dump_{field.name}({value})"
        if condition:
            template += "%s"
            arguments.append(f"{item!r} % {expression} if {condition} else ''")
        elif field.is_null_written:
            template += item
            arguments.append(f"'null' if {value} is None else {expression}")
        elif field.kind.is_quoted:
            template += f',"{field.wire_name}":"%s"'
            arguments.append(f"write_{field.name}({value})")
        else:
            template += item
            arguments.append(expression)
    # Every item has a comma in front of it, for it may be the first.
    lines = ["def dump(value):", f"    text = {template!r} % ("]
    lines += [f"        ({argument})," for argument in arguments]
    lines += ["    )", "    return '{' + text[1:] + '}'"]
    names = {f"dump_{field.name}": field.kind.dump for field in fields}
    names |= {f"write_{field.name}": field.kind.write for field in fields}
    return _made("dump", lines, names | _predicates(fields))


def restorer(cls: type, fields: Sequence[Field]) -> Callable[[Any], Any]:
    """The function that makes an instance of a class from the dict that was written of it.

    It takes exactly the keys that ``writer`` writes, and raises one of ``REFUSED`` for others.
    """
    lines, arguments, always = [], [], 0
    for field, condition in _conditions(fields):
        name, item = field.name, f"data[{field.wire_name!r}]"
        if condition:
            lines += [
                f"    {name} = data.get({field.wire_name!r})",
                f"    if {name} is None: {name} = default_{name}",
                f"    else: count += 1; {name} = restore_{name}({name})",
            ]
            arguments.append(f"{name}={name}")
            continue
        always += 1
        restored = f"restore_{name}({item})"
        if field.is_null_written:
            restored = f"None if {item} is None else {restored}"
        arguments.append(f"{name}={restored}")
    source = ["def restore(data):", f"    count = {always}", *lines]
    # Calling the class would pack all values into a dict on the way to ``__init__``.
    source += [
        "    if len(data) != count: raise ValueError",
        "    restored = new(cls)",
        f"    init(restored, {', '.join(arguments)})",
        "    return restored",
    ]
    names: dict[str, Any] = {f"restore_{field.name}": field.kind.restore for field in fields}
    names |= {f"default_{field.name}": field.default for field in fields}
    names |= {"new": object.__new__, "cls": cls, "init": cls.__init__}  # type: ignore[misc]
    return _made("restore", source, names)


def _conditions(fields: Sequence[Field]) -> Iterator[tuple[Field, str]]:
    """The fields, each with the condition under which it is written; empty for always."""
    for field in fields:
        parts = []
        if field.is_optional and not field.is_null_written:
            parts.append(f"value.{field.name} is not None")
        if field.written_if is not None:
            parts.append(f"is_written_{field.name}(value)")
        yield field, " and ".join(parts)


def _predicates(fields: Sequence[Field]) -> dict[str, Any]:
    return {f"is_written_{field.name}": field.written_if for field in fields}


def _made(name: str, lines: Sequence[str], names: dict[str, Any]) -> Callable[[Any], Any]:
    namespace = dict(names)
    exec("\n".join(lines), namespace)  # noqa: S102  # of our own names only
    made: Callable[[Any], Any] = namespace[name]
    return made
