"""How classes are built.

By their ``__init__``, or by the fields that attrs or a named tuple makes one of.
"""

import ast
from collections.abc import Iterable
from functools import cache
from itertools import chain

import attrs

from tests.docs.markdown import WIDTH
from tests.docs.reference.source import Source, definitions, public, source, values
from tests.docs.reference.themes import DJANGO_NAMES, MODULES, SIGNATURE_NAMES, THEMES

_FIELDS = ("field", "attrs_field", "_choice")
"""What declares a field of attrs."""


@cache
def _described() -> frozenset[str]:
    """The names that the page describes by themselves."""
    themes, modules = chain.from_iterable(THEMES.values()), map(public, MODULES.values())
    placed = (name for _, name in (*DJANGO_NAMES, *SIGNATURE_NAMES))
    return frozenset(chain(themes, chain.from_iterable(modules), placed))


def ours(cls: type) -> list[type]:
    """A class with those of its bases that are described nowhere else: theirs is its own."""
    hidden = [
        base
        for base in cls.__mro__[1:]
        if base.__module__.startswith("consent_core") and base.__name__ not in _described()
    ]
    return [cls, *hidden]


def body(cls: type) -> list[ast.stmt]:
    """What stands inside a class."""
    found = definitions(source(cls.__module__).tree.body)[cls.__name__]
    assert isinstance(found, ast.ClassDef), cls
    return found.body


def constructor(cls: type) -> str:
    """How a class is called; empty where callers do not build it."""
    for base in _written(cls):
        init = definitions(body(base)).get("__init__")
        if isinstance(init, ast.FunctionDef):
            return source(base.__module__).head(init).replace("__init__", cls.__name__, 1)
    if attrs.has(cls):
        given = [field for field in attrs.fields(cls) if field.init]
        named = [field.name for field in given if field.kw_only]
        return _by_fields(cls, [field.name for field in given if not field.kw_only], named)
    return _by_fields(cls, getattr(cls, "_fields", ()), ())


def _written(cls: type) -> list[type]:
    """The class and its bases of this package, public ones too.

    Arguments may be written in any of them.
    """
    return [base for base in cls.__mro__ if base.__module__.startswith("consent_core")]


def _by_fields(cls: type, names: Iterable[str], named: Iterable[str]) -> str:
    parts = [_field(cls, name) for name in names]
    parts += ["*", *(_field(cls, name) for name in named)] if named else []
    if not parts:
        return ""
    line = f"{cls.__name__}({', '.join(parts)})"
    return (
        line
        if len(line) <= WIDTH
        else f"{cls.__name__}(\n" + "".join(f"    {part},\n" for part in parts) + ")"
    )


def _field(cls: type, name: str) -> str:
    """A field as an argument: its type and default as they are written."""
    for base in _written(cls):
        node = values(body(base)).get(name, (None, ""))[0]
        if isinstance(node, ast.AnnAssign):
            written = source(base.__module__)
            part = f"{name}: {written.of(node.annotation)}"
            default = _default(node.value, written)
            # The page on the policy has long defaults.
            return f"{part}{default if len(part + default) < WIDTH - len('    ,') else ' = ...'}"
    raise LookupError(f"{cls.__name__}.{name} is not written in the class")


def _default(value: ast.expr | None, written: Source) -> str:
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in _FIELDS
    ):
        named = {keyword.arg: keyword.value for keyword in value.keywords}
        if "factory" in named:
            return f" = {written.of(named['factory'])}()"
        value = named.get("default", value.args[0] if value.args else None)
    return "" if value is None else f" = {written.of(value)}"
