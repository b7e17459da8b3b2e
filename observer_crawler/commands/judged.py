"""The last look at a run: what it was like, beside those before it, and what people must hear."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observer_crawler.alarm.figures import Figures
from observer_crawler.alarm.watching import close, standing_for, tell
from observer_crawler.commands import tell as to_terminal
from observer_crawler.commands.alarm_words import alarm_text, marked_text, over_text
from observer_crawler.commands.endings import Ending, unjudged, with_alarms
from observer_crawler.commands.receivers import receivers
from observer_crawler.exceptions import AlarmError
from observer_crawler.items import EXTRACTOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observer_crawler.alarm.alarms import Alarm
    from observer_crawler.alarm.figures import Gathering
    from observer_crawler.alarm.watching import Watched
    from observer_crawler.books import Books

logger = logging.getLogger(__name__)


def judged(spider: Any, books: Books, stats: Mapping[str, Any], ending: Ending) -> Ending:  # noqa: ANN401 (any of the house's)
    """Judge a run that has ended; gives its ending with the alarms that stand for it.

    A run that saw nothing has no figures, and what stands goes on to stand. Figures that cannot be
    read or written are for a person too: an alarm that is blind must not look like a good night.
    """
    gathering: Gathering | None = getattr(spider, "gathering", None)
    if gathering is None:
        return ending
    figures = _figures(spider, books, stats, ending)
    state = Path(books.segments.data) / "state"
    try:
        if gathering.states:
            standing = _say(close(state, figures, gathering, books.ledger))
        else:
            standing = standing_for(state, figures)
        ending = with_alarms(ending, len(standing))
        now = books.clock.now()
        for failure in tell(state, receivers(spider.settings, now), now):
            logger.warning("%s", failure)
    except AlarmError as err:
        logger.error("%s", err)  # noqa: TRY400 (a traceback says nothing more)
        return unjudged(ending)
    return ending


def _say(watched: Watched) -> list[Alarm]:
    """Tell the terminal; gives the alarms that stand."""
    for alarm in watched.over:
        to_terminal(over_text(alarm))
    for alarm in watched.standing:
        to_terminal(alarm_text(alarm))
    if watched.marked:
        to_terminal(marked_text(watched.marked))
    return watched.standing


def _figures(spider: Any, books: Books, stats: Mapping[str, Any], ending: Ending) -> Figures:  # noqa: ANN401 (as above)
    scope = spider.scope()
    prefix = "observer/pages/"
    return Figures(
        run=spider.gathering.started,
        spider=scope.spider,
        key=scope.key,
        ended=books.clock.now().isoformat(timespec="seconds"),
        code=ending.code,
        extractor=EXTRACTOR,
        requests=stats.get("observer/requests", 0),
        pages={
            name.removeprefix(prefix): count
            for name, count in stats.items()
            if name.startswith(prefix)
        },
    )
