"""A snapshot that `snapshot.write` left in a file. Needs no kernel, so the command line starts without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rvsim.tools.errors import CliError, reason

VERSION = 1
"""Of the file's form."""


def load(path: str) -> dict[str, Any]:
    """A snapshot from its file. Raises CliError: it cannot be read, or is none."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CliError(f"{path}: {reason(error)}") from None
    return parse(data, path, f"; `rvsim run --snapshot-procs {path} …` writes one")


def parse(data: bytes, name: str, advice: str = "") -> dict[str, Any]:
    """A snapshot from its bytes, which people know as `name`. Raises CliError: it is none."""
    try:
        shown = json.loads(data)
    except (ValueError, RecursionError):
        raise CliError(f"{name} is no snapshot{advice}") from None
    if not isinstance(shown, dict) or shown.get("rvsim_processes") != VERSION:
        raise CliError(f"{name} is no snapshot of this version{advice}")
    return shown
