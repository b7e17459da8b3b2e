"""The sections: their numbers, names, how often they are written for, and about what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One section of one edition of the paper. `weight` counts in a hundred of its edition."""

    number: int
    name: str
    printed: bool
    weight: int
    topics: tuple[str, ...]


_PRINT, _ONLINE = True, False
_ALL_TOPICS = ("world", "country", "city", "business")

ENGLISH = (
    Section(198, "Foreign News", _PRINT, 26, ("world",)),
    Section(193, "Front Page", _PRINT, 10, _ALL_TOPICS),
    Section(194, "Back Page", _PRINT, 8, _ALL_TOPICS),
    Section(195, "City News", _PRINT, 10, ("city",)),
    Section(199, "Editorial", _PRINT, 8, ("opinion",)),
    Section(200, "Op-Ed", _PRINT, 8, ("opinion",)),
    Section(191, "Business", _PRINT, 10, ("business",)),
    Section(185, "Sports", _PRINT, 10, ("sport",)),
    Section(188, "Countryside", _PRINT, 10, ("country",)),
    Section(186, "NATIONAL", _ONLINE, 16, ("city", "country")),
    Section(187, "INTERNATIONAL", _ONLINE, 14, ("world",)),
    Section(225, "BUSINESS", _ONLINE, 10, ("business",)),
    Section(226, "SPORTS", _ONLINE, 10, ("sport",)),
    Section(227, "EDUCATION", _ONLINE, 7, ("education",)),
    Section(228, "HEALTH", _ONLINE, 7, ("health",)),
    Section(236, "ENTERTAINMENT", _ONLINE, 8, ("culture",)),
    Section(246, "OPINION", _ONLINE, 4, ("opinion",)),
    Section(247, "ANALYSIS", _ONLINE, 3, ("opinion",)),
    Section(238, "DHAKA", _ONLINE, 5, ("city", "country")),
    Section(239, "CHATTOGRAM", _ONLINE, 3, ("country",)),
    Section(240, "RAJSHAHI", _ONLINE, 3, ("country",)),
    Section(241, "KHULNA", _ONLINE, 2, ("country",)),
    Section(242, "SYLHET", _ONLINE, 2, ("country",)),
    Section(243, "BARISHAL", _ONLINE, 2, ("country",)),
    Section(244, "RANGPUR", _ONLINE, 2, ("country",)),
    Section(245, "MYMENSINGH", _ONLINE, 2, ("country",)),
)

BANGLA = (
    Section(198, "বিদেশ", _PRINT, 30, ("world",)),
    Section(195, "নগর", _PRINT, 20, ("city",)),
    Section(199, "সম্পাদকীয়", _PRINT, 15, ("opinion",)),
    Section(185, "খেলা", _PRINT, 15, ("sport",)),
    Section(188, "সারাদেশ", _PRINT, 20, ("country",)),
    Section(186, "জাতীয়", _ONLINE, 30, ("city", "country")),
    Section(187, "আন্তর্জাতিক", _ONLINE, 25, ("world",)),
    Section(191, "বাণিজ্য", _ONLINE, 15, ("business",)),
    Section(236, "বিনোদন", _ONLINE, 15, ("culture",)),
    Section(228, "স্বাস্থ্য", _ONLINE, 15, ("health",)),
)

SECTIONS = {"en": ENGLISH, "bn": BANGLA}


def shares(language: str, *, printed: bool) -> tuple[Section, ...]:
    """Return the sections of one edition, each as often as it is written for."""
    chosen = [section for section in SECTIONS[language] if section.printed == printed]
    return tuple(section for section in chosen for _ in range(section.weight))
