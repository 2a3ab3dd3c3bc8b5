"""The JSON Schema of test files, and the reference of their keys: both from the description that reads them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from rvsim.tools.testing.suite import BOOT, RECORDS, SUITE
from rvsim.tools.toml.kinds import Record, name_of

TITLE = "A test file of rvsim (*.rvtest.toml)"
VARIABLE = {"type": "string", "pattern": r"\$\{\w+\}"}
"""A text with a variable of the matrix in it: it may stand for any value of a case."""


def schema() -> dict[str, Any]:
    """The schema, as JSON Schema 2020-12 has it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": TITLE,
            **SUITE.definition(),
            "$defs": {record.cls.__name__: record.definition() if record is BOOT else _in_a_case(record)
                      for record in RECORDS if record is not SUITE}}


def _in_a_case(record: Record[Any]) -> dict[str, Any]:
    """The definition of a record in which variables are replaced: everywhere but in the matrix."""
    definition = record.definition()
    definition["properties"] = {name: value if name == "matrix" else _or_variable(value)
                                for name, value in definition["properties"].items()}
    return definition


def _or_variable(value: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value, or of a text with a variable in its place where not any text will do."""
    if "oneOf" in value:
        kinds = [_or_variable(kind) for kind in value["oneOf"]]
        flat = [one for kind in kinds for one in kind.get("anyOf", [kind])]
        chosen = [kind for at, kind in enumerate(flat) if kind not in flat[:at]]
        return {"anyOf": chosen} | {name: what for name, what in value.items() if name != "oneOf"}
    if "items" in value:
        return value | {"items": _or_variable(value["items"])}
    if "additionalProperties" in value:
        return value | {"additionalProperties": _or_variable(value["additionalProperties"])}
    if "$ref" in value or (value.get("type") == "string" and "pattern" not in value):
        return value
    said = {"description": value["description"]} if "description" in value else {}
    return {"anyOf": [{name: what for name, what in value.items() if name != "description"}, VARIABLE]} | said


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


_HEADINGS = {
    "Suite": "The file", "Boot": "`[boot]`", "Case": "`[[case]]`", "Step": "A step of a `dialogue`",
    "PutIn": "A file in `files`", "Expect": "`[case.expect]`", "Match": "`output` and `errors`",
    "FileMatch": "A file in `expect.files`", "Count": "A number of `calls` or `faults`", "LimitKeys": "`limits`",
    "FaultKeys": "A fault in `faults`",
}


def reference() -> str:
    """The keys as Markdown, a table for each record."""
    return "\n".join(_table(record) for record in RECORDS)


def _table(record: Record[Any]) -> str:
    lines = [f"### {_HEADINGS[record.cls.__name__]}", "", "| key | value | meaning |", "|---|---|---|"]
    for field in record.fields().values():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        says = field.metadata["kind"].says.replace("|", "\\|")
        doc = field.metadata["doc"].replace("|", "\\|")
        lines.append(f"| `{name_of(field)}`{' (must be given)' if needed else ''} | {says} | {doc} |")
    return "\n".join([*lines, ""])
