"""What pyproject.toml says of the distribution is what the checkout has."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("emu", "guest_os", "tools", "user_apps")


def test_every_package_is_in_the_distribution() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    there = ["rvsim"] + [".".join(("rvsim", *path.parent.relative_to(ROOT).parts))
                         for room in ROOMS for path in (ROOT / room).rglob("__init__.py")]
    assert sorted(named) == sorted(there)
