"""The last look at a run: what it was like, beside those before it, and what people must hear."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observer_crawler.alarm.figures import Figures
from observer_crawler.alarm.watching import close
from observer_crawler.commands.alarm_words import alarm_text, marked_text, over_text
from observer_crawler.commands.endings import Ending, with_alarms
from observer_crawler.exceptions import AlarmError
from observer_crawler.items import EXTRACTOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observer_crawler.alarm.figures import Gathering
    from observer_crawler.books import Books

logger = logging.getLogger(__name__)


def judged(spider: Any, books: Books, stats: Mapping[str, Any], ending: Ending) -> Ending:  # noqa: ANN401 (any of the house's)
    """Judge a run that has ended; gives its ending with the alarms that stand for it.

    A run that saw nothing has no figures. An alarm that cannot be written is said, and the run
    ends as it would have.
    """
    gathering: Gathering | None = getattr(spider, "gathering", None)
    if gathering is None or not gathering.states:
        return ending
    state = Path(books.segments.data) / "state"
    try:
        watched = close(state, _figures(spider, books, stats, ending), gathering, books.ledger)
    except AlarmError as err:
        logger.error("%s", err)  # noqa: TRY400 (a traceback says nothing more)
        return ending
    for alarm in watched.over:
        print(over_text(alarm), file=sys.stderr)
    for alarm in watched.standing:
        print(alarm_text(alarm), file=sys.stderr)
    if watched.marked:
        print(marked_text(watched.marked), file=sys.stderr)
    return with_alarms(ending, len(watched.standing))


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
