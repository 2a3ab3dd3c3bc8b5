"""Which of the images in one place is meant, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rvsim.tools.image.config import ImageConfig
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import LayerBlob
from rvsim.tools.image.text import shown

T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """One image, before anything of its layers is read; see `Image`."""

    digest: str
    kind: str
    config: ImageConfig
    layers: tuple[LayerBlob, ...]
    manifest: bytes = b""


def listed(names: Iterable[str]) -> str:
    """A few names for a message."""
    known = [name if len(name) <= 80 else shown(name) for name in dict.fromkeys(names) if name]
    few: list[str] = []
    for name in known[:8]:
        if sum(map(len, few)) + len(name) <= 240:
            few.append(name)
    return ", ".join(few) + (", …" if len(known) > len(few) else "")


def named(name: str, there: Sequence[tuple[Sequence[str], T]]) -> list[T]:
    """What is called `name`, of (names, thing): exactly, or else as docker completes a short name.

    Raises:
        ImageError: nothing is.
    """
    found = [thing for names, thing in there if name in names]
    whole = _completed(name)
    found = found or [thing for names, thing in there if any(_completed(one) == whole for one in names)]
    if not found:
        known = listed(one for names, _ in there for one in names)
        raise ImageError(f"it has no image {shown(name)}; " + (f"it has {known}" if known else "none has a name"))
    return found


def _completed(name: str) -> str:
    """REGISTRY/PATH:TAG of a name that may leave parts out, as `docker image tag` has it."""
    registry, slash, path = name.partition("/")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        registry, path = "docker.io", name
    if registry == "docker.io" and "/" not in path:
        path = f"library/{path}"
    if ":" not in path and "@" not in path:
        path += ":latest"
    return f"{registry}/{path}"


def wrong_platform(wanted: str, there: Iterable[str]) -> ImageError:
    """The image is not for this machine."""
    return ImageError(f"it is for {listed(there) or 'no platform at all'}, not for {wanted}; give an image for "
                      f"{wanted}")


def check_platform(config: ImageConfig, wanted: str | None) -> None:
    """Raises ImageError: the config says another platform."""
    if wanted is not None and config.platform != wanted:
        raise wrong_platform(wanted, [config.platform])
