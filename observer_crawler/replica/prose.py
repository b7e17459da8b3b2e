"""The words of a body: what a news story, an essay, a letter or a photo story says, in order."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from observer_crawler.replica.days import MONTHS
from observer_crawler.replica.story import Para, Run
from observer_crawler.replica.text import Retold, Words, phrases, words_of

if TYPE_CHECKING:
    from observer_crawler.replica.newsroom import Draft

_WORLD_AGENCIES = ("AFP", "AP", "Reuters", "Xinhua")
_HOME_AGENCIES = ("BSS", "UNB")
_TYPOGRAPHIC = {"en": "“{}”, as one put it — ‘{}’ — is an oﬃcial phrase.", "bn": "“{}” — ‘{}’।"}


def paragraphs(draft: "Draft") -> list[Para]:
    """Return the body's paragraphs in order, the closing credit or initials included."""
    if draft.headline is None and draft.chance.random() < 0.6:  # noqa: PLR2004
        return []
    if draft.letter:
        return _letter(draft)
    texts = _story_texts(draft)
    paras = [Para((Run("text", text),)) for text in texts]
    _decorate(draft, paras)
    if draft.odd("sub_heading"):
        at = 1 + draft.chance.randrange(len(paras) - 1)
        paras.insert(at, Para((Run("text", draft.say("any.subhead")),), role="subhead"))
    _dateline(draft, paras)
    _close(draft, paras)
    return paras


def _sentences(draft: "Draft", name: str) -> Iterator[str]:
    """Yield sentences of a list and of the common one, each once, then anew with other words."""
    lists = phrases(draft.language)
    patterns = [*lists[name], *lists["any.detail"]]
    words = draft.words
    while True:
        order = sorted(range(len(patterns)), key=lambda _: draft.chance.random())
        for number in order:
            fresh = Words(draft.language, draft.chance.randrange(1 << 30))
            text = patterns[number].format_map(Retold(words, fresh))
            yield text[0].upper() + text[1:]
        words = words_of(draft.language, draft.topic, draft.chance.randrange(1 << 30))


def _joined(draft: "Draft", supply: Iterator[str], most: int) -> str:
    return " ".join(next(supply) for _ in range(1 + draft.chance.randrange(most)))


def _story_texts(draft: "Draft") -> list[str]:
    count = 3 + min(draft.chance.randrange(12), draft.chance.randrange(12))
    supply = _sentences(draft, f"{draft.topic}.detail")
    texts = [draft.say(f"{draft.topic}.lead")]
    texts += [_joined(draft, supply, 4) for _ in range(count - 1)]
    if draft.chance.random() < 0.3:  # noqa: PLR2004
        texts[0] += " " + next(supply)
    revision = draft.newsroom.revisions.get(draft.k, 0)
    if revision:
        texts[-1] += f" ({'Updated' if draft.language == 'en' else 'হালনাগাদ'} {revision})"
    return texts


def _decorate(draft: "Draft", paras: list[Para]) -> None:
    """Put into the paragraphs what real ones carry: odd bytes, marks, links, tags within."""
    last = len(paras) - 1
    if draft.odd("cp1252_letter"):
        paras[last] = _add(
            paras[last], Run("text", " Also there was \udcd3scar Mu\udcf1oz-Velde.")
        )
    if draft.odd("cp1252_dash"):
        tail = " The talks \udc96 the \udc93third\udc94 \udc96 go on."
        paras[1] = _add(paras[1], Run("text", tail if draft.language == "en" else " \udc96 চলবে।"))
    if draft.odd("typographic_marks"):
        marks = " " + _TYPOGRAPHIC[draft.language].format(
            draft.say("word.tag"), draft.words["place"]
        )
        paras[last] = _add(paras[last], Run("text", marks + "\u00a0"))
    if draft.odd("zero_width_joiner"):
        paras[1] = _add(paras[1], Run("text", " র\u200d্যাব ও র\u200d্যালি নিয়ে আলোচনা হয়।"))
    if draft.odd("agency_in_sentence"):
        paras[1] = _add(paras[1], Run("text", " " + draft.say("any.reports")))
    if draft.odd("email_hidden"):
        before = " Write to" if draft.language == "en" else " যোগাযোগ:"
        paras[last] = _add(paras[last], Run("text", before + " "), Run("email", ""))
    if draft.odd("inline_tags"):
        paras[1] = _add(
            paras[1],
            Run("text", " "),
            Run("strong", draft.say("any.subhead")),
            Run("text", ": "),
            Run("em", draft.say("any.detail")),
        )
    if draft.odd("link_in_text"):
        target = max(draft.k - 1 - draft.chance.randrange(9), 0)
        missing = draft.chance.random() < 0.15  # noqa: PLR2004
        text = draft.newsroom.link_text(target)
        run = Run("link", text, None if missing else target)
        paras[last] = _add(paras[last], Run("text", " "), run, Run("text", "."))


def _add(para: Para, *runs: Run) -> Para:
    return Para((*para.runs, *runs), role=para.role)


def _dateline(draft: "Draft", paras: list[Para]) -> None:
    """Open the first paragraph with place and day, as agencies and districts do."""
    if draft.topic not in ("world", "country") or not draft.odd("dateline"):
        return
    day = draft.desk.day(draft.k)
    before = draft.chance.randrange(3)
    then = day.fromordinal(day.toordinal() - before)
    if before == 1:
        draft.note("dateline_day_before")
    month = MONTHS[then.month - 1]
    month = month if len(month) < 5 else month[:3]  # noqa: PLR2004
    places = draft.words["capital"]
    if draft.topic == "country":
        places = draft.words["place"].upper()
        if draft.odd("dateline_two_places"):
            places = f"{draft.words['upazila'].upper()}, {places}"
    first = paras[0]
    paras[0] = Para(
        (Run("dateline", f"{places}, {month} {then.day}:"), Run("text", " "), *first.runs)
    )


def _close(draft: "Draft", paras: list[Para]) -> None:
    """End with an agency's credit or a sub-editor's initials, or as most stories: with nothing."""
    names = _WORLD_AGENCIES if draft.topic == "world" else _HOME_AGENCIES
    if draft.language == "bn":
        names = ("এএফপি", "রয়টার্স") if draft.topic == "world" else ("বাসস", "ইউএনবি")
    name = names[draft.chance.randrange(len(names))]
    behind = {
        "agency_after_spaces": "    -",
        "agency_after_space": " -",
        "agency_after_five_spaces": "     -",
        "agency_broken_dash": "    \udc96",
    }
    for oddity, gap in behind.items():
        if draft.odd(oddity):
            paras[-1] = _add(paras[-1], Run("credit", gap + name))
            return
    if draft.odd("agency_on_own_line"):
        paras.append(Para((Run("text", f"-{name}"),), role="agency"))
    elif not draft.printed and draft.language == "en" and draft.odd("initials"):
        initials = ("SR", "AKM", "TH", "MUS", "FA")[draft.chance.randrange(5)]
        paras.append(Para((Run("text", initials),), role="initials"))


def _letter(draft: "Draft") -> list[Para]:
    draft.note("letter")
    supply = _sentences(draft, "letter.detail")
    texts = [draft.say("letter.open")]
    texts += [_joined(draft, supply, 2) for _ in range(2 + draft.chance.randrange(4))]
    if draft.newsroom.revisions.get(draft.k):
        texts.append("P.S." * draft.newsroom.revisions[draft.k])
    signed = draft.odd("letter_signed_with_initials")
    place = draft.words["place"]
    texts += [place, "AR"] if signed else [draft.words["person"], place]
    return [Para((Run("text", text),)) for text in texts]
