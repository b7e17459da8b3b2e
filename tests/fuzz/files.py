"""A folder of this process for readers that want a file, and JSON with something odd in it."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

# Memory where there is some: a million files are written.
_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder within it, of our own)
_PREFIX = "observer-fuzz-"


def folder() -> Path:
    """Give a folder of this process, which goes with it."""
    return _folder(os.getpid())


@cache
def _folder(process: int) -> Path:
    made = tempfile.mkdtemp(prefix=f"{_PREFIX}{process}-", dir=_home())
    # A forked process of multiprocessing ends without atexit: whoever started it sweeps.
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def _home() -> Path:
    return _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())


def sweep(process: int) -> None:
    """Remove the folder of a process that has ended."""
    for made in _home().glob(f"{_PREFIX}{process}-*"):
        shutil.rmtree(made, ignore_errors=True)


def placed(name: str, data: bytes) -> Path:
    """Write a file into the folder of this process."""
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


_ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        float("inf"),
        float("nan"),
        "",
        "x",
        "\x00",
        "\ud800",
        "\u2028",
    ),
    *(
        "9" * 5_000,
        "20220616120000",
        "2022-06-16",
        "٣",
        "²",
        "-",
        [],
        {},
        [[]],
        [None],
        {"": ""},
        ["x", 1],
    ),
)


def json_mutated(random: Random, value: Any) -> Any:  # noqa: ANN401 (whatever JSON can say)
    """Put something odd in the place of one part of a value, or take the part away."""
    if isinstance(value, dict) and value and random.randrange(8):
        name = random.choice([*value])
        rest = {key: one for key, one in value.items() if key != name}
        match random.randrange(12):
            case 0:
                return rest
            case 1:
                return {**value, random.choice(("x", "", "version", "id")): random.choice(_ODD)}
            case _:
                return {**value, name: json_mutated(random, value[name])}
    if isinstance(value, list) and value and random.randrange(8):
        at = random.randrange(len(value))
        changed = json_mutated(random, value[at])
        return [*value[:at], *([changed] * random.choice((0, 1, 1, 1, 1, 2))), *value[at + 1 :]]
    return random.choice(_ODD)
