"""HTML that cannot be broken by what stands in it: text is escaped unless it is HTML already. Pure."""

from __future__ import annotations

from html import escape


class Html(str):
    """A piece of HTML, whole and safe."""

    __slots__ = ()


def tag(name: str, *inner: str, **attributes: str | float | None) -> Html:
    """Write an element; None leaves an attribute out, and `class_` is `class`.

    >>> tag("p", "1 < 2", tag("b", "<script>"), class_="a")
    '<p class="a">1 &lt; 2<b>&lt;script&gt;</b></p>'
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{given}>{joined(*inner)}</{name}>")


def joined(*inner: str) -> Html:
    """Put pieces side by side."""
    return Html("".join(each if isinstance(each, Html) else escape(each) for each in inner))
