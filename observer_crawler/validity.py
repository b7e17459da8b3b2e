"""Whether an article may be stored: of the shape promised, not empty, of a possible day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from observer_crawler import schema, site
from observer_crawler.exceptions import RefusedArticle
from observer_crawler.items import to_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observer_crawler.items import Article


def validate(article: Article) -> None:
    """Raise RefusedArticle unless the article may be stored."""
    record = to_record(article)
    if missing := [name for name in schema.REQUIRED if not record[name]]:
        raise RefusedArticle("incomplete", f"{', '.join(missing)} missing")
    if problem := next(schema.problems(record), None):
        raise RefusedArticle("untyped", problem)
    if not (article.headline or article.body or article.images):
        raise RefusedArticle("empty", "neither headline nor body nor image")
    _check_date(article)


def _check_date(article: Article) -> None:
    """Refuse a day before the first one, or one that no edition can have gone up for yet.

    Both ends are days in the newspaper's zone, wherever this machine stands.
    """
    if article.published_date is None or article.fetched_at is None:
        return
    published = dt.date.fromisoformat(article.published_date)
    try:
        fetched = dt.datetime.fromisoformat(article.fetched_at).astimezone(site.ZONE).date()
        last = fetched + dt.timedelta(days=site.DAYS_AHEAD)
    except OverflowError as err:
        raise RefusedArticle("untyped", f"fetched_at is {article.fetched_at}") from err
    if published < site.FIRST_DAY:
        raise RefusedArticle("date_too_early", f"{published} is before {site.FIRST_DAY}")
    if published > last:
        raise RefusedArticle(
            "date_too_late", f"{published} is over {site.DAYS_AHEAD} days after {fetched}"
        )


def lost(now: Mapping[str, Any], stored: Mapping[str, Any]) -> str:
    """Name what a stored text has and a new one lacks, its headline or its body; empty for neither.

    No editor takes away all of either: a page was cut, or a wall stands in its place.

    >>> lost({"headline": "A", "body": []}, {"headline": "A", "body": ["One."]})
    'body'
    """
    gone = (name for name in ("headline", "body") if stored.get(name) and not now.get(name))
    return next(gone, "")
