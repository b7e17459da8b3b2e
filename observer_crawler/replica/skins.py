"""Three skins a markup: what the templates do not say for themselves.

A skin's template is `templates/MARKUP-SKIN.html`; here stands how it writes links, in what order
its link groups come, and what its Bangla calls things (nobody knows the real words).
"""

from dataclasses import dataclass

_MENUS = ("feed", "top", "search", "menu_print", "menu_online")
_FRONT = (*_MENUS, "calendar", "promo", "ticker")
_STORY = ("crumb", "byline", "tools", "main", "paging", "body", "tags", "previous", "next")
_BOXES = ("related", "latest", "most_read")
_PLAIN_ORDER = (*_FRONT, *_STORY, *_BOXES, "footer")
_CALENDAR_LAST = (*_MENUS, "promo", "ticker", *_STORY, *_BOXES, "calendar", "footer")
_SIDE_FIRST = (*_FRONT, "latest", "most_read", *_STORY, "related", "footer")


@dataclass(frozen=True, slots=True)
class Skin:
    """How one skin writes.

    `style`: relative, rooted, full or scheme (`//host/path`). `base`: the <base href>, or none.
    `pictured`: related stories carry a picture link before the link with the text.
    `crumb`: the line `Home <Section>` exists. `escape`: & in addresses is written &amp;.
    """

    style: str
    base: str = ""
    quote: str = '"'
    upper: bool = False
    escape: bool = True
    pictured: bool = False
    crumb: bool = True
    order: tuple[str, ...] = _PLAIN_ORDER


SKINS: dict[tuple[str, int], Skin] = {
    ("2014", 1): Skin("relative", upper=True, escape=False, order=_CALENDAR_LAST),
    ("2014", 2): Skin("relative", base="{http}/", quote="'", escape=False, order=_SIDE_FIRST),
    ("2014", 3): Skin("full", crumb=False, pictured=True),
    ("2016", 1): Skin("relative", escape=False, order=_SIDE_FIRST),
    ("2016", 2): Skin("rooted", quote="", pictured=True),
    ("2016", 3): Skin("relative", base="{https}/", quote="'"),
    ("2024", 1): Skin("rooted", pictured=True, order=_CALENDAR_LAST),
    ("2024", 2): Skin("full", quote="", order=_SIDE_FIRST),
    ("2024", 3): Skin("scheme", base="/", quote="'", escape=False),
}

_ENGLISH = {
    "home": "Home",
    "published": "Published :",
    "count": "Count :",
    "ticker": "latest",
    "related": "You Might Also Like",
    "latest": "Latest News",
    "most_read": "Most Read News",
    "previous": "« Previous",
    "next": "Next »",
    "tags": "Related Topics",
    "search": "Advance Search",
    "archive": "Archive",
    "not_found": "Author Information Not Found!!!",
    "more": "Read more",
    "paper": "The Daily Observer",
    "imprint": "Editor : Nobody in Particular. Published on loopback, 1 Sample Road, for tests.",
}
_BANGLA = {
    "ticker": "সর্বশেষ",
    "search": "বিস্তারিত অনুসন্ধান",
    "archive": "আর্কাইভ",
    "more": "বিস্তারিত",
    "paper": "দৈনিক অবজারভার",
    "imprint": "সম্পাদক : কেউ নন। পরীক্ষার জন্য লুপব্যাক থেকে প্রকাশিত।",
}
_BANGLA_BY_SKIN: dict[str, tuple[str, str, str]] = {
    "home": ("হোম", "প্রচ্ছদ", "হোম"),
    "published": ("প্রকাশ :", "প্রকাশিত :", "প্রকাশের সময় :"),
    "count": ("পড়া হয়েছে :", "পঠিত :", "দেখা হয়েছে :"),
    "related": ("আরও পড়ুন", "আরো খবর", "সংশ্লিষ্ট খবর"),
    "latest": ("সর্বশেষ সংবাদ", "সর্বশেষ খবর", "সর্বশেষ"),
    "most_read": ("সর্বাধিক পঠিত", "সবচেয়ে পঠিত", "জনপ্রিয় খবর"),
    "previous": ("আগের খবর", "« পূর্ববর্তী", "« আগের"),
    "next": ("পরের খবর", "পরবর্তী »", "পরের »"),
    "tags": ("বিষয় :", "ট্যাগ :", "সম্পর্কিত বিষয়"),
}


def words(language: str, skin: int) -> dict[str, str]:
    """Return what a skin calls the parts of a page."""
    if language == "en":
        return _ENGLISH
    own = {name: options[skin - 1] for name, options in _BANGLA_BY_SKIN.items()}
    return _ENGLISH | _BANGLA | own
