"""What PostgreSQL does with the statements of the library: its plans, for exactly what was sent."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine, event


def plans_of(
    engine: Engine, call: Callable[[], object], *, run: bool = False
) -> list[dict[str, Any]]:
    """The plan of every statement that a call sends through an engine, with the values that were
    sent.

    Args:
        engine: what the call uses.
        call: sends statements.
        run: run the statements once more, so that the plans tell what was done; for statements that
            only read.
    """
    explain = f"EXPLAIN (FORMAT JSON, ANALYZE {'ON' if run else 'OFF'})"
    sent: list[tuple[str, Any]] = []

    def listen(
        _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        sent.append((statement, values[0] if many else values))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        call()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    with engine.connect() as connection:
        rows = [
            connection.exec_driver_sql(f"{explain} {sql}", values).scalar_one()
            for sql, values in sent
        ]
    return [row[0]["Plan"] for row in rows]


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's node and all below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)


def tables_of(plan: dict[str, Any]) -> list[str]:
    """The tables, or partitions, that a plan looks into, by any way."""
    return sorted({node["Relation Name"] for node in _scans(plan)})


def visited(plan: dict[str, Any]) -> list[str]:
    """The tables, or partitions, that were looked into when the plan was run."""
    return sorted({node["Relation Name"] for node in _scans(plan) if node["Actual Loops"]})


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes that read a table; others read what a function gives, or change a table."""
    return (
        node
        for node in nodes_of(plan)
        if node["Node Type"].endswith("Scan") and "Relation Name" in node
    )


def indexes_of(plan: dict[str, Any]) -> set[str]:
    """The indexes that a plan uses."""
    return {node["Index Name"] for node in nodes_of(plan) if "Index Name" in node}


def scanned(plan: dict[str, Any]) -> list[str]:
    """The tables that a plan reads from end to end."""
    return [node["Relation Name"] for node in nodes_of(plan) if node["Node Type"] == "Seq Scan"]
