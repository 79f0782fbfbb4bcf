"""Every public name: how it is called, what it takes and gives, and what it raises."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import partial
from importlib import import_module
from itertools import chain
from typing import Final, is_typeddict

from tests.docs.reference.docstrings import Doc, parsed
from tests.docs.reference.enums import members
from tests.docs.reference.signatures import body, constructor, ours
from tests.docs.reference.source import (
    Function,
    Source,
    definitions,
    home,
    is_decorated,
    public,
    source,
    values,
)
from tests.docs.reference.tables import block, code, codes, items, paragraphs, prose, wrapped
from tests.docs.reference.themes import (
    DJANGO_NAMES,
    MODULES,
    SIGNATURE_NAMES,
    checked_themes,
)


def _entries(names: Iterable[tuple[str, str]]) -> str:
    return "\n".join(_entry(home(module, name), name) for module, name in names)


def _entry(module: str, name: str) -> str:
    """The description of a name, where it is defined."""
    node = definitions(source(module).tree.body).get(name)
    if isinstance(node, ast.ClassDef):
        parts = _class(getattr(import_module(module), name))
    else:
        parts = _value(module, name) if node is None else _function(source(module), node)
    return "\n".join([f"### {name}\n", *parts])


def _value(module: str, name: str) -> Iterator[str]:
    if name not in values(source(module).tree.body):
        yield f"The module described below as `{module}.{name}`.\n"
        return
    node, text = values(source(module).tree.body)[name]
    written = source(module).of(node)
    is_alias = "TypeAlias" in written
    yield block(
        "py", written.replace(": TypeAlias", "") if is_alias else written.partition(" = ")[0]
    )
    yield paragraphs(text).removesuffix("\n")


def _function(written: Source, node: Function) -> Iterator[str]:
    doc = parsed(ast.get_docstring(node))
    if is_decorated(node, "composite"):
        doc = doc._replace(
            arguments={name: text for name, text in doc.arguments.items() if name != "draw"}
        )
    yield block("py", written.head(node))
    yield paragraphs(doc.text).removesuffix("\n")
    yield from _sections(doc)


def _class(cls: type) -> Iterator[str]:
    docs = [
        parsed(base.__doc__)
        for base in ours(cls)
        if base.__doc__ or not base.__name__.startswith("_")
    ]
    if issubclass(cls, Exception):
        yield f"Based on {codes(base.__name__ for base in cls.__bases__)}.\n"
    if called := constructor(cls):
        yield block("py", called)
    yield from (paragraphs(doc.text).removesuffix("\n") for doc in docs)
    if issubclass(cls, Enum):
        yield members(cls)
        return
    arguments = dict(chain.from_iterable(doc.arguments.items() for doc in docs))
    yield from _sections(Doc("", arguments, "", docs[0].raises))
    yield from _inside(cls)


def _sections(doc: Doc) -> Iterator[str]:
    if doc.arguments:
        yield _listed("Takes", ((code(name), text) for name, text in doc.arguments.items()))
    if doc.returns:
        yield wrapped(f"Returns: {prose(doc.returns)}") + "\n"
    if doc.raises:
        yield _listed("Raises", ((code(name), text) for name, text in doc.raises.items()))


def _listed(title: str, pairs: Iterable[tuple[str, str]]) -> str:
    lines = (f"{what}: {prose(text)}" if text else what for what, text in pairs)
    return f"{title}:\n\n{items(lines)}"


def _inside(cls: type) -> Iterator[str]:
    """The documented values, the properties and the methods of a class."""
    brief = [item for base in ours(cls) for item in chain(_values(cls, base), _brief_methods(base))]
    if brief:
        yield _listed("Has", brief)
    for base in ours(cls):
        for method in _methods(base):
            if not _is_brief(method):
                parts = _function(source(base.__module__), method)
                yield "\n".join([f"#### {cls.__name__}.{method.name}\n", *parts])


def _values(cls: type, base: type) -> Iterator[tuple[str, str]]:
    written = source(base.__module__)
    for node, text in values(body(base)).values():
        if isinstance(node, ast.AnnAssign) and (text or is_typeddict(cls)):
            yield code(f"{written.of(node.target)}: {written.of(node.annotation)}"), text


def _brief_methods(base: type) -> Iterator[tuple[str, str]]:
    written = source(base.__module__)
    for method in filter(_is_brief, _methods(base)):
        yield code(_in_one_line(written.head(method))), ast.get_docstring(method) or ""


def _methods(base: type) -> list[Function]:
    found = definitions(body(base))
    return [
        node
        for name, node in found.items()
        if name[0] != "_" and not isinstance(node, ast.ClassDef) and not _is_for_django(node)
    ]


def _is_for_django(node: Function) -> bool:
    """Whether Django calls it, and it does nothing else than Django documents."""
    text = (ast.get_docstring(node) or "").partition("\n")[0]
    return re.fullmatch(r"As ``(Field|View|BaseCommand)\.\w+``\.", text) is not None


def _is_brief(node: Function) -> bool:
    """Whether one paragraph tells all of it."""
    doc = parsed(ast.get_docstring(node))
    return doc[1:] == ({}, "", {}) and "\n\n" not in doc.text


def _in_one_line(head: str) -> str:
    return " ".join(head.split()).replace("( ", "(").replace(", )", ")")


def _theme(name: str) -> str:
    return _entries(("consent_core", each) for each in checked_themes()[name])


def _module(name: str) -> str:
    about = paragraphs(inspect.getdoc(import_module(MODULES[name])) or "")
    return about + _entries((MODULES[name], each) for each in public(MODULES[name]))


def _placed(names: Iterable[tuple[str, str]]) -> str:
    """As everything else, but with the module to import from."""
    entries = [
        (f"### {name}\n", f"\nFrom {code(module)}.\n", _entry(home(module, name), name))
        for module, name in names
    ]
    return "\n".join(entry.replace(title, title + where, 1) for title, where, entry in entries)


API: Final[dict[str, Callable[[], str]]] = {
    **{f"api-{name}": partial(_theme, name) for name in checked_themes()},
    **{f"api-{name}": partial(_module, name) for name in MODULES},
    "api-django": partial(_placed, DJANGO_NAMES),
    "api-signatures": partial(_placed, SIGNATURE_NAMES),
}
"""The parts of the page on the Python interface, by name."""
