"""What a machine is to be like for an image: its config, and what the command line says against it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from rvsim.guest_os.boot import ImageStart
from rvsim.tools.image.config import ABI_LABEL, ABIS
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import Image
from rvsim.tools.image.text import shown


@dataclass(frozen=True)
class Start:
    """What `MachineConfig` takes of an image, by the names of its fields, and the words of the first program."""

    argv: tuple[bytes, ...]
    root: bytes
    env: dict[bytes, bytes]
    cwd: bytes
    abi: str | None
    image: ImageStart


def start_of(image: Image, words: Sequence[bytes] = (), *, entrypoint: bytes | None = None,
             env: dict[bytes, bytes] | None = None, cwd: bytes | None = None, abi: str | None = None) -> Start:
    """How to start an image. `words` take the place of its Cmd, `entrypoint` that of its Entrypoint and Cmd; what of
    `env`, `cwd` and `abi` is given goes before what the image says.

    Raises:
        ImageError: the image names no program, a variable without a name or an ABI that there is not, or its tree
            cannot be had.
    """
    config = image.config
    argv = [os.fsencode(word) for word in config.entrypoint] if entrypoint is None else [entrypoint]
    argv += words or ([os.fsencode(word) for word in config.cmd] if entrypoint is None else [])
    if not argv:
        raise ImageError(f"{image.path}: it does not say what to run; give a program, as in "
                         f"`rvsim run --image {image.path} /bin/sh`")
    if not argv[0]:
        raise ImageError(f"{image.path}: the name of its program is empty")
    if any(b"\0" in word for word in argv):
        raise ImageError(f"{image.path}: a word of its command has a NUL in it")
    if abi is None and config.abi not in (None, *ABIS):
        raise ImageError(f"{image.path}: its label {ABI_LABEL} says {shown(config.abi)}; rvsim knows linux and rcore, "
                         "and --abi says it instead")
    said = {}
    for text in config.env:
        name, equals, value = os.fsencode(text).partition(b"=")
        if not (name and equals):
            raise ImageError(f"{image.path}: its variable {shown(text)} is not NAME=VALUE")
        said[name] = value
    folder = b"/" + os.fsencode(config.working_dir).lstrip(b"/") if cwd is None else cwd
    return Start(tuple(argv), image.root, said | (env or {}), folder, config.abi if abi is None else abi,
                 ImageStart(os.fsencode(image.path), os.fsencode(config.user), cwd is None))
