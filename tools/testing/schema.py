"""The JSON Schema of test files, and the reference of their keys: both from the description that reads them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from rvsim.tools.testing.suite import RECORDS, SUITE
from rvsim.tools.toml.kinds import Record, name_of

TITLE = "A test file of rvsim (*.rvtest.toml)"


def schema() -> dict[str, Any]:
    """The schema, as JSON Schema 2020-12 has it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": TITLE,
            **SUITE.definition(),
            "$defs": {record.cls.__name__: record.definition() for record in RECORDS if record is not SUITE}}


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
