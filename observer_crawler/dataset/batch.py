"""Some rows on their way from the lines to the files: rows, or columns, as each is asked for.

Who looks at rows one by one gets dicts, made of the lines when the first is asked for. Who takes
columns of rows that nobody looked at gets what Arrow reads from the lines, which takes a third of
the time. Both are the same to the value: what Arrow does not take at once is made of dicts.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import compress
from typing import TYPE_CHECKING, Any, overload

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from observer_crawler.dataset import arrays
from observer_crawler.dataset.columns import schema
from observer_crawler.dataset.rows import parsed, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Rows = Sequence[Mapping[str, Any]]

_COUNTED = ("text", "word_count")
# Rows of which a few are counted in the slow way rather than parted again.
_FEW = 8
# Between two texts, whose words are counted together.
_BORDER = " \0 "
# White space other than the space, by Python's reckoning.
_OTHER_GAP = re.compile(
    r"[\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
# Letters of ASCII stand for no white space, and are most of a text.
_LETTERS = bytes(range(0x21, 0x80))
_NO_SPACE = bytes(set(range(256)) - set(b" \0"))
# Batches that are made ready while one is written.
_AHEAD = 2


class Batch(Sequence[dict[str, Any]]):
    """Rows of some lines, which were judged before, in their order."""

    def __init__(self, lines: Sequence[bytes], excluded: Mapping[str, str]) -> None:
        """`excluded` are ids that stand in no row."""
        self._lines = lines
        self._excluded = excluded
        self._rows: list[dict[str, Any]] | None = None
        self._columns: pa.RecordBatch | None = None

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return self._as_rows()[place]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._as_rows())

    def prepare(self) -> None:
        """Read the columns, from any thread; those of rows that stand as dicts are not wanted."""
        if self._rows is None and self._columns is None:
            read = _read(self._lines)
            self._columns = read and _without(read, self._excluded)

    def untouched(self) -> pa.RecordBatch | None:
        """Give the columns that were read from the lines; None where rows were asked for."""
        return self._columns

    def only(self, fits: Sequence[bool]) -> Batch:
        """Give a batch of the rows that fit."""
        if all(fits):
            return self
        chosen = Batch(list(compress(self._lines, fits)), self._excluded)
        if self._rows is not None:
            chosen._rows = list(compress(self._rows, fits))
        elif self._columns is not None:
            chosen._columns = self._columns.filter(pa.array(fits))
        return chosen

    def _as_rows(self) -> list[dict[str, Any]]:
        """Make the rows, of which somebody may change one: the columns are theirs from now on."""
        if self._rows is None:
            self._rows = [row_of(parsed(line), self._excluded) for line in self._lines]
            self._columns = None
        return self._rows


def columns_of(rows: Rows, wanted: pa.Schema) -> pa.RecordBatch:
    """Give columns of rows, be they a Batch or dicts of their own."""
    if isinstance(rows, Batch) and (read := rows.untouched()) is not None:
        return pa.RecordBatch.from_arrays([read[name] for name in wanted.names], schema=wanted)
    return arrays.batch(rows, wanted)


def ready(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Give batches with their columns read: some ahead, by a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        under_way: deque[tuple[Batch, Any]] = deque()
        for each in batches:
            under_way.append((each, thread.submit(each.prepare)))
            if len(under_way) > _AHEAD:
                yield _done(*under_way.popleft())
        while under_way:
            yield _done(*under_way.popleft())


def _done(batch: Batch, under_way: Any) -> Batch:  # noqa: ANN401 (a future)
    under_way.result()
    return batch


def _read(lines: Sequence[bytes]) -> pa.RecordBatch | None:
    """Read lines as Arrow does; None where it does not take one of them."""
    joined = b"".join(lines)
    try:
        table = pa.json.read_json(
            pa.BufferReader(joined),
            read_options=pa.json.ReadOptions(block_size=len(joined) + 1, use_threads=False),
            parse_options=_as_written(),
        ).combine_chunks()
        return _counted(table) if table.num_rows == len(lines) else None
    except (pa.ArrowException, UnicodeDecodeError):
        return None


def _as_written() -> pa.json.ParseOptions:
    """Ask for the columns as they stand in lines: a date is a text there, more is left out."""
    fields = [
        pa.field(each.name, _written(each.type)) for each in schema() if each.name not in _COUNTED
    ]
    return pa.json.ParseOptions(
        explicit_schema=pa.schema(fields), unexpected_field_behavior="ignore"
    )


def _written(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_date(type_):
        return pa.string()
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(each.name, _written(each.type)) for each in type_])
    return type_


def _counted(table: pa.Table) -> pa.RecordBatch:
    """Put what is counted from the body beside it, as `rows.row_of` does."""
    body = table["body"].combine_chunks()
    text = pc.binary_join(body, "\n\n")
    found = {"text": text, "word_count": _words(text, body)}
    columns = [
        found[each.name] if each.name in found else table[each.name].cast(each.type)
        for each in schema()
    ]
    (batch,) = pa.Table.from_arrays(columns, schema=schema()).combine_chunks().to_batches()
    return batch


def _without(batch: pa.RecordBatch, excluded: Mapping[str, str]) -> pa.RecordBatch:
    """Leave ids out of the boxes, as `rows.row_of` does."""
    if not excluded:
        return batch
    ids = pa.array(list(excluded), pa.string())
    for name in ("previous", "next"):
        is_one = pc.is_in(batch[name], ids)
        batch = _with(batch, name, pc.if_else(is_one, pa.scalar(None, pa.string()), batch[name]))
    related = batch["related"]
    if pc.any(pc.is_in(related.flatten(), ids)).as_py():
        left = [some and [n for n in some if n not in excluded] for some in related.to_pylist()]
        batch = _with(batch, "related", pa.array(left, related.type))
    return batch


def _with(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    return batch.set_column(batch.schema.get_field_index(name), batch.schema.field(name), values)


def _words(text: pa.Array, body: pa.Array) -> pa.Array:
    """Count words as `len(text.split())` does; what is not so soon told by Arrow, a half at a time."""
    if (found := _words_at_once(body)) is not None:
        return found
    if len(text) <= _FEW:
        trimmed = pc.utf8_trim_whitespace(text)
        words = pc.list_value_length(pc.utf8_split_whitespace(trimmed))
        return pc.if_else(pc.equal(trimmed, ""), 0, words).cast(pa.int64())
    half = len(text) // 2
    parts = [_words(text[:half], body[:half]), _words(text[half:], body[half:])]
    return pa.concat_arrays(parts)


def _words_at_once(body: pa.Array) -> pa.Array | None:
    """Count the spaces, where words are parted by single ones alone; None elsewhere."""
    if body.null_count or not len(body):
        return None
    texts = pc.binary_join(body, " ")
    whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    joined = b" %b " % pc.binary_join(whole, _BORDER)[0].as_buffer().to_pybytes()
    if b"  " in joined:
        return None
    gaps = joined.translate(None, _LETTERS)
    if _OTHER_GAP.search(gaps.translate(None, b" ").decode()):
        return None
    counts = [len(each) - 1 for each in gaps.translate(None, _NO_SPACE).split(b"\0")]
    return pa.array(counts, pa.int64()) if len(counts) == len(body) else None
