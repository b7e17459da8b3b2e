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


_ALL_TOPICS = ("world", "country", "city", "business")

ENGLISH = (
    Section(198, "Foreign News", True, 26, ("world",)),
    Section(193, "Front Page", True, 10, _ALL_TOPICS),
    Section(194, "Back Page", True, 8, _ALL_TOPICS),
    Section(195, "City News", True, 10, ("city",)),
    Section(199, "Editorial", True, 8, ("opinion",)),
    Section(200, "Op-Ed", True, 8, ("opinion",)),
    Section(191, "Business", True, 10, ("business",)),
    Section(185, "Sports", True, 10, ("sport",)),
    Section(188, "Countryside", True, 10, ("country",)),
    Section(186, "NATIONAL", False, 16, ("city", "country")),
    Section(187, "INTERNATIONAL", False, 14, ("world",)),
    Section(225, "BUSINESS", False, 10, ("business",)),
    Section(226, "SPORTS", False, 10, ("sport",)),
    Section(227, "EDUCATION", False, 7, ("education",)),
    Section(228, "HEALTH", False, 7, ("health",)),
    Section(236, "ENTERTAINMENT", False, 8, ("culture",)),
    Section(246, "OPINION", False, 4, ("opinion",)),
    Section(247, "ANALYSIS", False, 3, ("opinion",)),
    Section(238, "DHAKA", False, 5, ("city", "country")),
    Section(239, "CHATTOGRAM", False, 3, ("country",)),
    Section(240, "RAJSHAHI", False, 3, ("country",)),
    Section(241, "KHULNA", False, 2, ("country",)),
    Section(242, "SYLHET", False, 2, ("country",)),
    Section(243, "BARISHAL", False, 2, ("country",)),
    Section(244, "RANGPUR", False, 2, ("country",)),
    Section(245, "MYMENSINGH", False, 2, ("country",)),
)

BANGLA = (
    Section(198, "বিদেশ", True, 30, ("world",)),
    Section(195, "নগর", True, 20, ("city",)),
    Section(199, "সম্পাদকীয়", True, 15, ("opinion",)),
    Section(185, "খেলা", True, 15, ("sport",)),
    Section(188, "সারাদেশ", True, 20, ("country",)),
    Section(186, "জাতীয়", False, 30, ("city", "country")),
    Section(187, "আন্তর্জাতিক", False, 25, ("world",)),
    Section(191, "বাণিজ্য", False, 15, ("business",)),
    Section(236, "বিনোদন", False, 15, ("culture",)),
    Section(228, "স্বাস্থ্য", False, 15, ("health",)),
)

SECTIONS = {"en": ENGLISH, "bn": BANGLA}


def shares(language: str, *, printed: bool) -> tuple[Section, ...]:
    """Return the sections of one edition, each as often as it is written for."""
    chosen = [section for section in SECTIONS[language] if section.printed == printed]
    return tuple(section for section in chosen for _ in range(section.weight))
