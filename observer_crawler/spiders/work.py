"""How far a run is, as it tells whoever watches. Knows nothing."""

from __future__ import annotations

from typing import NamedTuple


class Work(NamedTuple):
    """How far a run is that knows its end; asked each second, so it must cost nothing.

    `all` is an estimate until all days are read. `done` counts articles with a final state,
    `days_done` day indexes that were read; both count what earlier runs did, so that they grow
    from run to run.
    """

    done: int
    all: int
    days_done: int = 0
    days_all: int = 0
