"""The site of the long run: a replica in a process of its own, of which some answers are faulty.

    python -m tests.soak.site '{"articles": 300, ...}'

It prints where it listens. After that it takes orders, one line of JSON each, and answers each
with one line: see `Orders`. It counts what it is asked and keeps no log: a million requests with
their headers would be the largest thing of the whole run.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observer_crawler.replica import Options, Replica, Server, robots
from observer_crawler.replica.draw import mark, mix
from observer_crawler.replica.page import HTML, Page
from observer_crawler.replica.reading import article

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

# What may change in an article's box of neighbours while nobody edits it: newer ones go up.
NEIGHBOURS = ("related", "previous", "next")
# Rows that no list of neighbours reaches over.
_FAR = 5000
# Articles of the last day of a small site, at least.
_LAST = 8
# Of so many answers ...
_OF = 10_000
# ... these go wrong. A stall costs its whole time-out, so there are few.
SHARES = {
    "500": 80,
    "502": 40,
    "503": 60,
    "429": 20,
    "403": 40,
    "empty": 60,
    "reset": 100,
    "cut": 80,
    "half packed": 40,
    "stall": 3,
}
# Four tries are made of each address: at most two in a row are faulty, so each gets through.
_TRIES, _MOST_FAULTY = 4, 2


class Promised(bytes):
    """Bytes that claim to be more than they are: the server announces what never comes."""

    def __len__(self) -> int:
        """Give a length beyond the true one."""
        return super().__len__() + 1000


class Reset(Page):
    """An answer that ends before its first byte."""

    def gzipped(self) -> bytes:
        """Close the connection; the server has counted the request by then."""
        raise ConnectionResetError


class Half(Page):
    """Half of what was packed, and the length says so: nothing on the wire tells."""

    def gzipped(self) -> bytes:
        """Give the first half."""
        packed = super().gzipped()
        return packed[: len(packed) // 2]


class Cut(Page):
    """Half of what was packed, where the length promises more."""

    def gzipped(self) -> bytes:
        """Give the first half."""
        packed = super().gzipped()
        return Promised(packed[: len(packed) // 2])


def fault(path: str, visit: int, share: float) -> str | None:
    """Say what goes wrong at the n-th visit of a path, None for nothing; `share` of the usual."""
    if path == "/robots.txt" or visit % _TRIES >= _MOST_FAULTY:
        return None
    drawn = mix(mark(path), visit, 77) % _OF
    for name, rate in SHARES.items():
        drawn -= round(rate * share)
        if drawn < 0:
            return name
    return None


def faulty(name: str, page: Page) -> Page:
    """Spoil an answer."""
    headers = dict(page.headers)
    match name:
        case "empty":
            return Page(200, {"Content-Type": HTML})
        case "reset":
            return Reset(200)
        case "half packed":
            return Half(page.status, headers, page.body)
        case "cut":  # the connection ends with it
            return Cut(page.status, headers | {"Connection": "close"}, page.body)
        case "stall":  # the connection stays, silent
            return Cut(page.status, headers, page.body)
    return Page(int(name), {"Content-Type": HTML}, f"<h1>{name}</h1>".encode())


class Site(Replica):
    """The replica with its faults; counts how often an article came whole.

    `read` are those since `Orders.mark`, `given` all of them.
    """

    def __init__(self, options: Options, share: float) -> None:
        super().__init__(options)
        self.begun_with = options.articles
        self.read: set[int] = set()
        self.given: set[int] = set()
        self.again = 0
        self.struck: Counter[str] = Counter()
        self.forbidden: list[str] = []
        self._share = share
        self._asked: Counter[int] = Counter()

    def get(self, path: str) -> Page:
        """Answer as a server does."""
        with self._lock:
            key = mark(path)
            visit, self._asked[key] = self._asked[key], self._asked[key] + 1
        target = self.target(path)
        k = target.number if target is not None and target.kind == "article" else None
        if k is not None and robots.is_disallowed(self.desk, k):
            self.forbidden.append(path)
        if name := fault(path, visit, self._share):
            self.struck[name] += 1
            return faulty(name, super().get(path))
        if k is not None:
            self.again += k in self.read
            self.read.add(k)
            self.given.add(k)
        return super().get(path)

    def facts_of(self, k: int, before: Replica) -> dict[str, Any]:
        """Say what is true of an article now, without neighbours that have changed since."""
        true = article(self, self.newsroom.story(k))
        if k >= self.begun_with:
            return {name: value for name, value in true.items() if name not in NEIGHBOURS}
        if k < self.begun_with - _FAR:
            return true
        once = article(before, before.newsroom.story(k))
        moved = {name for name in NEIGHBOURS if true[name] != once[name]}
        return {name: value for name, value in true.items() if name not in moved}


class Counting(Server):
    """A server that counts and keeps no log."""

    def __init__(self, replica: Replica) -> None:
        self.asked = self.rules = 0
        super().__init__(replica)

    def note(self, began: float, handler: BaseHTTPRequestHandler, status: int) -> None:
        """Count a request."""
        with self._lock:
            self.asked += 1
            self.rules += handler.path == "/robots.txt"


class Orders:
    """What the site is told while it serves. Every method takes plain values, and gives some."""

    def __init__(self, site: Site, server: Counting, seed: int) -> None:
        self._site = site
        self._server = server
        self._chance = random.Random(f"edits {seed}")
        # The week before the first night: the last that went up before the site was opened.
        desk = site.desk
        self._fresh = [desk.id(k) for k in range(len(desk.numbers))[-_LAST:]]
        self._edited = 0
        # Edited after somebody was given the text before: the others were never seen otherwise.
        self._changed: set[str] = set()

    def counts(self) -> dict[str, Any]:
        """Say what was asked so far; articles and those read again since `mark`."""
        site, server = self._site, self._server
        return {
            "requests": server.asked,
            "robots": server.rules,
            "articles": len(site.read),
            "again": site.again,
            "in flight": server.max_in_flight,
            "forbidden": site.forbidden[:5],
            "errors": server.errors[:2],
            "faults": dict(site.struck),
            "edited": self._edited,
        }

    def mark(self) -> None:
        """Count articles anew."""
        self._site.read.clear()
        self._site.again = 0

    def days(self) -> list[str]:
        """Give the days that have an index, oldest first."""
        return [day.isoformat() for day in self._site.days()]

    def week(self, count: int, edits: int) -> str:
        """Let a week pass with its stories, and some of the week before it change; gives now."""
        given = {self._site.desk.id(k) for k in self._site.given}
        for name in self._chance.sample(self._fresh, min(edits, len(self._fresh))):
            try:
                self._site.edit(name)
            except KeyError:
                continue  # a picture without a text
            self._edited += 1
            self._changed |= {name} & given
        self._fresh = []
        for day in range(7):
            self._site.now += dt.timedelta(days=1)
            self._fresh += self._site.publish(count // 7 + (day < count % 7))
        return self._site.now.isoformat()

    def facts(self, path: str) -> int:
        """Write what is true of each article; gives how many they are."""
        before, desk = Replica(self._site.options), self._site.desk
        with Path(path).open("w", encoding="utf-8") as file:
            for k in range(len(desk.numbers)):
                fact = {
                    "id": desk.id(k),
                    "allowed": not robots.is_disallowed(desk, k),
                    "edited": desk.id(k) in self._changed,
                    "article": self._site.facts_of(k, before),
                }
                file.write(json.dumps(fact, ensure_ascii=False) + "\n")
        return len(desk.numbers)


def main() -> None:
    """Serve until the orders end."""
    wanted = json.loads(sys.argv[1])
    share, seed = wanted.pop("share"), wanted["seed"]
    site = Site(Options(**wanted), share)
    server = Counting(site)
    orders = Orders(site, server, seed)
    _say(server.url)
    for line in sys.stdin:
        name, *values = json.loads(line)
        _say(getattr(orders, name)(*values))
    server.close()


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
