"""The adapter of the documents keeps every promise on a real Redis, and is short."""

import ast
import sys
from typing import Final

from tests.docs.markdown import ROOT

EXAMPLES: Final = ROOT / "docs" / "examples"
sys.path.append(str(EXAMPLES))

from test_redis_store import TestAsyncRedis, TestRedis, address  # noqa: E402  # needs the path

__all__ = ["TestAsyncRedis", "TestRedis", "address"]


def code_lines(source: str) -> int:
    """Lines of a program without blank lines, comments and docstrings."""
    tree = ast.parse(source)
    told = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = enumerate(map(str.strip, source.splitlines()), start=1)
    return sum(bool(line) and line[0] != "#" and number not in told for number, line in lines)


def test_an_adapter_takes_eighty_lines() -> None:
    """For sync and async, with all that the port asks for."""
    assert code_lines('"""A\n\nb."""\n# c\n\ndef f():\n    """D."""\n    return 1\n') == 2
    assert code_lines((EXAMPLES / "redis_store.py").read_text("utf-8")) <= 80
