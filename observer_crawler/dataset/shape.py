"""Lines that are right, seen at once: msgspec reads a line straight into the shape of `items`.

Nothing is refused here. What this file takes, the careful reading of `rows` takes with the same
values; what it does not take at once is for that one to judge. So nothing but speed depends on it.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from observer_crawler.items import Article
from observer_crawler.schema import REQUIRED, rule_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Fits = Callable[[Any], object]

# What the numbers of Parquet and SQLite can hold, and their negatives.
MOST = 2**63 - 1
# What msgspec raises: its own, and for bytes that are not UTF-8, and for what is nested too deeply.
NOT_AT_ONCE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

value_of: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def _struct(kind: type[Any]) -> type[msgspec.Struct]:
    """Give a class of a record's shape. A line with more fields is for the careful reading."""
    hints = get_type_hints(kind)
    told = [_field(each, hints[each.name]) for each in fields(kind)]
    return msgspec.defstruct(
        kind.__name__, told, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _field(each: Field[Any], hint: Any) -> tuple[str, Any] | tuple[str, Any, Any]:  # noqa: ANN401 (a type)
    """Give name and type; what a line of before need not have may be missing and null."""
    if each.name in REQUIRED:
        return each.name, _type(_without_null(hint), each.metadata)
    type_ = _type(hint, each.metadata)
    if each.default is MISSING and each.default_factory is MISSING:
        return each.name, type_
    return each.name, type_ | None, msgspec.UNSET


def _type(hint: Any, about: Mapping[str, Any]) -> Any:  # noqa: ANN401 (types)
    if (bare := _without_null(hint)) is not hint:
        return _type(bare, about) | None
    if is_dataclass(hint) and isinstance(hint, type):
        return _struct(hint)
    if get_origin(hint) is list:
        return list[_type(get_args(hint)[0], {})]  # type: ignore[misc]
    if "enum" in about:
        return Literal[tuple(about["enum"])]
    if hint is int:
        return Annotated[int, msgspec.Meta(ge=about.get("minimum", -MOST), le=MOST)]
    return hint


def _without_null(hint: Any) -> Any:  # noqa: ANN401 (types)
    """Give what stands beside None in a type, the type itself where nothing does."""
    some = [each for each in get_args(hint) if each is not NoneType]
    return some[0] if NoneType in get_args(hint) else hint


def _fits(hint: Any, about: Mapping[str, Any]) -> Fits | None:  # noqa: ANN401 (a type)
    """Make the check of what the type does not say, for a value that is there; None: nothing."""
    bare = _without_null(hint)
    if is_dataclass(bare) and isinstance(bare, type):
        return _part_fits(bare)
    if get_origin(bare) is list:
        item = _fits(get_args(bare)[0], {})
        return item and (lambda values: all(map(item, values)))
    return rule_of(about)


def _part_fits(kind: type[Any]) -> Fits | None:
    checks = _checks(kind)
    return (lambda value: _is_right(value, checks)) if checks else None


def _checks(kind: type[Any]) -> list[tuple[Callable[[Any], Any], Fits]]:
    """Give how each field is got, and its check; fields without one are left out."""
    hints = get_type_hints(kind)
    found = ((each.name, _fits(hints[each.name], each.metadata)) for each in fields(kind))
    return [(attrgetter(name), fits) for name, fits in found if fits]


def _is_right(record: msgspec.Struct, checks: list[tuple[Callable[[Any], Any], Fits]]) -> bool:
    for value_in, fits in checks:
        value = value_in(record)
        if value is not None and value is not msgspec.UNSET and not fits(value):
            return False
    return True


_NAMES = tuple(each.name for each in fields(Article))
_ALL = attrgetter(*_NAMES)
_CHECKS = _checks(Article)
_decode: Callable[[bytes], Any] = msgspec.json.Decoder(_struct(Article)).decode


def article_of(line: bytes) -> Any | None:  # noqa: ANN401 (a class that is made above)
    """Give the article of a line, its fields as attributes (UNSET: missing); None: not at once."""
    try:
        found = _decode(line)
    except NOT_AT_ONCE:
        return None
    return found if _is_right(found, _CHECKS) else None


def lacking(article: msgspec.Struct) -> tuple[str, ...]:
    """Name the fields that a line does not have."""
    values = _ALL(article)
    if msgspec.UNSET not in values:
        return ()
    return tuple(
        name for name, value in zip(_NAMES, values, strict=True) if value is msgspec.UNSET
    )
