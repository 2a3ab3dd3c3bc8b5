"""What must hold of every image that is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rvsim.tests.tools.image.images import everything, sha256
from rvsim.tools import cli


def refused(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one line with which `rvsim run` refuses an image, and leaves the host as it was."""
    home = path.parent
    before = {name: data for name, data in everything(home).items() if not name.startswith(str(home / "cache"))}
    assert cli.main(["run", "--image", str(path), *options, "/bin/true"]) == 125
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n"), shown.err[:-1].isprintable()) == ("", 1, True)
    assert shown.err.startswith(f"rvsim: --image: {path}")
    assert "a bug in" not in shown.err
    assert len(shown.err) < 500 + len(str(path))
    after = {name: data for name, data in everything(home).items() if not name.startswith(str(home / "cache"))}
    assert after == before
    whole_cache(home / "cache")
    return shown.err


def whole_cache(home: Path) -> None:
    """Nothing half made is in the cache, and no layer that is not what its name says."""
    images = home / "rvsim/images"
    for name, data in everything(images).items():
        kind, _, last = os.path.relpath(name, images).partition("/")
        assert not last.startswith("new-")
        if kind == "layers" and last:
            assert data is not None
            assert sha256(data) == last
        assert kind.startswith("lock") or kind in ("layers", "trees", "files")
