"""A limit on the CPU that a block of a test may take."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import NoReturn


class TooLong(BaseException):
    """Raised in a block that takes more than it may; no `except Exception` may catch it."""


@contextmanager
def at_most(cpu_seconds: float) -> Iterator[None]:
    """Raise TooLong in a block that takes more, and do not wait until it is done."""

    def give_up(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise TooLong(f"took more than {cpu_seconds} CPU seconds")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
