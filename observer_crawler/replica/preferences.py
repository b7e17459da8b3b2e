"""What the site asks of the training of AI, as sites do: in robots.txt, in headers, in pages.

What the real site asks nobody knows; these are the forms that are seen elsewhere.
"""

from observer_crawler.replica.options import Options
from observer_crawler.replica.page import Page

ROBOTS = {
    "none": "",
    "signal": "User-agent: *\nContent-Signal: search=yes, ai-train=no\n",
    "signal-yes": "User-agent: *\nContent-Signal: search=yes, ai-train=yes\n",
    "usage": "User-agent: *\nContent-Usage: train-ai=n\n",
    "groups": "User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n",
    "admin": "User-agent: GPTBot\nDisallow: /admin/\n",
}
_HEADERS = {
    "noai-header": {"X-Robots-Tag": "noai, noimageai"},
    "tdm-header": {"TDM-Reservation": "1", "TDM-Policy": "/tdm.json"},
}
_METAS = {
    "noai-meta": b'<meta name="robots" content="index, noai">',
    "tdm-meta": b'<meta name="tdm-reservation" content="1">',
}


def robots(options: Options, reading: int) -> str:
    """Return what robots.txt says at its reading of this number, from 0."""
    changed = options.ai_robots_then != "same" and reading >= options.ai_readings
    return ROBOTS[options.ai_robots_then if changed else options.ai_robots]


def on_page(options: Options, page: Page) -> Page:
    """Return a page with what the switch has it say."""
    if options.ai_pages == "none":
        return page
    headers = page.headers | _HEADERS.get(options.ai_pages, {})
    meta = _METAS.get(options.ai_pages, b"")
    return Page(page.status, headers, page.body.replace(b"</head>", meta + b"</head>", 1))
