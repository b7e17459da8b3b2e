"""Which two texts are copies of one another, and which only look so."""

from __future__ import annotations

import random

import pytest

from observer_crawler.dataset.likeness import COPY, KIN, OTHER, likeness
from observer_crawler.dataset.signatures import bands_of
from observer_crawler.dataset.words import NAME, NUMBER, text_of
from tests.cpu import at_most
from tests.retold import edited, story

BRIDGE = """\
Work on a second bridge over the river will begin in November, the roads minister told reporters \
after a meeting in Khulna on Monday. The bridge is to be 2.4 kilometres long and will carry four \
lanes of traffic and a railway line.
Farmers on both banks have waited for it since 1998, when a ferry with 80 people on board sank in \
a storm. Their leader Abdul Karim said that vegetables often rot on the trucks, for the ferries \
stop at night and whenever there is fog.
The bank that lends the money has asked for a study of the fish that pass below. It will be ready \
in spring, said an engineer who did not want to be named.""".split("\n")
WEATHER = (
    "Light to moderate rain is likely at many places over {} and {} divisions till 6 pm on {}, "
    "the weather office said. The highest temperature of the country was {} degrees Celsius in {}, "
    "the lowest {} degrees in {}. Day temperature may rise slightly over the country."
)
BANGLA = (
    "রাজধানীর বাজারে প্রতি কেজি চাল {} টাকায় এবং পেঁয়াজ {} টাকায় বিক্রি হয়েছে বলে ব্যবসায়ীরা জানিয়েছেন। গত "
    "সপ্তাহে চালের দাম ছিল {} টাকা আর পেঁয়াজের দাম ছিল {} টাকা। ক্রেতারা বলছেন বাজারে নজরদারি আরও বাড়ানো দরকার।"
)


def judged(one: list[str], other: list[str], *headlines: str) -> int:
    """Judge two texts; the same whichever comes first."""
    first, second = headlines or ("One", "Another")
    texts = text_of(first, one), text_of(second, other)
    found = likeness(*texts)
    assert found == likeness(*reversed(texts))
    return found


@pytest.mark.parametrize("share", [0.01, 0.05, 0.10])
def test_a_text_with_one_to_ten_words_in_a_hundred_edited_is_a_copy(share: float) -> None:
    for seed in range(30):
        draw = random.Random(seed)
        body = story(draw)
        assert judged(body, edited(body, share, draw)) == COPY


def test_a_cut_last_paragraph_leaves_a_copy() -> None:
    assert judged(BRIDGE, BRIDGE[:-1]) == COPY


def test_another_dateline_and_credit_leave_a_copy() -> None:
    one = [f"KHULNA, Apr 26 (BSS) - {BRIDGE[0]}", *BRIDGE[1:], "-BSS"]
    other = [f"DHAKA, April 27: {BRIDGE[0]}", *BRIDGE[1:], "Reuters/AFP"]
    assert judged(one, other) == COPY


def test_quotes_dashes_and_capitals_do_not_count() -> None:
    assert judged(
        ["He said “no” – and left the hall, " * 6], ['he said "no" - AND left the hall ' * 6]
    )


def test_two_stories_of_one_headline_are_none() -> None:
    draw = random.Random(1)
    assert judged(story(draw), story(draw), "Dengue: two die", "Dengue: two die") == OTHER


def test_a_story_that_quotes_another_one_in_part_is_none() -> None:
    own = story(random.Random(2), 2)
    for quoted in (BRIDGE[:1], BRIDGE[1:], BRIDGE):
        assert judged(BRIDGE, [*own, *quoted]) < COPY
        assert judged(BRIDGE, [own[0], *quoted, own[1]]) < COPY


def test_another_lead_over_the_same_background_is_none() -> None:
    assert judged(BRIDGE, [*story(random.Random(3), 1), *BRIDGE[1:]]) < COPY


