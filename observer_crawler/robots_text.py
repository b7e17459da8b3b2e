"""What stands in a robots.txt, made plain for the parser: its encoding, and whom a group is for.

RFC 9309 (2.2.1) lets a group hold for whom its product token names, in upper or lower case. The
parser takes the beginning of a name for the name: a group for `observer` would hold for
`observer_crawler` in the place of `*`, and `observer_crawler/1.0`, as an access log shows it, for
nobody. It also ends a group at a record that is neither name nor rule (`Crawl-delay`, `Host`), which
RFC 9309 (2.2.4) forbids. Pure: bytes in, bytes out.
"""

from __future__ import annotations

import codecs
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Any name that is not the beginning of ours.
_SOMEBODY_ELSE = "-"
# A line as the parser understands it: also without a colon, or with a blank for the hyphen.
_AGENT = re.compile(r"\s*user(?:-| ?)agent\s*[:\s]([^#]*)", re.IGNORECASE)
# With the misspellings that the parser knows.
_RULE = re.compile(
    r"\s*(?:allow|disallow|dissallow|dissalow|disalow|diasllow|disallaw)(?:\s|:|$)", re.IGNORECASE
)
# RFC 9309 has no digits in it; a name that has some is another one all the same.
_TOKEN = re.compile(r"[a-z0-9_-]+")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def plain(body: bytes, agent: str) -> bytes:
    r"""Give a robots.txt in UTF-8 in which a group for us names `agent` and no other one seems to.

    >>> plain(b"User-Agent: Observer_Crawler/1.0 # us\nUser-agent: observer", "observer_crawler")
    b'User-agent: observer_crawler\nUser-agent: -'
    """
    lines = (_line(line, agent) for line in _text(body).splitlines())
    return "\n".join(_grouped(lines)).encode()


def is_page(body: bytes) -> bool:
    r"""Tell whether it is a page and no text: an error page, or the front page, sent with 200.

    >>> is_page(b" <!DOCTYPE html><p>Not found"), is_page(b"# <none>\nUser-agent: *")
    (True, False)
    """
    text = _text(body).lstrip()
    return text.startswith("<") and not any(map(_AGENT.match, text.splitlines()))


def lines_by_group(body: bytes, known: frozenset[str]) -> Iterator[tuple[frozenset[str], str]]:
    r"""Give each line that names nobody, with those that its group is for.

    Of names (in small letters) only the known ones are told apart; `-` is anybody else. No name:
    the line stands before all groups.

    >>> file = b"A: 1\nUser-agent: X/2\nB: 3\nUser-agent: Y\nAllow: /\nUser-agent: *\nAllow: /a"
    >>> [(sorted(names), line) for names, line in lines_by_group(file, frozenset("x*"))]
    [([], 'A: 1'), (['x'], 'B: 3'), (['-', 'x'], 'Allow: /'), (['*'], 'Allow: /a')]
    """
    names: frozenset[str] = frozenset()
    has_rules = False
    for line in _text(body).splitlines():
        if match := _AGENT.match(line):
            name = _token(match[1])
            before: frozenset[str] = frozenset() if has_rules else names
            names = before | {name if name in known else _SOMEBODY_ELSE}
            has_rules = False
        else:
            has_rules |= is_rule(line)
            yield names, line


def is_rule(line: str) -> bool:
    """Tell whether a line allows or disallows, as the parser understands it."""
    return _RULE.match(line) is not None


def _token(value: str) -> str:
    """Give a name without its version, in small letters."""
    name = value.strip().lower()
    match = _TOKEN.match(name)
    return match[0] if match else name


def _text(body: bytes) -> str:
    """Read the bytes; what Notepad saves as "Unicode" would show the parser no rules at all."""
    if body.startswith(_UTF16):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "ignore")


def _grouped(lines: Iterable[str]) -> Iterator[str]:
    """Say again, before the first rule of a group, all for whom it is, where a record came between.

    >>> list(_grouped(["User-agent: a", "Foo: x", "User-agent: b", "Disallow: /"]))[3:]
    ['User-agent: a', 'User-agent: b', 'Disallow: /']
    """
    names: list[str] = []
    has_rules = is_cut = False
    for line in lines:
        if _AGENT.match(line):
            names = [line] if has_rules else [*names, line]
            has_rules = False
        elif not is_rule(line):
            is_cut |= bool(line.partition("#")[0].strip()) and not has_rules
        elif not has_rules:
            yield from names if is_cut else ()
            has_rules, is_cut = True, False
        yield line


def _line(line: str, agent: str) -> str:
    match = _AGENT.match(line)
    return f"User-agent: {_named(match[1].strip().lower(), agent)}" if match else line


def _named(value: str, agent: str) -> str:
    """Say whom a group is for: all, us, or somebody else. `observer*` is meant for us too."""
    if value in {"", "*"}:
        return value
    token = _TOKEN.match(value)
    is_ours = (token and token[0] == agent) or ("*" in value and fnmatchcase(agent, value))
    return agent if is_ours else _SOMEBODY_ELSE
