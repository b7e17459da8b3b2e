"""All faults, in the order of the README, and its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile import body, connection, content, maze, redirect, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.rows import Case

FAULTS = (
    *connection.FAULTS,
    *status.FAULTS,
    *body.FAULTS,
    *content.FAULTS,
    *redirect.FAULTS,
    *maze.FAULTS,
)


def rows() -> Iterator[tuple[str, Case]]:
    """Give each case with its name."""
    for fault in FAULTS:
        yield from ((f"{fault.name}; {case.name}", case) for case in fault.cases)


def readme() -> str:
    """Write the README's table."""
    head = "| what the site does | what you will see | what is stored | what to do |\n|---|---|---|---|\n"
    lines = ((fault.name, fault.seen, fault.stored, fault.todo) for fault in FAULTS)
    return head + "".join(f"| {' | '.join(line)} |\n" for line in lines)
