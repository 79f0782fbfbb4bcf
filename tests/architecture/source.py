"""Reads the source of the package: its modules, what they import, and what they define."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

from attrs import frozen

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "consent_core"

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@frozen
class Module:
    """A module, parsed.

    Args:
        name: dotted; a package has the name of its directory.
        text: its source.
        is_package: whether it is an ``__init__``.
    """

    name: str
    text: str
    is_package: bool = False

    @property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.text)


def read(path: Path) -> Module:
    """The module of a file below ``ROOT``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(
        ".".join(parts[:-1] if is_package else parts), path.read_text(encoding="utf-8"), is_package
    )


MODULES: Final = [read(path) for path in sorted(PACKAGE.rglob("*.py"))]
"""All modules of the package."""

NAMES: Final = frozenset(module.name for module in MODULES)


def imports(module: Module) -> Iterator[str]:
    """The dotted name of every module that a module imports, wherever the import stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            members = [f"{base}.{alias.name}" for alias in node.names]
            yield from (member if member in NAMES else base for member in members)


def _base(module: Module, node: ast.ImportFrom) -> str:
    """What a ``from`` import starts from, with leading dots resolved."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    kept = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*kept, *([node.module] if node.module else [])])


def is_standard(name: str) -> bool:
    """Whether a module belongs to the standard library."""
    return name.partition(".")[0] in sys.stdlib_module_names


def definitions(module: Module) -> Iterator[tuple[str, Definition]]:
    """Every class, function and method with its dotted name.

    Not what is defined inside a function.
    """
    waiting: list[tuple[str, ast.AST]] = [(module.name, module.tree)]
    while waiting:
        prefix, parent = waiting.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, Definition):
                name = f"{prefix}.{node.name}"
                yield name, node
                if isinstance(node, ast.ClassDef):
                    waiting.append((name, node))
            elif isinstance(node, ast.If | ast.Try | ast.With):
                waiting.append((prefix, node))


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, also those inside functions."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
