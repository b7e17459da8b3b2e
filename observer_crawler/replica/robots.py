"""robots.txt, and the refusals: challenge page and 403. What the real site says nobody knows."""

from functools import lru_cache

from observer_crawler.replica import preferences
from observer_crawler.replica.addresses import article_forms
from observer_crawler.replica.desk import Desk
from observer_crawler.replica.draw import mix
from observer_crawler.replica.page import TEXT, Page

_ONE_IN = 60
_MOST = 300
RULES = ("/cat-adv.php", "/cat.php?cd=1&key=", "/print.php", "/share.php")
_CHALLENGE = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta http-equiv="refresh" content="390"><meta name="robots" content="noindex,nofollow"></head>
<body><noscript>Enable JavaScript and cookies to continue</noscript>
<div class="main-wrapper"><h1>www.observerbd.com</h1>
<p>Checking if the site connection is secure</p>
<form id="challenge-form" action="/?__cf_chl_f_tk=0" method="POST"></form></div>
<script>(function(){window._cf_chl_opt={cvId:'2',cType:'managed',cRay:'0'};
var s=document.createElement('script');s.src='/cdn-cgi/challenge-platform/h/b/orchestrate/v1';
})();</script></body></html>
"""


def is_disallowed(desk: Desk, k: int) -> bool:
    """Tell whether robots.txt names an article: one in sixty, three hundred at most or so."""
    one_in = max(_ONE_IN, desk.options.articles // _MOST)
    return desk.options.robots == "rules" and mix(desk.options.seed, k, 13) % one_in == 0


def allows(desk: Desk, path: str) -> bool:
    """Tell whether the rules for other pages than articles allow a path."""
    if desk.options.robots == "forbid":
        return False
    return desk.options.robots != "rules" or not path.startswith(RULES)


def answer(desk: Desk, text: str | None = None, reading: int = 0) -> Page:
    """Return robots.txt: the text where there is one, else as the switches say."""
    headers = {"Content-Type": TEXT}
    if text is not None:
        return Page(200, headers, text.encode())
    asked = preferences.robots(desk.options, reading)
    match desk.options.robots:
        case "none" if asked:
            return Page(200, headers, asked.encode())
        case "none":
            return Page(404, headers, b"Not Found")
        case "500":
            return Page(500, headers, b"Internal Server Error")
        case "forbid":
            return Page(200, headers, b"User-agent: *\nDisallow: /\n")
    return Page(200, headers, asked.encode() + _rules(desk, len(desk.numbers)))


@lru_cache(maxsize=4)
def _rules(desk: Desk, count: int) -> bytes:
    """Return the rules; of 20,000 articles they take 20 ms, so they are written once a count."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in RULES)]
    for k in range(count):
        if is_disallowed(desk, k):
            lines += [f"Disallow: {form}$" for form in article_forms(desk, k)]
    return ("\n".join(lines) + "\n").encode()


def challenge(switch: str) -> Page:
    """Return the answer of a site that refuses."""
    if switch == "403":
        return Page(403, {"Content-Type": "text/html"}, b"<html><h1>403 Forbidden</h1></html>")
    headers = {
        "Content-Type": "text/html; charset=UTF-8",
        "Server": "cloudflare",
        "cf-mitigated": "challenge",
    }
    return Page(200 if switch == "page-200" else 503, headers, _CHALLENGE.encode())
