"""How long files and functions may be, and that everything public says what it is for."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import MODULES, ROOT, Module, body_lines, definitions, functions

FILES = sorted(
    path for part in ("consent_core", "tests", "benchmarks") for path in (ROOT / part).rglob("*.py")
)

per_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_has_at_most_300_lines(path: Path) -> None:
    """A longer file is split by its subjects."""
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 300


@per_module
def test_a_function_has_at_most_40_lines(module: Module) -> None:
    """A function is as long as its thought, and its body, without docstring, fits on a screen."""
    assert {f.name: body_lines(f) for f in functions(module) if body_lines(f) > 40} == {}


@per_module
def test_a_module_has_a_docstring(module: Module) -> None:
    """Every module says in a sentence what it is."""
    assert ast.get_docstring(module.tree)


@per_module
def test_everything_public_has_a_docstring(module: Module) -> None:
    """Classes, functions, methods and properties without a leading underscore say what they are
    for.
    """
    silent = [
        name
        for name, node in definitions(module)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_the_measures_can_tell() -> None:
    """Docstrings do not count; methods and conditional definitions do."""
    text = 'class A:\n    def f(self):\n        """Says\n\n        much."""\n        a = 1\n\n'
    text += "        return a\n"
    module = Module("m", text + "if A:\n    async def g(): pass\n")
    assert [name for name, _ in definitions(module)] == ["m.A", "m.g", "m.A.f"]
    assert [body_lines(function) for function in functions(module)] == [3, 1]
