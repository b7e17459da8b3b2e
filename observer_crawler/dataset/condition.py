"""`--where`: a condition in DuckDB's words on the columns of one article.

It sees one batch of rows at a time, in a database in memory that reads no file, asks no network
and takes no further setting. What would give another answer tomorrow (clocks, dice) is refused,
for the same input gives the same bytes; so is a subquery, for it sees no other article.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from observer_crawler import site as newspaper
from observer_crawler.dataset.batch import columns_of
from observer_crawler.dataset.columns import schema
from observer_crawler.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_POSITION = "position of the row"
# DuckDB calls these steady within a query, which is not the same tomorrow. `age` of one moment
# counts from today.
_OF_THE_MOMENT = frozenset(
    "age current_connection_id current_database current_date current_localtime "
    "current_localtimestamp current_query current_query_id current_role current_schema "
    "current_schemas current_setting current_time current_timestamp current_transaction_id "
    "current_user get_current_time get_current_timestamp getvariable in_search_path localtime "
    "localtimestamp now session_user today transaction_timestamp txid_current user version".split()
)
_NOT_TAKEN = {"SUBQUERY": "a subquery", "PARAMETER": "a parameter", "WINDOW": "a window"}


class Condition:
    """A condition that was typed, checked before a line is read."""

    def __init__(self, text: str) -> None:
        """Raise ConfigurationError with one line that names the condition."""
        self.text = text
        self._connection = duckdb.connect(
            config={
                "threads": 1,
                "python_enable_replacements": False,
            }
        )
        for setting in (
            "SET enable_progress_bar = false",
            f"SET TimeZone = '{newspaper.ZONE}'",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._run(setting)
        try:
            self._expression = duckdb.SQLExpression(text)
        except duckdb.Error as err:
            raise self._wrong(err) from err
        self._check_parts()
        # Of an article that says nothing: a constant that cannot be read is found before a line is.
        self.fits([dict.fromkeys(schema().names)])

    def fits(self, rows: Sequence[dict[str, Any]]) -> list[bool]:
        """Say of each row whether it fits; raises ConfigurationError as above."""
        batch = columns_of(rows, schema())
        numbers = pa.array(range(len(rows)), pa.int64())
        self._connection.register("article", batch.append_column(_POSITION, numbers))
        try:
            chosen = self._connection.table("article").filter(self._expression)
            found = {row[0] for row in chosen.select(f'"{_POSITION}"').fetchall()}
        except duckdb.Error as err:
            raise self._wrong(err) from err
        finally:
            self._connection.unregister("article")
        return [number in found for number in range(len(rows))]

    def close(self) -> None:
        self._connection.close()

    def _run(self, query: str, *values: object) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def _check_parts(self) -> None:
        """Refuse what does not depend on the article alone."""
        query = f"SELECT 1 FROM article WHERE {self._expression}"  # noqa: S608 (parsed above)
        tree = json.loads(self._run("SELECT json_serialize_sql(?)", query)[0][0])
        for kind, name in _parts(tree):
            if kind in _NOT_TAKEN:
                raise self._refused(f"{_NOT_TAKEN[kind]} is not taken")
            if name in _OF_THE_MOMENT or (kind == "FUNCTION" and self._is_volatile(name)):
                raise self._refused(f"{name} gives another answer each time")

    def _is_volatile(self, name: str) -> bool:
        query = (
            "SELECT 1 FROM duckdb_functions() WHERE function_name = ? AND stability = 'VOLATILE'"
        )
        return bool(self._run(query, name))

    def _wrong(self, err: duckdb.Error) -> ConfigurationError:
        said = [line.strip() for line in str(err).splitlines()]
        near = [line for line in said if line.startswith("Candidate bindings")]
        return self._refused(". ".join([*said[:1], *near[:1]]) or type(err).__name__)

    def _refused(self, why: str) -> ConfigurationError:
        text = " ".join(self.text.split())
        return ConfigurationError(f"--where {text!r:.300}: {why}")


def _parts(tree: object) -> Iterator[tuple[str, str]]:
    """Give kind and name of every part of a parsed condition; a plain column has its own."""
    if isinstance(tree, dict):
        names = tree.get("column_names") or [tree.get("function_name") or ""]
        own = str(names[0]).lower() if len(names) == 1 else ""
        yield str(tree.get("class", "")), own
        for value in tree.values():
            yield from _parts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _parts(value)
