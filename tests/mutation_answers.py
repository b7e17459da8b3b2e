"""What the site answers in place of a story, an index or the feed: more of `tests/mutations.py`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.mutation_pages import Change, Mutate
    from tests.mutations import Answer, Asked

OK = 200
HTML = {"Content-Type": "text/html; charset=UTF-8"}
STORIES = frozenset({"article"})
PAGES = STORIES | {"day", "listing", "front", "other"}
LIST = re.compile(rb'(?<=<div class="archive">).*?(?=</div>\n</main>)', re.DOTALL)
LINE = re.compile(rb"<li>.*?</li>\n?")
PER_PAGE = 10


def sheet(title: str, text: str) -> bytes:
    """Write a page that is not of the site's template."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"\n<body>\n<h1>{title}</h1>\n{text}\n</body></html>\n"
    ).encode()


CONSENT = sheet(
    "Before you continue",
    "<p>We and our 214 partners keep small files on your device. You may change your mind at any "
    'time.</p><form method="post" action="/consent"><button>Accept all</button> '
    "<button>Manage choices</button></form>",
)
CHALLENGE = sheet(
    "Just a moment...",
    "<p>Checking that you are human. This may take a few seconds.</p>"
    '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script>'
    "<noscript>Enable JavaScript and cookies to continue</noscript><p>Ray ID: 8f1e20c4d7</p>",
)
DATABASE = sheet(
    "The Daily Observer",
    "<b>Warning</b>: mysqli_connect(): (HY000/1040): Too many connections in "
    "<b>/var/site/inc/db.php</b> on line <b>31</b><br>\nCould not connect to the database.",
)
FAULT = sheet("500 Internal Server Error", "<p>Something broke while the page was made.</p>")
FORM = (
    b'<div class="login"><h2>Sign in to go on</h2><form method="post" action="/login">'
    b'<input name="mail" placeholder="E-mail"><input name="word" type="password">'
    b'<button>Sign in</button></form><p>New here? <a href="/join">Open an account</a></p></div>'
)
LOGIN = sheet("Sign in", FORM.decode())


# How an answer is put in place of another.


def instead(  # noqa: PLR0913 (all but the first have their usual value)
    body: bytes,
    status: int = OK,
    headers: Mapping[str, str] = HTML,
    *,
    kinds: frozenset[str] = STORIES,
    share: float = 1.0,
    since: float = 0.0,
) -> Mutate:
    """Answer this whatever is asked for, or to a share, or in the later part of the night."""

    def mutate(answer: Answer, asked: Asked) -> Answer:
        if asked.kind not in kinds or (asked.kind == "article" and asked.order < since):
            return answer
        if share < 1 and not asked.part(share):
            return answer
        return answer.but(status=status, headers=headers, body=body)

    return mutate


def in_frame(text: bytes) -> Change:
    """Keep the frame of the site, and show this where the story stood."""

    def change(page: bytes, asked: Asked) -> bytes:  # noqa: ARG001 (as all of them are called)
        head = re.sub(
            rb"<title>.*?(?=<link)", b"<title>Observer</title>\n", page, count=1, flags=re.DOTALL
        )
        return re.sub(rb"(<main>\n).*(\n</main>)", rb"\1%s\2" % text, head, flags=re.DOTALL)

    return change


not_there = in_frame(b"<h1>Oops</h1>\n<p>The news you are looking for is no longer here.</p>")
login_there = in_frame(FORM)
empty_shell = in_frame(
    b'<div class="breadcrumb"><a href="/">Home</a> </div>\n<div id="toPrint">\n\n<h1></h1>\n\n'
    b'<div class="pub"><span>Published : </span> &nbsp;<span>Count : 0</span></div>\n\n'
    b'<div id="f">\n\n</div>\n</div>'
)


def to_login(answer: Answer, asked: Asked) -> Answer:
    """Send every reader to the page where one signs in."""
    if asked.path.startswith("/login"):
        return answer.but(status=OK, headers=HTML, body=LOGIN)
    if asked.kind != "article":
        return answer
    return answer.but(status=302, headers={"Location": f"/login?next={asked.path}"}, body=b"")


class Stuck:
    """A cache that has lost the number out of its key: the night's first story is all it has."""

    def __init__(self) -> None:
        """Start empty."""
        self.first: Answer | None = None

    def __call__(self, answer: Answer, asked: Asked) -> Answer:
        """Keep the first story of a night, and give it whatever story is asked for."""
        if asked.kind != "article":
            return answer
        if asked.order == 0 or self.first is None:
            self.first = answer
        return self.first


def charset_wrong(answer: Answer, asked: Asked) -> Answer:
    """Call every page iso-8859-1, in its header and in its head, and leave it in UTF-8."""
    if asked.kind not in PAGES:
        return answer
    body = answer.body.replace(b'<meta charset="utf-8">', b'<meta charset="iso-8859-1">')
    return answer.but(headers={"Content-Type": "text/html; charset=ISO-8859-1"}, body=body)


# The index of a day, and the feed.


def day_in_pages(answer: Answer, asked: Asked) -> Answer:
    """Show ten stories of a day, and the others on further pages."""
    listed = LIST.search(answer.body)
    if asked.kind != "day" or not listed:
        return answer
    wanted = re.search(r"[?&]page=(\d+)", asked.path)
    number = int(wanted[1]) if wanted else 1
    lines = LINE.findall(listed[0])
    address = asked.path.replace("&", "&amp;")
    mark = "&amp;" if "?" in asked.path else "?"
    pages = "".join(
        f'<a href="{address}{mark}page={page}">{page}</a> '
        for page in range(1, 1 + -(-len(lines) // PER_PAGE))
    )
    shown = b"<ul>" + b"".join(lines[PER_PAGE * (number - 1) :][:PER_PAGE]) + b"</ul>"
    new = shown + b'<div class="pager">' + (b"" if wanted else pages.encode()) + b"</div>"
    return answer.but(body=answer.body.replace(listed[0], new))


def day_empty(answer: Answer, asked: Asked) -> Answer:
    """List nothing, under the same heading."""
    if asked.kind != "day":
        return answer
    return answer.but(body=LIST.sub(b"<ul></ul>", answer.body))


def feed_broken(answer: Answer, asked: Asked) -> Answer:
    """Print a warning above the feed and break off in the middle of a title."""
    if asked.kind != "feed":
        return answer
    warning = b"<br />\n<b>Notice</b>: Undefined index: lead in <b>/var/site/rss.php</b><br />\n"
    return answer.but(body=warning + answer.body[: answer.body.find(b"<title>", 800) + 20])
