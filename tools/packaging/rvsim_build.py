"""The build backend: setuptools, with a C compiler found for it and the guest programs compiled first. PEP 517, PEP 660

Run as a script it compiles the trap gate in place.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from host_compiler import ZIG, choose_compiler, compiler_environment, needs_zig_for_guests
from setuptools import build_meta, setup
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = dict[str, Any] | None


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    requires: list[str] = build_meta.get_requires_for_build_editable(config_settings)
    return requires if compiler_environment() is not None else [*requires, ZIG]


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    requires: list[str] = build_meta.get_requires_for_build_wheel(config_settings)
    if compiler_environment() is None or needs_zig_for_guests():
        return [*requires, ZIG]
    return requires


def build_guests() -> None:
    """Compile the guest programs into `user_apps/bin`, so that the wheel carries them."""
    checkout = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rvsim").symlink_to(checkout, target_is_directory=True)
        path = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))
        subprocess.run(
            [sys.executable, "-m", "rvsim.tools.guest_build"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            check=True,
        )


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    choose_compiler()
    name: str = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    return name


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    build_guests()
    choose_compiler()
    name: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    return name


if __name__ == "__main__":
    choose_compiler()
    setup(script_args=["build_ext", "--inplace"])
