"""docs/reliability.md: the table of what was broken and what became of the tests. Pure."""

from collections.abc import Sequence

from tests.chaos.measure import Figures

HEAD = """# Reliability

What happens to a run's tests when something breaks. `make chaos` starts a real farm (Redis with its append-only file,
PostgreSQL, api, control, beat, two or three workers of 8 slots), runs suites whose outcomes are known, injects one
fault many times, and lets a program of its own (`tests/chaos/checker.py`) compare the store, the reports, the metrics
and the servers' own call logs with the truth. This page is its last result.

- **exposed**: tests without an outcome when the fault was first injected, in the run and in a small one beside it.
- **lost**: planned tests without an outcome. **accepted twice**: tests with a record too many.
- **stale rejected**: records under a lease that was no longer current: stored, shown, and counted for nothing.
- **recovery**: of each test whose lease was lost, from the fault to the start of the attempt under its next lease.
- **violations**: whatever else the checker found, listed below the table.
"""
COLUMNS = "| fault | injections | exposed | lost | accepted twice | stale rejected | p50 | p95 | max | violations |"
RULE = "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
MAX_SHOWN = 5


def render(rows: Sequence[Figures], command: str, machine: str, seed: int) -> str:
    """The page as Markdown."""
    lines = [HEAD, f"Command: `{command}`. Machine: {machine}. Seed: {seed}.", "", COLUMNS, RULE]
    lines += [_row(row) for row in rows]
    found = [line for row in rows for line in _violations(row)]
    return "\n".join([*lines, "", *(["## Violations", "", *found, ""] if found else [])])


def _row(row: Figures) -> str:
    cells = (row.fault, row.injections, row.exposed, row.lost, row.doubled, row.stale)
    times = (_seconds(row.recovery_s(0.5)), _seconds(row.recovery_s(0.95)), _seconds(row.recovery_s(1.0)))
    return "| " + " | ".join(str(cell) for cell in (*cells, *times, len(row.violations))) + " |"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _violations(row: Figures) -> list[str]:
    more = len(row.violations) - MAX_SHOWN
    shown = [f"- {row.fault}: {line}" for line in row.violations[:MAX_SHOWN]]
    return [*shown, f"- {row.fault}: and {more} more"] if more > 0 else shown
