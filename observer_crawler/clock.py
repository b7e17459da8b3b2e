"""The one clock of a crawl. A run under test may begin at another moment; time goes on from there."""

from __future__ import annotations

import datetime as dt


class Clock:
    """Tells the time, in UTC or in seconds since 1970."""

    def __init__(self, start: str = "") -> None:
        """`start` (ISO 8601 with its zone) stands for this moment; empty is the real clock."""
        now = dt.datetime.now(dt.UTC)
        self._ahead = dt.datetime.fromisoformat(start) - now if start else dt.timedelta(0)

    def go_on_from(self, moment: dt.datetime) -> None:
        """Take a moment for now, unless it is past already: a replay's clock are its records."""
        self._ahead = max(self._ahead, moment - dt.datetime.now(dt.UTC))

    def now(self) -> dt.datetime:
        """Give the moment, aware, in UTC."""
        return dt.datetime.now(dt.UTC) + self._ahead

    def seconds(self) -> float:
        """Give the moment in seconds since 1970."""
        return self.now().timestamp()
