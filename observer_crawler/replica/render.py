"""Draws a view in its skin: the jinja2 template of the skin, and the head that all share."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from observer_crawler.replica import assets, ballast, days
from observer_crawler.replica.links import HOSTS, Link
from observer_crawler.replica.options import Options
from observer_crawler.replica.pages import View
from observer_crawler.replica.skins import SKINS, Skin, words
from observer_crawler.replica.story import Figure, Para, Piece, Run, Story

_AdvertMacro = Callable[[str], Markup]
_BARE_VALUE = re.compile(r"[\w./:?&;=+-]*[\w=]", re.ASCII)
_MAIL = '<a {href} class="__cf_email__" data-cfemail="7a13141c153a1f021b170a161f">[email&#160;protected]</a>'


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = PackageLoader("observer_crawler.replica", "templates")
    return Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def anchor(skin: Skin) -> Callable[..., Markup]:
    """Return the function that writes a link in a skin's manner."""
    tag, name = ("A", "HREF") if skin.upper else ("a", "href")

    def write(link: Link, more: str = "", inner: Markup | None = None) -> Markup:
        text = escape(link.text) if inner is None else inner
        href = _attribute(skin, name, link.href)
        return Markup(f"<{tag} {href}{more}>{text}</{tag}>")  # noqa: S704

    return write


def _attribute(skin: Skin, name: str, value: str) -> str:
    quote = skin.quote
    if skin.escape:
        value = value.replace("&", "&amp;")
    if not quote and not _BARE_VALUE.fullmatch(value):
        quote = '"'
    return f"{name}={quote}{value}{quote}"


def draw(view: View, options: Options) -> bytes:
    """Return the page's bytes."""
    skin = SKINS[options.markup, options.skin]
    template = _environment().get_template(f"{options.markup}-{options.skin}.html")
    write = anchor(skin)
    text = template.render(
        v=view,
        s=view.story,
        missing=view.kind == "missing",
        l=defaultdict(list, view.links),
        w=words(options.language, options.skin),
        a=write,
        figures=_leading_figures(view.story),
        rest=view.story.pieces[len(_leading_figures(view.story)) :] if view.story else (),
        runs=_runs_writer(view, skin, write),
        crawl=days.crawl_line(view.now, options.language),
        pub=_published(view.story, options),
        count=_count(view, options),
        bylines=_bylines(view, write),
        head=Markup(_head(view, options, skin)),  # noqa: S704
        style=Markup(ballast.style(options.skin)),  # noqa: S704
        script=Markup(ballast.script(options.skin)),  # noqa: S704
        host=HOSTS[options.language],
        bangla=options.language == "bn",
    )
    return text.encode("utf-8", "surrogateescape")


def _run_writer(view: View, skin: Skin, write: Callable[..., Markup]) -> Callable[[Run], Markup]:
    def run_text(run: Run) -> Markup:
        if run.kind == "email":
            return Markup(_MAIL.format(href=_attribute(skin, "href", view.runs[id(run)].href)))  # noqa: S704
        if run.kind == "link":
            return write(view.runs[id(run)])
        text = escape(run.text)
        tag = {"strong": "b", "em": "i", "dateline": "b" if len(run.text) % 2 else ""}.get(
            run.kind
        )
        return Markup(f"<{tag}>{text}</{tag}>") if tag else text  # noqa: S704

    return run_text


def _runs_writer(
    view: View, skin: Skin, write: Callable[..., Markup]
) -> Callable[[Para, _AdvertMacro, _AdvertMacro], Markup]:
    """Return the function that writes a paragraph's inside; a template lends its two adverts."""
    run_text = _run_writer(view, skin, write)

    def runs(para: Para, wide: _AdvertMacro, thin: _AdvertMacro) -> Markup:
        advert = wide if para.bare else thin
        written = (
            advert(run.text) if run.kind == "advert" else run_text(run) for run in para.runs
        )
        return Markup("").join(written)

    return runs


def _leading_figures(story: Story | None) -> tuple[Piece, ...]:
    """Return the figures before the text; a skin may set them above the body's box."""
    pieces = story.pieces if story else ()
    texts = (number for number, piece in enumerate(pieces) if not isinstance(piece, Figure))
    return pieces[: next(texts, len(pieces))]


def _bylines(view: View, write: Callable[..., Markup]) -> list[Markup]:
    story = view.story
    linked = iter(view.links.get("byline", []))
    if story is None:
        return []
    return [
        escape(line.text) if line.writer is None else write(next(linked)) for line in story.bylines
    ]


def _published(story: Story | None, options: Options) -> str:
    if story is None or story.k < 0:
        return ""
    return days.published_text(story.day, story.moment, options.language, options.skin)


def _count(view: View, options: Options) -> str:
    if view.views is None:
        return ""
    text = f"{view.views:,}" if view.number % 2 else str(view.views)
    return text if options.language == "en" else days.bangla_digits(text)


def _head(view: View, options: Options, skin: Skin) -> str:
    """Return what every skin has in its head: charset, base, title, share words, feed, looks."""
    host = HOSTS[options.language]
    lines = []
    if options.charset in ("meta", "wrong"):
        charset = "utf-8" if options.charset == "meta" else "iso-8859-1"
        old = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
        lines.append(f'<meta charset="{charset}">' if options.markup == "2024" else old)
    if skin.base:
        lines.append(
            f'<base href="{skin.base.format(http=f"http://{host}", https=f"https://{host}")}">'
        )
    lines.append(f"<title>{escape(view.title)} | Observer</title>")
    if view.story is not None:
        lines += _share(view, view.story, options)
    feed = _attribute(skin, "href", view.links["feed"][0].href)
    lines.append(f'<link rel="alternate" type="application/rss+xml" title="RSS" {feed}>')
    lines += _looks(skin)
    return "\n".join(lines)


def _looks(skin: Skin) -> list[str]:
    """Return the style sheet, the icon and the script of every page."""
    style = _attribute(skin, "href", assets.STYLE)
    icon, script = _attribute(skin, "href", assets.ICON), _attribute(skin, "src", assets.SCRIPT)
    return [
        f'<link rel="stylesheet" {style}>',
        f'<link rel="shortcut icon" {icon}>',
        f"<script {script}></script>",
    ]


def _share(view: View, story: Story, options: Options) -> list[str]:
    names = ("description",) if options.markup == "2014" else ("og:description", "description")
    lines = [
        f'<meta {"property" if ":" in name else "name"}="{name}" content="{escape(story.summary)}">'
        for name in names
    ]
    lines.append(f"<meta property=\"og:image\" content='{story.og_image}'>")
    lines.append(f'<meta property="og:title" content="{escape(story.headline or "")}">')
    return lines + _metadata(view, story, options)


def _metadata(view: View, story: Story, options: Options) -> list[str]:
    if options.metadata == "none":
        return []
    at = f"{story.day.isoformat()}T{story.moment or '00:00:00'}+06:00"
    lines = [
        f'<link rel="canonical" href="{view.canonical}">',
        f'<meta property="article:published_time" content="{at}">',
    ]
    if options.metadata == "json-ld":
        data = {"@type": "NewsArticle", "headline": story.headline, "datePublished": at}
        lines.append(f'<script type="application/ld+json">{json.dumps(data)}</script>')
    return lines
