"""All targets, by name."""

from __future__ import annotations

from tests.fuzz import pages

TARGETS = {target.name: target for room in (pages,) for target in room.TARGETS}
