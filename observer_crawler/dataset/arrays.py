"""Rows in text form, to the typed columns of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from observer_crawler.dataset.rows import day, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def batch(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Give the rows as Arrow has them; a column that a row does not have is null in it."""
    return pa.RecordBatch.from_arrays([column(rows, each) for each in schema], schema=schema)


def column(rows: Sequence[Mapping[str, Any]], field: pa.Field) -> pa.Array:
    """Give one column of the rows; its dates and moments stand as text in them."""
    return pa.array(_typed([row[field.name] for row in rows], field.type), field.type)


def _typed(values: list[Any], type_: pa.DataType) -> list[Any]:
    if pa.types.is_timestamp(type_):
        return [moment(value) for value in values]
    if pa.types.is_date(type_):
        return [day(value) for value in values]
    if pa.types.is_struct(type_) and (days := _days_in(type_)):
        return [value and _with_days(value, days) for value in values]
    return values


def _with_days(part: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Give a part with its days as such; one that a line of before does not have is null."""
    return {**part, **{name: day(part.get(name)) for name in names}}


def _days_in(type_: pa.StructType) -> list[str]:
    return [each.name for each in type_ if pa.types.is_date(each.type)]
