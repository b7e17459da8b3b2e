"""What counts as right, as null and as differing when a mutated night is judged."""

from __future__ import annotations

import pytest

from observer_crawler.pages import read_page
from observer_crawler.replica import Options
from tests.drift import _is_less, _is_right
from tests.mutations import IDENTITY, Mutation
from tests.nights import Site

DATELINE = {"text": "OSLO, Aug 28:", "places": ["OSLO"], "date": "2025-08-28"}
CAPTION = {"kind": "caption", "text": "A boat."}
AGENCY = {"kind": "agency", "text": "-AFP"}
OFFER = {"kind": "advertisement", "text": "Sponsored Tea"}
CUT = Mutation("cut", "The end is gone.", IDENTITY.mutate, gone=("removed",))


def test_a_dateline_without_its_day_is_null_there() -> None:
    assert _is_less("dateline", {**DATELINE, "date": None}, DATELINE, IDENTITY)
    assert not _is_less("dateline", {**DATELINE, "date": "2024-08-28"}, DATELINE, IDENTITY)
    assert not _is_less("dateline", {**DATELINE, "places": []}, DATELINE, IDENTITY)
    assert not _is_less("dateline", DATELINE, None, IDENTITY)


def test_fewer_removed_pieces_are_null_where_their_text_is_gone() -> None:
    assert _is_less("removed", [CAPTION], [CAPTION, AGENCY], CUT)
    assert not _is_less("removed", [CAPTION], [CAPTION, AGENCY], IDENTITY)
    assert not _is_less("removed", [OFFER], [CAPTION, AGENCY], CUT)


@pytest.mark.parametrize("value", [[CAPTION, OFFER, AGENCY], [AGENCY, CAPTION]])
def test_removed_pieces_may_move_and_adverts_be_added(value: list[dict[str, str]]) -> None:
    assert _is_right("removed", value, [CAPTION, AGENCY])


@pytest.mark.parametrize("value", [[CAPTION], [CAPTION, CAPTION, AGENCY], [{**CAPTION}, OFFER]])
def test_other_pieces_differ(value: list[dict[str, str]]) -> None:
    assert not _is_right("removed", value, [CAPTION, AGENCY])


@pytest.mark.parametrize("markup", ["2014", "2016"])
def test_the_template_of_another_year_shows_the_same_story(markup: str) -> None:
    site = Site(Options(markup="2024", articles=30, days=2, seed=3))
    site.mutate = lambda answer, asked: answer.but(body=asked.other(markup, 1))
    truth = [fact["article"] for fact in site.facts() if fact["article"]]
    for right in truth[-5:]:
        body = site.get(f"/news/{right['id'].partition(':')[2]}").body
        article = read_page(body, right["url"]).article
        assert article is not None
        assert (article.markup, article.headline) == (markup, right["headline"])
        assert (article.body, article.related) == (right["body"], right["related"])
