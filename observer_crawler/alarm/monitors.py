"""The monitors: what Spidermon runs at the end of a crawl. It judges; what is judged is ours.

One monitor a group of figures, so that a reader of its result sees at once what is wrong: the
fields, the text, the dates, the index. Spidermon's own extension is not used: it judges before a
run's exit code is known, and its history is a pickle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from spidermon import Monitor, MonitorSuite
from spidermon.runners import MonitorRunner

from observer_crawler.alarm.judging import Deviation, deviations
from observer_crawler.exceptions import AlarmError

if TYPE_CHECKING:
    from observer_crawler.alarm.figures import Figures
    from observer_crawler.alarm.judging import Baseline


class _Judge(Monitor):  # type: ignore[misc]  # it has no types
    """Fails with what deviates in the figures of its groups."""

    groups: ClassVar[tuple[str, ...]] = ()

    def _judge(self) -> None:
        found = [
            each
            for group in self.groups
            for each in deviations(self.data.figures, self.data.baseline, group)
        ]
        self.data.found.extend(found)
        if found:
            self.fail(", ".join(each.figure for each in found))


class Answers(_Judge):
    groups = ("answers", "pages")

    def test_the_site_answers_as_before(self) -> None:
        self._judge()


class Fields(_Judge):
    groups = ("fields", "sections")

    def test_fields_are_filled_as_before(self) -> None:
        self._judge()


class Text(_Judge):
    groups = ("text", "repeats", "revisits", "views")

    def test_texts_are_as_long_and_as_clean_as_before(self) -> None:
        self._judge()


class Dates(_Judge):
    groups = ("dates",)

    def test_dates_agree_with_the_index_and_the_clock(self) -> None:
        self._judge()


class Markup(_Judge):
    groups = ("markup", "language", "mends")

    def test_markup_and_language_are_those_of_before(self) -> None:
        self._judge()


class Links(_Judge):
    groups = ("boxes", "order", "yield", "index")

    def test_boxes_and_lists_show_as_much_as_before(self) -> None:
        self._judge()


class Drift(MonitorSuite):  # type: ignore[misc]  # as above
    monitors: ClassVar[list[type[Monitor]]] = [Answers, Fields, Text, Dates, Markup, Links]


def judge(figures: Figures, baseline: Baseline) -> list[Deviation]:
    """Run all monitors over a run; gives what deviates. A monitor that breaks is an error of ours."""
    found: list[Deviation] = []
    data: dict[str, Any] = {"figures": figures, "baseline": baseline, "found": found}
    result = MonitorRunner().run(Drift(), **data)
    for item in result.monitor_results:
        if item.status == "ERROR":
            raise AlarmError(f"the monitor {item.monitor} broke: {item.error}")
    return found


def monitor_of(figure: str) -> str:
    """Give the monitor that watches a figure.

    >>> monitor_of("fields/byline/online")
    'Fields'
    """
    group = figure.split("/", 1)[0]
    return next(each.__name__ for each in Drift.monitors if group in each.groups)
