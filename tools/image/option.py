"""`rvsim run --image`: what it does to the other options."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rvsim.tools.errors import CliError
from rvsim.tools.image import ImageError, open_image
from rvsim.tools.image.cache import DEFAULT_LIMIT_BYTES
from rvsim.tools.image.start import start_of

if TYPE_CHECKING:
    from rvsim.guest_os.boot import MachineConfig


def with_image(config: MachineConfig, words: list[bytes], path: str, entrypoint: bytes | None, cwd: bytes | None,
               limit_bytes: int | None, *, restoring: bool) -> tuple[MachineConfig, list[bytes]]:
    """The config and the words of the first program for an image, and `config` for what it leaves open.

    `cwd`: what the command line says. Of an image for a machine that is restored, only the tree counts.

    Raises:
        CliError: the image cannot be used, or what it says of its programs.
    """
    try:
        image = open_image(Path(path), limit_bytes=limit_bytes or DEFAULT_LIMIT_BYTES)
        if restoring:
            image.keep()
            return replace(config, root=image.root), words
        start = start_of(image, words, entrypoint=entrypoint, env=config.env, cwd=cwd, abi=config.abi)
        image.keep()
    except ImageError as error:
        raise CliError(f"--image: {error}") from None
    changed = replace(config, root=start.root, env=start.env, cwd=start.cwd, abi=start.abi, image=start.image)
    return changed, list(start.argv)
