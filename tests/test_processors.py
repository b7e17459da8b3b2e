"""Clean values out of strings, on the printed forms of SITE's pages and on long nonsense."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observer_crawler import dates, processors

# The same cases each time: a failure here must mean that the code has changed.
always_alike = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("text", "places", "date"),
    [
        ("BEIJING, June 15: Text", ["BEIJING"], "2022-06-15"),
        ("PATNITALA, NAOGAON, Apr 26: Text", ["PATNITALA", "NAOGAON"], "2022-04-26"),
        ("COX'S BAZAR, Mar. 5: Text", ["COX'S BAZAR"], "2022-03-05"),
        ("ST. PETERSBURG, June 17: Text", ["ST. PETERSBURG"], "2021-06-17"),
        ("PORT-AU-PRINCE, Feb 29: Text", ["PORT-AU-PRINCE"], "2020-02-29"),
        ("SYLHET, Sept 31: Text", ["SYLHET"], None),
    ],
)
def test_a_dateline_is_dated_by_the_last_such_day(
    text: str, places: list[str], date: str | None
) -> None:
    split = dates.split_dateline(text, "2022-06-16")
    assert split is not None
    assert (split.places, split.date, split.rest) == (places, date, "Text")


@pytest.mark.parametrize(
    "text",
    [
        "Dhaka, June 15: it rained",
        "March 8: the day of women",
        "May I say: no",
        "The UN said on June 15: no",
        "BNP, Juneau 5: three",
        "BEIJING, June 15 went by",
    ],
)
def test_a_sentence_with_a_month_is_no_dateline(text: str) -> None:
    assert dates.split_dateline(text, "2022-06-16") is None


@pytest.mark.parametrize(
    ("text", "rest", "agency"),
    [
        ("gas consumers.    -AFP", "gas consumers.", "AFP"),
        ("he said. – BSS", "he said.", "BSS"),
        ("-UNB", "", "UNB"),
        ("he said. -UNB/BSS", "he said.", "UNB/BSS"),
        ("he said. -Xinhua", "he said.", "Xinhua"),
        ("বলেন তিনি। -বাসস", "বলেন তিনি।", "বাসস"),
    ],
)
def test_a_credit_at_the_end_is_split_off(text: str, rest: str, agency: str) -> None:
    split = processors.split_agency(text)
    assert split is not None
    assert (split[0], split[2]) == (rest, agency)


@pytest.mark.parametrize(
    "text",
    ["It starts at 6 -PM", "AFP reports", "told AFP", "he said.-AFP", "- Staff Reporter", "-SR"],
)
def test_the_end_of_a_sentence_is_no_credit(text: str) -> None:
    assert processors.split_agency(text) is None


@pytest.mark.parametrize(
    ("text", "at", "edition"),
    [
        ("Thursday, 16 June, 2022 at 12:00 AM", None, "print"),
        ("Thursday, 16 June, 2022 at 12:00 PM", "2022-06-16T12:00:00+06:00", "online"),
        ("Thursday, 16 June, 2022 at 12:30 AM", "2022-06-16T00:30:00+06:00", "online"),
        ("Thursday, 16 June, 2022", None, None),
    ],
)
def test_the_time_tells_the_edition(text: str, at: str | None, edition: str | None) -> None:
    assert dates.parse_published(text) == ("2022-06-16", at, edition)


@pytest.mark.parametrize(
    "text", ["31 June, 2022", "16 June, 0000", "16 Juny, 2022", "at 12:00 AM"]
)
def test_what_is_no_day_is_no_date(text: str) -> None:
    assert dates.parse_published(text) is None


@given(st.binary(max_size=200), st.text(max_size=30))
@always_alike
def test_decoded_bytes_are_text_that_can_be_written(body: bytes, charset: str) -> None:
    text = processors.decode(body, f"text/html; charset={charset}")
    assert "\x00" not in text
    assert text.encode().decode() == text


@pytest.mark.parametrize(
    "head",
    [
        "<html><head><meta charset=\"utf-8'><meta charset=windows-1251>",
        "<html><!--<head><meta charset=utf-8>--><meta charset=windows-1251>",
        "<!doctype html><html><head><meta charset=windows-1251><meta charset=utf-8>",
    ],
)
def test_the_first_charset_that_is_declared_is_the_one(head: str) -> None:
    body = head.encode() + "Дакка".encode("cp1251")
    assert processors.decode(body).endswith("Дакка")


@pytest.mark.parametrize(
    "meta",
    [
        "<meta charset='utf-8'/>",
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
    ],
)
def test_a_page_that_opens_in_utf_8_stays_in_it(meta: str) -> None:
    head = f"<!DOCTYPE html>\n<html lang='en'>\n<head>\n{meta}<meta charset=windows-1251>"
    assert processors.decode(head.encode() + "Дакка".encode()).endswith("Дакка")


def test_stray_bytes_are_mended_line_by_line_and_whole_letters_kept() -> None:
    body = b"\xe0\xa6\x95 \x96\n\xe0\xa6\ncaf\xe9\r\nplain\n"
    assert processors.decode(body) == "ক \u2013\nà¦\ncafé\r\nplain\n"


@given(st.text())
@always_alike
def test_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = processors.clean(text)
    assert cleaned is None or processors.clean(cleaned) == cleaned


READERS = {
    "dateline": lambda text: dates.split_dateline(text, "2022-06-16"),
    "agency": processors.split_agency,
    "date": dates.parse_published,
    "count": processors.parse_count,
    "initials": processors.is_initials,
    "letter": processors.opens_letter,
}
TILES = """A A, A. A'- - -A -A/ /a a/a & . , 1 1,000 12:00 1_june 1_june_2022 2022_at dear sir ( ()
– ১ জুন photo:""".split()


@pytest.mark.parametrize("reader", READERS)
@given(st.lists(st.sampled_from(TILES), min_size=1, max_size=3), st.booleans())
@settings(always_alike, max_examples=40)
def test_no_long_line_is_slow_to_read(reader: str, tiles: list[str], spaced: bool) -> None:  # noqa: FBT001 (drawn, not passed)
    tile = (" " if spaced else "").join(tiles).replace("_", " ") + " " * spaced
    line = (tile * (30_000 // len(tile))).strip()
    start = time.process_time()
    READERS[reader](line)
    READERS[reader](line + "!")
    assert time.process_time() - start < 2
