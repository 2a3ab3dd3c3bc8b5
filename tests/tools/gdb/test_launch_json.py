"""What docs/gdb.md has people put into launch.json has the fields that the extensions know, and those they need."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs" / "gdb.md"
ALWAYS = frozenset(("name", "type", "request"))
KNOWN = {
    # microsoft/vscode-cpptools, Extension/tools/OptionsSchema.json: CppdbgLaunchOptions
    ("cppdbg", "launch"): (frozenset(("program",)), frozenset((
        "program", "args", "cwd", "setupCommands", "postRemoteConnectCommands", "MIMode", "miDebuggerPath",
        "miDebuggerArgs", "miDebuggerServerAddress", "useExtendedRemote", "stopAtEntry", "stopAtConnect"))),
    # WebFreak001/code-debug, package.json: contributes.debuggers, type gdb, attach
    ("gdb", "attach"): (frozenset(("target",)), frozenset((
        "target", "remote", "executable", "gdbpath", "debugger_args", "cwd", "autorun", "autorunBefore"))),
}


def configurations() -> list[dict[str, Any]]:
    texts = re.findall(r"^```json\n(.*?)^```$", DOCS.read_text(), re.MULTILINE | re.DOTALL)
    return [one for text in texts for one in json.loads(text)["configurations"]]


def test_both_extensions_are_there() -> None:
    assert {(one["type"], one["request"]) for one in configurations()} == set(KNOWN)


@pytest.mark.parametrize("one", configurations(), ids=lambda one: str(one["type"]))
def test_fields(one: dict[str, Any]) -> None:
    needed, known = KNOWN[one["type"], one["request"]]
    assert ALWAYS | needed <= set(one) <= ALWAYS | known
    assert one.get("miDebuggerServerAddress", f"localhost{one.get('target')}") == "localhost:1234"
    assert one.get("miDebuggerPath", one.get("gdbpath")) == "gdb-multiarch"
