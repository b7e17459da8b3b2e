"""All targets, by name."""

from __future__ import annotations

from tests.fuzz import addresses, answers, folders, pages, records, words

_ROOMS = (pages, addresses, words, answers, records, folders)
TARGETS = {target.name: target for room in _ROOMS for target in room.TARGETS}
