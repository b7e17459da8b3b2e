"""What a replica is asked to be: every switch, its values and its default.

Nothing here knows how a page looks. A value that does not fit is refused at once, for a misspelt
switch would quietly test something else.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=6))
"""Dhaka keeps +06:00 the whole year."""

CHOICES: dict[str, tuple[str, ...]] = {
    "markup": ("2014", "2016", "2024"),
    "language": ("en", "bn"),
    "unknown_id": ("404", "soft", "soft-empty"),
    "past_end": ("empty", "repeat", "404"),
    "redirects": ("none", "current"),
    "old_forms": ("answer", "404"),
    "day_forms": ("all", "own"),
    "missing_day": ("404", "today", "empty"),
    "challenge": ("off", "page", "page-200", "403"),
    "robots": ("rules", "none", "forbid", "500"),
    "feed": ("on", "404"),
    "sitemap": ("on", "404"),
    "metadata": ("none", "canonical", "json-ld"),
    "charset": ("none", "header", "meta", "wrong"),
    "validators": ("none", "etag", "modified", "both"),
    "ai_robots": ("none", "signal", "signal-yes", "usage", "groups", "admin"),
    "ai_robots_then": ("same", "none", "signal", "signal-yes", "usage", "groups", "admin"),
    "ai_pages": ("none", "noai-header", "noai-meta", "tdm-header", "tdm-meta"),
}
"""The first value is the default, but for `markup` (2024) and `charset` (meta).

robots.txt says `ai_robots` for its first `ai_readings` readings, `ai_robots_then` from then on.
"""

NOWS = {
    "2014": "2014-09-06T21:00:00+06:00",
    "2016": "2022-06-16T21:00:00+06:00",
    "2024": "2025-06-16T21:00:00+06:00",
}
MOST_ARTICLES = 200_000


class OptionsError(ValueError):
    """A switch has a value that the replica does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One replica. `markup` and `now` left empty take the default that fits the others."""

    markup: str = ""
    skin: int = 1
    language: str = "en"
    articles: int = 300
    days: int = 10
    seed: int = 1
    now: str = ""
    unknown_id: str = "404"
    past_end: str = "empty"
    redirects: str = "none"
    old_forms: str = "answer"
    day_forms: str = "all"
    missing_day: str = "404"
    challenge: str = "off"
    robots: str = "rules"
    feed: str = "on"
    sitemap: str = "on"
    metadata: str = "none"
    charset: str = "meta"
    validators: str = "none"
    ai_robots: str = "none"
    ai_robots_then: str = "same"
    ai_readings: int = 1
    ai_pages: str = "none"
    latency_seconds: float = 0.0
    views_grow: bool = False
    plain: bool = False

    def __post_init__(self) -> None:
        """Fill the two defaults that depend on others, then check every value."""
        if not self.markup:
            object.__setattr__(self, "markup", "2016" if self.language == "bn" else "2024")
        for name, values in CHOICES.items():
            if getattr(self, name) not in values:
                raise OptionsError(_refusal(name, getattr(self, name), " or ".join(values)))
        if not self.now:
            object.__setattr__(self, "now", NOWS[self.markup])
        self._check_numbers()
        self.clock()

    def _check_numbers(self) -> None:
        ranges = {"skin": (1, 3), "articles": (1, MOST_ARTICLES), "days": (1, 5000)}
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise OptionsError(_refusal(name, getattr(self, name), f"{least} to {most}"))
        if self.ai_readings < 0:
            raise OptionsError(_refusal("ai_readings", self.ai_readings, "0 or more"))
        if self.latency_seconds < 0:
            raise OptionsError(_refusal("latency_seconds", self.latency_seconds, "0 or more"))
        if (self.language, self.markup) == ("bn", "2014"):
            raise OptionsError(_refusal("markup", "2014", "2016 or 2024 with language bn"))

    def clock(self) -> datetime:
        """Return `now` as an aware time in Dhaka; without an offset it is read as Dhaka's."""
        return read_time(self.now)

    def but(self, **changes: object) -> "Options":
        """Return these options with some changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def read_time(text: str) -> datetime:
    """Read an ISO time; a bare day is its first minute.

    >>> read_time("2022-06-16T21:00")
    datetime.datetime(2022, 6, 16, 21, 0, tzinfo=datetime.timezone(datetime.timedelta(seconds=21600)))
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as err:
        raise OptionsError(_refusal("now", text, "a time like 2022-06-16T21:00:00+06:00")) from err
    return time.astimezone(ZONE) if time.tzinfo else time.replace(tzinfo=ZONE)


def names() -> list[str]:
    """Return the names of all switches in their order."""
    return [field.name for field in fields(Options)]


def _refusal(name: str, got: object, expected: str) -> str:
    return f"replica: {name} must be {expected}, not {got!r}"
