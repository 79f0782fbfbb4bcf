"""Reads what the source says and objects forget.

Signatures as they are written, and docstrings of values.
"""

import ast
import inspect
import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from itertools import pairwise
from textwrap import dedent
from typing import NamedTuple, TypeAlias

import tests.docs.reference.apps  # noqa: F401  # modules of the Django app are read, too

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Value: TypeAlias = ast.AnnAssign | ast.Assign


class Source(NamedTuple):
    """The text of a module, and the same parsed.

    Args:
        text: the source.
        tree: the syntax tree.
    """

    text: str
    tree: ast.Module

    def of(self, node: ast.AST) -> str:
        """A piece as it is written, in one line."""
        return " ".join((ast.get_source_segment(self.text, node) or "").split())

    def head(self, node: Function) -> str:
        """The head of a function as callers see it: without ``self`` and the colon."""
        lines = self.text.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]
        lines = [line for line in lines if not line.lstrip().startswith("#")]
        lines = [line.partition("  # ")[0] for line in lines]
        head = (
            dedent("\n".join(lines))
            .rstrip()
            .removesuffix(":")
            .removeprefix("async ")
            .removeprefix("def ")
        )
        if is_decorated(node, "composite"):
            # Hypothesis gives the first argument, and makes a strategy of what comes back.
            head = re.sub(r"-> (.+)$", r"-> st.SearchStrategy[\1]", head)
        given = r"draw: [\w.]+" if is_decorated(node, "composite") else "self|cls"
        head = re.sub(rf"\((\s*)(?:{given})(?:,\s*|(?=\)))", r"(\1", head, count=1)
        head = re.sub(r'"([A-Z][\w |]+)"', r"\1", head)
        if is_decorated(node, "property"):
            return head.replace("() ->", ":")
        return f"{'await ' if is_awaited(node) else ''}{head.removesuffix(' -> None')}"


def is_decorated(node: Function, name: str) -> bool:
    """Whether a function has a decorator of this name."""
    return any(ast.unparse(each).rpartition(".")[2] == name for each in node.decorator_list)


def is_awaited(node: Function) -> bool:
    """Whether callers await a function; asynchronous generators are looped over instead."""
    return isinstance(node, ast.AsyncFunctionDef) and "AsyncIterator" not in ast.unparse(
        node.returns or node.args
    )


@cache
def source(module: str) -> Source:
    """The source of a module."""
    text = inspect.getsource(import_module(module))
    return Source(text, ast.parse(text))


@cache
def home(module: str, name: str) -> str:
    """The module that defines a name which a module has."""
    for node in ast.walk(source(module).tree):
        match node:
            case ast.ImportFrom(module=str(other), names=names) if other != module:
                if any(alias.name == name for alias in names):
                    return home(other, name)
            case _:
                pass
    return module


def public(module: str) -> list[str]:
    """The names that a module offers: those of ``__all__``, or its classes and functions."""
    if hasattr(import_module(module), "__all__"):
        return list(import_module(module).__all__)
    return [name for name in definitions(source(module).tree.body) if name[0] != "_"]


def definitions(body: Sequence[ast.stmt]) -> dict[str, ast.ClassDef | Function]:
    """The classes and functions in a module or class, by name."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in body if isinstance(node, kinds)}


def values(body: Sequence[ast.stmt]) -> dict[str, tuple[Value, str]]:
    """The values that a module or class assigns, by name, each with the docstring below it."""
    found: dict[str, tuple[Value, str]] = {}
    for node, following in pairwise([*body, ast.Pass()]):
        match node:
            case ast.AnnAssign(target=ast.Name(name)) | ast.Assign(targets=[ast.Name(name)]):
                found[name] = (node, _text(following))
            case _:
                pass
    return found


def _text(node: ast.stmt) -> str:
    match node:
        case ast.Expr(ast.Constant(str(text))):
            return inspect.cleandoc(text)
        case _:
            return ""
