"""The pictures of an article: addresses, captions, and what the share picture says."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from observer_crawler.replica.story import Figure, Picture

if TYPE_CHECKING:
    from observer_crawler.replica.newsroom import Draft

DEFAULT_SHARE = "http://www.observerbd.com/files/FB-Share.jpg"
_SHAPES = ("{unix}.jpg", "observerbd.com_{unix}.jpg", "ob_{unix}.jpg")
_CREDITS = {
    "en": (" photo: observer", " photo : pid", " PHOTO: AFP", " Photo: Observer"),
    "bn": (" ছবি: অবজারভার", " ছবি : পিআইডি", " ছবি: এএফপি"),
}


def figures(draft: "Draft") -> list[Figure]:
    """Return the story's figures in page order: none, one, two, or one of two pictures."""
    if draft.headline is not None and (draft.letter or draft.odd("no_picture")):
        return []
    if draft.odd("two_pictures"):
        return _two(draft)
    return [_one(draft)]


def _two(draft: "Draft") -> list[Figure]:
    if not draft.odd("captions_glued"):
        return [_one(draft), _one(draft)]
    captions = [_caption(draft) for _ in range(2)]
    pair = tuple(Picture(_path(draft), caption, "") for caption in captions)
    return [Figure(pair, "".join(captions))]


def _one(draft: "Draft") -> Figure:
    headline, caption = draft.headline, _caption(draft)
    path = _path(draft)
    if headline is None:
        return Figure((Picture(path, "", ""),), caption)
    if draft.odd("caption_is_headline"):
        return Figure((Picture(path, headline, headline),), headline)
    if draft.odd("caption_without_row"):
        by_title = draft.chance.random() < 0.3  # noqa: PLR2004
        return Figure((Picture(path, "" if by_title else caption, caption),), "")
    if draft.odd("no_caption"):
        return Figure((Picture(path, headline, ""),), "")
    alt = caption if draft.odd("caption_twice") else headline
    return Figure((Picture(path, alt, alt),), caption)


def _caption(draft: "Draft") -> str:
    text = draft.say("any.caption")
    if draft.odd("caption_credit"):
        text += _CREDITS[draft.language][draft.chance.randrange(3)]
    return text


def _path(draft: "Draft") -> str:
    """Return an address whose folder and number are near the day, and are not it."""
    evening = datetime.combine(draft.desk.day(draft.k), datetime.min.time(), UTC)
    uploaded = evening - timedelta(minutes=draft.chance.randrange(-900, 600))
    folder = uploaded - timedelta(days=draft.chance.randrange(2))
    shape = _SHAPES[draft.chance.randrange(3)]
    return f"/{folder:%Y/%m/%d}/" + shape.format(unix=int(uploaded.timestamp()))


def og_image(draft: "Draft", shown: list[Figure]) -> str:
    """Return what og:image holds: the first picture, the default one, or a broken address."""
    host = "bn.observerbd.com" if draft.language == "bn" else "www.observerbd.com"
    scheme = "https" if draft.desk.options.markup == "2024" else "http"
    if not shown and (draft.letter or not draft.odd("picture_only_in_og")):
        return DEFAULT_SHARE
    path = shown[0].pictures[0].path if shown else _path(draft)
    address = f"{scheme}://{host}{path}"
    if draft.odd("og_broken"):
        return address + '"/' if draft.k % 2 else address.replace(".jpg", "..jpg")
    if shown and draft.odd("og_default"):
        return DEFAULT_SHARE
    return address
