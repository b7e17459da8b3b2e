"""Markdown that shows what strangers wrote and does not obey it. Pure.

A cell or a paragraph is one line, whatever is in it. What would begin a cell, a tag, a link or
emphasis is written as an entity, which is text for every reader of Markdown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from observer_crawler.cells import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&vert;",
        "\\": "&bsol;",
        "`": "&grave;",
        "*": "&ast;",
        "[": "&lbrack;",
        "]": "&rbrack;",
        "$": "&dollar;",
        "#": "&num;",
    }
)
# Within a word it is no emphasis (GFM), and names of figures have some.
_EMPHASIS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


def plain(value: object) -> str:
    r"""Write a value: numbers with commas, text as it reads, lists with commas between.

    >>> plain(1234), plain(0.98765432), plain(None), plain(["a|b", "<c>"])
    ('1,234', '0.9877', '-', 'a&vert;b, &lt;c&gt;')
    >>> plain("a\nb"), plain("as_listed _x_")
    ('a b', 'as_listed &lowbar;x&lowbar;')
    """
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4g}"
        case list() | tuple():
            return ", ".join(map(plain, value)) or "-"
    text = visible(str(value)).strip().translate(_ENTITIES)
    return _EMPHASIS.sub("&lowbar;", text) or "-"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table; `head` is ours, the cells may be anybody's."""
    lines = [list(head), ["---"] * len(head), *([plain(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
