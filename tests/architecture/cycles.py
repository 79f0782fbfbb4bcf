"""Finds import cycles, by Tarjan's algorithm for strongly connected components."""

from collections.abc import Iterable, Mapping

from tests.architecture.source import Module, imports


def graph(modules: Iterable[Module]) -> dict[str, set[str]]:
    """Which of the modules each of them imports.

    Imports inside functions and below ``TYPE_CHECKING`` count: whoever reads one module of a cycle
    has to read them all, whether or not Python could load them.
    """
    imported = {module.name: set(imports(module)) for module in modules}
    return {name: others & imported.keys() for name, others in imported.items()}


def cycles(imported: Mapping[str, set[str]]) -> list[list[str]]:
    """Every group of modules that reach each other, each group sorted by name."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        numbers[name] = lowest[name] = len(numbers)
        waiting.append(name)
        for other in sorted(imported[name]):
            if other not in numbers:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in waiting:
                lowest[name] = min(lowest[name], numbers[other])
        if lowest[name] == numbers[name]:
            start = waiting.index(name)
            group = waiting[start:]
            del waiting[start:]
            if len(group) > 1 or name in imported[name]:
                found.append(sorted(group))

    for name in imported:
        if name not in numbers:
            visit(name)
    return found
