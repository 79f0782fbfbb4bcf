"""No import cycle exists among the modules of the package."""

import pytest

from tests.architecture.cycles import cycles, graph
from tests.architecture.source import MODULES, Module


def test_no_module_imports_itself_through_others() -> None:
    """Modules can be read from the bottom up: each only needs those below it."""
    assert cycles(graph(MODULES)) == []


@pytest.mark.parametrize(
    ("imported", "expected"),
    [
        ({"a": set()}, []),
        ({"a": {"b", "c"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"a"}}, [["a"]]),
        ({"a": {"b"}, "b": {"a"}}, [["a", "b"]]),
        ({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}}, [["b", "c", "d"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"a", "d"}, "d": {"c"}}, [["a", "b"], ["c", "d"]]),
    ],
)
def test_the_check_finds_every_cycle(
    imported: dict[str, set[str]], expected: list[list[str]]
) -> None:
    """Chains and diamonds are no cycles; loops of any length are, also behind other modules."""
    assert cycles(imported) == expected


@pytest.mark.parametrize(
    "text",
    [
        "from consent_core.domain import errors",
        "from . import errors",
        "def late():\n    import consent_core.domain.errors",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .errors import ConsentError",
    ],
)
def test_imports_for_types_and_in_functions_count(text: str) -> None:
    """Each way to import closes a cycle."""
    one = Module("consent_core.domain.checks", text)
    other = Module("consent_core.domain.errors", "from .checks import invalid")
    assert cycles(graph([one, other])) == [[one.name, other.name]]
