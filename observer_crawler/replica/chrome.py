"""What stands on every page around its matter: menus, ticker, boxes, footer, traps."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from observer_crawler.replica.days import bangla_digits
from observer_crawler.replica.draw import mix
from observer_crawler.replica.links import Link, Linker
from observer_crawler.replica.sections import SECTIONS

if TYPE_CHECKING:
    from observer_crawler.replica.newsroom import Newsroom

_DOORS = {
    "en": {
        "top": ("Video", "Gallery", "ePaper", "Archive", "Bangla"),
        "footer": ("ABOUT US", "CONTACT US", "AD RATE", "E-mail", "Call", "Top", "Facebook"),
    },
    "bn": {
        "top": ("ভিডিও", "গ্যালারি", "ই-পেপার", "আর্কাইভ", "English"),
        "footer": ("আমাদের কথা", "যোগাযোগ", "মূল্য তালিকা", "ই-মেইল", "ফোন", "উপরে", "ফেসবুক"),
    },
}
LATEST, MOST_READ, TICKER = 10, 10, 4


def menus(linker: Linker, now: datetime) -> dict[str, list[Link]]:
    """Return the links that do not depend on the page: doors, sections, calendar, footer."""
    language = linker.desk.options.language
    shown = {"menu_print": True, "menu_online": False}
    listed = {
        slot: [
            linker.section(section.number, "menu", section.name)
            for section in SECTIONS[language]
            if section.printed == printed
        ]
        for slot, printed in shown.items()
    }
    home = linker.own("/", "Home" if language == "en" else "হোম", "listing", "menu")
    listed["menu_print"].insert(0, home)
    return {
        "feed": [linker.own("/rss", "", "feed", "feed")],
        "top": _top(linker, now.date(), _DOORS[language]["top"]),
        "search": [
            linker.own(
                "/cat-adv.php?cd=1&key=&y=&pg=", linker.newsroom.words_of_site["search"], "search"
            )
        ],
        **listed,
        "calendar": _calendar(linker, now.date()),
        "footer": _footer(linker, _DOORS[language]["footer"]),
    }


def _top(linker: Linker, today: date, names: tuple[str, ...]) -> list[Link]:
    video, gallery, paper, archive, other = names
    host = "bn" if linker.desk.options.language == "en" else "www"
    return [
        linker.own("/video.php?id=12", video, "video"),
        linker.own("/gallery.php?id=7", gallery, "gallery"),
        linker.own(f"/epaper.php?d={today.isoformat()}", paper, "static"),
        linker.day(today, "menu", archive),
        Link(f"https://{host}.observerbd.com/", "other", other, "offsite"),
    ]


def _calendar(linker: Linker, today: date) -> list[Link]:
    """Return the little calendar: the last days, and a next month that never ends."""
    bangla = linker.desk.options.language == "bn"
    days = [today - timedelta(days=back) for back in range(min(linker.desk.options.days, 14))]
    links = [
        linker.day(day, "menu", bangla_digits(day.day) if bangla else str(day.day))
        for day in reversed(days)
    ]
    month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    links.append(linker.own(f"/calendar.php?y={month.year}&m={month.month}", ">>", "calendar"))
    return links


def _footer(linker: Linker, names: tuple[str, ...]) -> list[Link]:
    about, contact, rate, mail, call, top, facebook = names
    return [
        linker.own("/about.php", about, "static"),
        linker.own("/contact.php", contact, "static"),
        linker.own("/ad-rate.php", rate, "static"),
        linker.own("/rss", "RSS", "feed", "feed"),
        Link("mailto:info@example.com", "other", mail, "offsite"),
        Link("tel:+880000000", "other", call, "offsite"),
        Link("javascript:void(0)", "other", top, "bad"),
        Link("https://www.facebook.com/example", "other", facebook, "offsite"),
        Link("http://", "other", "Twitter", "bad"),
        Link("http://[bad", "other", "YouTube", "bad"),
        Link("http://www.example.com/", "other", "i2", "offsite"),
    ]


def news(linker: Linker, newsroom: "Newsroom", page: int, *, lists: bool) -> dict[str, list[Link]]:
    """Return the ticker and the two boxes of every page, and one promoted story.

    On a page that `lists` stories the promoted one is one more of them.
    """
    last = len(newsroom.desk.numbers) - 1
    newest = range(last, max(last - LATEST, -1), -1)
    start = mix(page, 8) % 3
    promoted = mix(page, 9) % (last + 1)
    box = "section" if lists else "other"
    promo = [linker.article(promoted, box)]
    if mix(page, 10) % 12 == 0:
        promo.append(linker.missing(promoted, box, "Special issue"))
    return {
        "promo": promo,
        "ticker": [linker.article(k, "latest") for k in list(newest)[start : start + TICKER]],
        "latest": [linker.article(k, "latest") for k in newest],
        "most_read": [linker.article(k, "most_read") for k in newsroom.most_read()],
    }
