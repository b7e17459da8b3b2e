"""How an archive crawl begins: what it asks for of the known, and where it starts.

The ledger is asked once, when the run has begun; whoever killed the run before left in it all
that this one needs.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.ledger import AFTER_ALL, State, Wish
from observer_crawler.spiders import choice, itinerary
from observer_crawler.spiders.itinerary import Itinerary
from observer_crawler.spiders.links import found
from observer_crawler.spiders.probing import BOX, draw
from observer_crawler.spiders.revisits import Revisits
from observer_crawler.spiders.signs import Signs
from observer_crawler.spiders.tally import Tally

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from observer_crawler.ledger import Found, Known, Ledger
    from observer_crawler.spiders.archive_arguments import ArchiveArguments
    from observer_crawler.spiders.names import Names
    from observer_crawler.spiders.probing import Drawn
    from observer_crawler.urls import Address

# The feed and what it shows go before all days.
FIRST = -1
_UNSETTLED = frozenset({State.SEEN, State.WAITING, State.OUTSIDE, State.FAILED, State.DENIED})
_ANSWERED = frozenset({State.READ, State.MISSING, State.REDIRECTED, State.REFUSED})
# A feed shows the newest articles: of a range that ended before yesterday it has none.
_FEED_DAYS = 1


class Opening:
    """The start of one run: its days (`trip`), what is visited again, signs of the site."""

    def __init__(self, asked: ArchiveArguments, ledger: Ledger, today: dt.date) -> None:
        self._asked = asked
        self._ledger = ledger
        self._today = today
        self.revisits = Revisits(ledger, asked.revisit)
        self.signs = Signs(ledger, asked.language)
        range_ = itinerary.range_of(asked, today, ledger.days.last_closed(asked.language))
        first = newspaper.FIRST_DAY.isoformat()
        known = ledger.days.within(asked.language, first, range_.last.isoformat())
        days = [] if asked.names_articles else range_.days
        if not (asked.names_articles or asked.has_dates):
            days += itinerary.open_days(known)
        self.trip = Itinerary(days, newest_first=asked.order == "newest")
        self._known = known

    def expected(self, day: str) -> int | None:
        """Say how many articles a day's index listed before this run; None: nobody knows."""
        row = self._known.get(day)
        return row.expected if row else None

    def wishes(self) -> list[Wish]:
        """Ask for articles that were seen, or not wanted before, and those due for a revisit."""
        asked = self._asked
        if asked.index_only:
            return []
        if asked.names_articles:
            return self._wishes_of(self._named)
        days: dict[str, Any] = {
            "language": asked.language,
            "first_day": asked.from_date and asked.from_date.isoformat(),
            "last_day": asked.until_date and asked.until_date.isoformat(),
        }
        return [
            Wish(_UNSETTLED, keep=self._keeps, rank=self._rank, **days),
            Wish(frozenset({State.WAITING}), orphans=True, rank=self._rank, **days),
            *self.revisits.wishes(keep=self._is_wanted, **days),
        ]

    def _wishes_of(self, named: Names | Drawn) -> list[Wish]:
        def keep(known: Known) -> bool:
            return known.name in named

        language = self._asked.language
        outside = Wish(frozenset({State.OUTSIDE}), language=language, keep=keep)
        return [outside, *self.revisits.wishes(language=language, keep=keep)]

    def _keeps(self, known: Known) -> bool:
        """Whether an article stands on a day; one that is only linked has none yet."""
        return bool(known.day or known.published) and self._is_wanted(known)

    def _is_wanted(self, known: Known) -> bool:
        return choice.is_wanted(self._asked, known.name, known.text)

    def _rank(self, known: Known) -> int:
        return self.trip.rank(known.day or known.published) + 1

    @cached_property
    def _named(self) -> Names | Drawn:
        """The articles that a run asks for by number; a probe draws them once the run has begun."""
        if self._asked.ids is not None:
            return self._asked.ids
        return draw(self._asked, self._ledger.path)

    def seeds(self) -> Iterator[Found]:
        """Give the articles that are named, or the feed and the days in their order."""
        asked = self._asked
        if asked.names_articles:
            box = "seed" if asked.probe is None else BOX
            for rank, article in enumerate(self._named):
                seed = found(article, box)
                yield seed._replace(rank=rank, again=self.revisits.begins_round)
            if self.signs.is_doubted:
                yield self.signs.front()
            return
        last = asked.until_date or self._today
        is_fed = newspaper.FEED and not asked.index_only
        if is_fed and (self._today - last).days <= _FEED_DAYS:
            feed = urls.parse(f"{newspaper.ORIGINS[asked.language]}{newspaper.FEED}")
            yield found(feed, "seed")._replace(rank=FIRST, again=True)
        again = self._again()
        for day in self.trip.days:
            yield self.index(day, "seed", again=day in again)

    def index(self, day: dt.date, box: str, *, again: bool) -> Found:
        """Give the index of a day as a link."""
        name, link = day.isoformat(), found(urls.day(day, self._asked.language), box)
        return link._replace(day=name, rank=self.trip.rank(name), again=again)

    def further(self, page: Address) -> Found:
        """Give a further page of an index as a link: it is read before the day's articles."""
        rank = self.trip.rank(page.day.isoformat() if page.day else None)
        return found(page, "paging")._replace(rank=rank, again=True)

    def _again(self) -> set[dt.date]:
        """Give the days to ask again, of those that are known and can still change."""
        is_doubted = self.signs.is_doubted
        unfinished = [day for day in self.trip.days if is_doubted or self._is_unfinished(day)]
        names = {urls.day(day, self._asked.language).name: day for day in unfinished}
        known = self._ledger.known(names)
        answered = {names[name] for name, found in known.items() if found.state in _ANSWERED}
        return answered | set(itinerary.last_days(self._today))

    def _is_unfinished(self, day: dt.date) -> bool:
        row = self._known.get(day.isoformat())
        return row is not None and not row.is_final

    def tally(self, now: float) -> Tally:
        """Count what there is to do, once the run has begun."""
        asked, ledger = self._asked, self._ledger
        queued = ledger.queued("day")
        waiting = {itinerary.day_of(name) for name in queued if not itinerary.is_further(name)}
        names = {day.isoformat() for day in self.trip.days} | waiting
        days = {name: self.expected(name) for name in names}
        days |= {name: 0 for name in names & self._known.keys() if days[name] is None}
        due, later = ledger.left(now)
        others = len(ledger.queued("feed")) + len(ledger.queued("front"))
        others += sum(ledger.left(now, AFTER_ALL))
        articles = due + later - len(queued) - others
        named = len(self._named) if asked.names_articles else 0
        return Tally(days, waiting, articles, choice.share_of(asked), named, later=later)
