"""croissant.json of a version: what its files are and what is in them, in the words of Croissant.

Pure. The vocabulary is that of docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. There is
no version: a version's name is the sum of a manifest that holds the sum of this file. The day of
publication is that of the newest fetch, for there is no clock.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from observer_crawler import site as newspaper
from observer_crawler.dataset.card_head import data_files, fields_of, title
from observer_crawler.source import NEWSPAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

# A reader warns of a context that is not the standard's, key by key.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
_FORMATS = {
    "parquet": "application/x-parquet",
    "jsonl": "application/jsonlines",
    "csv": "text/csv",
    "sqlite": "application/vnd.sqlite3",
    "wacz": "application/wacz",
}
_TYPES = {
    "date": "sc:Date",
    "int64": "sc:Integer",
    "int32": "sc:Integer",
    "bool": "sc:Boolean",
    "double": "sc:Float",
    "float": "sc:Float",
}


def croissant(manifest: Mapping[str, Any]) -> bytes:
    """Write the file; `files` of the manifest are those that it lists."""
    about = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS_TO,
        "name": title(manifest),
        "description": f"{manifest['notice']} README.md beside this file says what is in it.",
        "inLanguage": [name for name in manifest["counts"].get("language", {}) if name.isalpha()],
        **_of_the_source(manifest),
        "datePublished": manifest["newest_fetched_at"][:10],
        "isLiveDataset": False,
        "distribution": [_file(name, of) for name, of in manifest["files"].items()],
        "recordSet": [
            _records(split, name, manifest["columns"])
            for split, name in data_files(manifest).items()
            if name in manifest["files"]
        ],
    }
    return (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode()


def _of_the_source(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Name origin, rights and publisher; only the newspaper's own text has a publisher."""
    found = {"url": manifest["origin"]} if manifest["origin"] else {}
    if manifest["made_from"] != NEWSPAPER:
        return {**found, "license": "Other: see README.md, Rights."}
    url = newspaper.ORIGIN
    publisher = {"@type": "sc:Organization", "name": newspaper.NAME, "url": url}
    named = (
        "No licence was given: the publisher, and agencies where a row names one, hold the rights."
    )
    return {
        "url": url,
        "license": named,
        "creator": publisher,
        "publisher": publisher,
        "citeAs": f"{newspaper.NAME}, {url}, as fetched until {manifest['newest_fetched_at']}",
    }


def _file(name: str, about: Mapping[str, Any]) -> dict[str, Any]:
    ending = name.rpartition(".")[2]
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{about['bytes']} B",
        "encodingFormat": _FORMATS.get(ending, "text/markdown"),
        "sha256": about["sha256"],
    }


def _records(split: str, file: str, columns: list[dict[str, str]]) -> dict[str, Any]:
    # Cells of a csv are text, what has parts is JSON there: Croissant has no word for that.
    has_parts = not file.endswith(".csv")
    fields = [_field(split, file, column, has_parts=has_parts) for column in columns]
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "description": f"The rows of {file}.",
        "field": fields,
    }


def _field(split: str, file: str, column: Mapping[str, str], *, has_parts: bool) -> dict[str, Any]:
    type_, name = column["type"], column["name"]
    id_ = f"{split}/{name}"
    inside = type_.removeprefix("list<").removesuffix(">") if type_.startswith("list<") else type_
    is_array = has_parts and inside != type_
    array = {"isArray": True, "arrayShape": "-1"} if is_array else {}
    about = {"@type": "cr:Field", "@id": id_, "name": name, "description": column["description"]}
    source = {"fileObject": {"@id": file}, "extract": {"column": name}}
    if has_parts and inside.startswith("struct<"):
        return {**about, **array, "subField": _parts(id_, source, inside)}
    data_type = data_type_of(inside if has_parts else type_)
    return {**about, "dataType": data_type, **array, "source": source}


def _parts(id_: str, source: Mapping[str, Any], type_: str) -> list[dict[str, Any]]:
    """Write the parts of a column, each taken out of it by its name."""
    parts = []
    for each in fields_of(type_.removeprefix("struct<").removesuffix(">")):
        name, _, of = each.partition(": ")
        is_list = of.startswith("list<")
        parts.append(
            {
                "@type": "cr:Field",
                "@id": f"{id_}/{name}",
                "name": name,
                "dataType": data_type_of(of.removeprefix("list<").removesuffix(">")),
                **({"isArray": True, "arrayShape": "-1"} if is_list else {}),
                "source": {**source, "transform": {"jsonPath": name}},
            }
        )
    return parts


def data_type_of(type_: str) -> str:
    """Give Croissant's word for a type of columns.py.

    >>> data_type_of("timestamp[us, tz=UTC]"), data_type_of("int64"), data_type_of("string")
    ('sc:DateTime', 'sc:Integer', 'sc:Text')
    """
    return "sc:DateTime" if type_.startswith("timestamp") else _TYPES.get(type_, "sc:Text")
