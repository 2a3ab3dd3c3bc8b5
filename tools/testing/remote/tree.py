"""The files of a job, made once more on a worker, in a directory that is thrown away when the run is over."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rvsim.tools.testing.remote.store import Store


def digests_in(files: Sequence[dict[str, Any]]) -> list[str]:
    """What must be in the store."""
    return [entry["digest"] for entry in files if "digest" in entry]


def make_tree(files: Sequence[dict[str, Any]], top: Path, store: Store) -> None:
    """Make the files of a job below `top`, which is there. All of `digests_in` must be in the store.

    An image is a link into the store, so that what was unpacked of it before is found again.

    Raises:
        OSError: they cannot be made. ValueError: a name leads outside.
    """
    folders = []
    for entry in files:
        path = top / entry["path"]
        if os.path.isabs(entry["path"]) or ".." in path.parts:
            raise ValueError(f"{entry['path']!r} leads outside")
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry["kind"] == "link":
            os.symlink(entry["target"], path)
        elif entry["kind"] == "folder":
            path.mkdir(exist_ok=True)
            folders.append((path, entry))
        elif entry["kind"] == "image":
            os.symlink(os.path.abspath(store.path(entry["digest"])), path)
        else:
            shutil.copyfile(store.path(entry["digest"]), path)
            _dress(path, entry)
    for path, entry in reversed(folders):
        _dress(path, entry)


def _dress(path: Path, entry: dict[str, Any]) -> None:
    os.chmod(path, entry["mode"])
    os.utime(path, ns=(entry["mtime_ns"], entry["mtime_ns"]))