def test_boilerplate_of_an_agency_makes_no_copy() -> None:
    rights = [f"DHAKA, June 1 (UNB) - {{}} {' '.join(BRIDGE[2:])}"]
    one, other = ([text] for text in ("Two boats sank off the coast.", "A school was opened."))
    assert judged([rights[0].format(one[0])], [rights[0].format(other[0])]) < COPY


def test_a_form_filled_in_anew_is_kin_and_no_copy() -> None:
    one = WEATHER.format("Dhaka", "Sylhet", "Monday", "34.5", "Jashore", "24.1", "Rangpur")
    other = WEATHER.format("Khulna", "Barishal", "Friday", "31.0", "Feni", "22.8", "Bogura")
    assert judged([one], [other]) == KIN


def test_a_form_without_capitals_is_told_by_its_numbers() -> None:
    one, other = BANGLA.format("৫২", "৭০", "৪৮", "৬৫"), BANGLA.format("৬১", "৯৫", "৫৭", "৮৮")
    assert judged([one], [other]) == KIN
    assert judged([one], [one.replace("রাজধানীর", "ঢাকার")]) == COPY


def test_a_corrected_number_leaves_a_copy() -> None:
    assert judged(BRIDGE, [part.replace("80", "86") for part in BRIDGE]) == COPY


def test_a_name_spelt_otherwise_leaves_a_copy() -> None:
    assert judged(BRIDGE, [part.replace("Karim", "Kareem") for part in BRIDGE]) == COPY


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("Photo: Observer", "Photo: Observer", OTHER),  # under two headlines
        ("A boy sells balloons at a fair by the river.", "A boy sells balloons at a fair by the river.", COPY),
        ("A boy sells balloons at a fair by the river.", "A girl sells balloons at a fair by the river.", COPY),
        ("A boy sells balloons at a fair by the river.", "A girl sells flowers at a fair by the river.", KIN),
        ("Rain fell in Dhaka on Monday and cars stood in water.", "Rain fell in Sylhet on Monday and cars stood in water.", KIN),
        ("Gold costs 500 taka more from today in the shops.", "Gold costs 900 taka more from today in the shops.", KIN),
    ],
)  # fmt: skip
def test_captions_have_a_rule_of_their_own(one: str, other: str, found: int) -> None:
    assert judged([one], [other]) == found


def test_two_texts_without_a_word_are_no_copies() -> None:
    assert likeness(text_of(None, []), text_of(None, ["..."])) == OTHER


def test_numbers_and_names_are_facts() -> None:
    text = text_of(
        None, ["Rain fell. The Fire Service saved Karim and 3 of the two boats at 2.5."]
    )
    facts = [(word, kind) for word, kind in zip(text.words, text.kinds, strict=True) if kind]
    assert [word for word, kind in facts if kind == NAME] == ["the", "fire", "service", "karim"]
    assert [word for word, kind in facts if kind == NUMBER] == ["3", "two", "2.5"]


def test_a_text_in_capitals_has_no_names() -> None:
    assert NAME not in text_of(None, [" ".join(BRIDGE).upper()]).kinds


def test_the_library_signs_as_it_did() -> None:
    """What is kept names its version; this names the numbers, should one version change them."""
    assert bands_of(BRIDGE)[:3] == [3600520453, 3074500103, 540031466]


def test_copies_agree_in_a_band() -> None:
    draw = random.Random(4)
    pairs = [(body, edited(body, 0.10, draw)) for body in (story(draw) for _ in range(300))]
    met = [any(a == b for a, b in zip(bands_of(x), bands_of(y), strict=True)) for x, y in pairs]
    assert all(met)


def test_two_texts_of_a_million_letters_are_compared_in_no_time() -> None:
    draw = random.Random(1)
    words = ["".join(draw.choices("bdfgklmnprst", k=7)) for _ in range(120_000)]
    changed = [f"{word}x" if number % 20 == 0 else word for number, word in enumerate(words)]
    one, other = (text_of(None, [" ".join(each)]) for each in (words, changed))
    with at_most(2.0):
        assert likeness(one, other) == COPY
