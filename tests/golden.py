"""Hold the output of the extraction over `tests/pages/` against `tests/pages/golden.json`.

Two lines of one story are compared only when the same `extractor` made them. So `EXTRACTOR` in
`observer_crawler/items.py` must go up whenever the same bytes give another output, and nobody
remembers that by himself. `golden.json` keeps, beside the number and one sum over everything,
two sums for each folder: `page`, over what goes into `read_page` (bytes, address, content type),
and `output`, over all that comes out. A folder whose page is new or edited is no change of the
extraction, only a folder with the same page and another output is.

`make golden` writes the file anew. It refuses while a known page has another output and
`EXTRACTOR` is the same. `tests/test_pages.py` runs the same comparison without writing.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observer_crawler import items
from observer_crawler.pages import read_page

if TYPE_CHECKING:
    from observer_crawler.pages import Page

PAGES = Path(__file__).parent / "pages"
GOLDEN = PAGES / "golden.json"


@dataclass(frozen=True)
class Folder:
    """One page with what it must give; written by hand, or recorded from the site."""

    name: str
    body: bytes
    url: str
    content_type: str | None
    origin: str
    expected: dict[str, Any]

    def read(self) -> Page:
        return read_page(self.body, self.url, self.content_type)


def folders(root: Path = PAGES) -> list[Folder]:
    return [_folder(path.parent) for path in sorted(root.glob("*/meta.json"))]


def _folder(path: Path) -> Folder:
    meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
    return Folder(
        name=path.name,
        body=(path / "page.html").read_bytes(),
        url=meta["url"],
        content_type=meta["content_type"],
        origin=meta["origin"],
        expected=json.loads((path / "expected.json").read_text(encoding="utf-8")),
    )


def current(root: Path = PAGES) -> dict[str, Any]:
    """What golden.json would say if it were written now."""
    pages = {
        folder.name: {
            "page": _sum([folder.url, folder.content_type, folder.body.hex()]),
            "output": _sum(_output(folder.read())),
        }
        for folder in folders(root)
    }
    outputs = {name: sums["output"] for name, sums in pages.items()}
    return {"extractor": items.EXTRACTOR, "sha256": _sum(outputs), "pages": pages}


def _output(page: Page) -> dict[str, Any]:
    article = None if page.article is None else asdict(page.article)
    if article is not None:
        # The number stands for the output and is no part of it.
        del article["extractor"]
    links = [[link.url, link.box, link.text] for link in page.links]
    return {"kind": page.kind, "article": article, "refusal": page.refusal, "links": links}


def _sum(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def stored(path: Path = GOLDEN) -> dict[str, Any]:
    """The golden file as it is; without one, nothing is known yet."""
    if not path.exists():
        return {"extractor": 0, "sha256": "", "pages": {}}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return known


def changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The folders whose page is the same and whose output is another.

    >>> old = {"pages": {"a": {"page": "1", "output": "x"}, "b": {"page": "2", "output": "y"}}}
    >>> new = {"pages": {"a": {"page": "1", "output": "z"}, "b": {"page": "3", "output": "z"}}}
    >>> changed(old, new)
    ['a']
    """
    return [
        name
        for name, sums in new["pages"].items()
        if name in old["pages"]
        and old["pages"][name]["page"] == sums["page"]
        and old["pages"][name]["output"] != sums["output"]
    ]


def objection(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """Why `new` may not be written over `old`, and what to do; None where it may."""
    names = changed(old, new)
    if not names or new["extractor"] != old["extractor"]:
        return None
    return (
        f"The same pages give another output under EXTRACTOR {new['extractor']}: "
        f"{', '.join(names)}. Raise EXTRACTOR in observer_crawler/items.py, then run "
        "`make golden` and read the diff."
    )


def main() -> int:
    old, new = stored(), current()
    why_not = objection(old, new)
    if why_not:
        sys.stderr.write(why_not + "\n")
        return 1
    GOLDEN.write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(new['pages'])} pages under EXTRACTOR {new['extractor']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
