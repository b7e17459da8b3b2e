"""Everything that goes wrong on the newspaper's real pages, each with a name and a rate.

A rate holds among the pages where the oddity can occur at all (a second dateline place needs a
dateline); each is high enough for ten cases in 3,000 articles. Where the rate is None the oddity
follows from something else: the clock, the calendar, the article's own number.
"""

ODDITIES: dict[str, float | None] = {
    # the head of a story
    "no_headline": 0.02,
    "repeated_headline": 0.03,
    "shoulder_above": 0.10,
    "shoulder_below": 0.04,
    "shoulder_both": 0.015,
    "no_count": 0.03,
    "count_with_comma": None,
    "no_time": 0.03,
    "empty_section": 0.03,
    "no_byline": 0.25,
    "two_bylines": 0.05,
    "print_edition": None,
    "online_edition": None,
    "print_of_tomorrow": None,
    # pictures
    "no_picture": 0.22,
    "picture_only_in_og": 0.3,
    "two_pictures": 0.06,
    "captions_glued": 0.35,
    "caption_twice": 0.45,
    "caption_is_headline": 0.08,
    "caption_without_row": 0.10,
    "no_caption": 0.05,
    "caption_credit": 0.30,
    "picture_in_body": 0.12,
    "og_default": 0.10,
    "og_broken": 0.04,
    # the text
    "bare_lead": 0.6,
    "all_bare": 0.25,
    "advert_between": 0.4,
    "advert_in_sentence": 0.07,
    "advert_with_text": 0.35,
    "lead_glued_to_advert": 0.3,
    "dateline": 0.45,
    "dateline_two_places": 0.3,
    "dateline_day_before": None,
    "agency_after_spaces": 0.12,
    "agency_after_space": 0.06,
    "agency_after_five_spaces": 0.05,
    "agency_on_own_line": 0.05,
    "agency_broken_dash": 0.04,
    "agency_in_sentence": 0.08,
    "initials": 0.25,
    "cp1252_letter": 0.03,
    "cp1252_dash": 0.03,
    "typographic_marks": 0.12,
    "email_hidden": 0.03,
    "sub_heading": 0.10,
    "letter": 0.3,
    "letter_signed_with_initials": 0.35,
    "link_in_text": 0.08,
    "inline_tags": 0.15,
    "tags_in_line": 0.3,
    "tags_as_links": 0.4,
    "zero_width_joiner": 0.3,
    # boxes and links
    "own_story_in_related": 0.75,
    "related_to_missing": 0.03,
    "short_related": 0.05,
    "link_other_form": 0.20,
    "link_plain_http": 0.04,
    "link_bare_host": 0.04,
    "link_upper_case": 0.02,
    "link_fragment": 0.03,
    "link_full": 0.08,
    # days and authors
    "day_without_print": None,
    "day_500_at_first": 0.06,
    "author_not_found": 0.35,
    "author_in_bangla": None,
}
"""Name to rate. Of those that do not occur everywhere see `IMPOSSIBLE`."""

IMPOSSIBLE: dict[str, frozenset[str]] = {
    "2014": frozenset({"tags_in_line", "tags_as_links", "link_other_form", "link_upper_case"}),
    "2016": frozenset(),
    "2024": frozenset(),
    "en": frozenset({"zero_width_joiner"}),
    "bn": frozenset(
        "dateline dateline_two_places dateline_day_before initials letter_signed_with_initials"
        " cp1252_letter author_in_bangla link_other_form link_upper_case link_bare_host".split()
    ),
}
"""What cannot occur in a markup or in a language: space `a` and Bangla have one form only, 2014
shows no tags; Bangla has no capitals."""
