"""Which of the images in one place is meant, and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rvsim.tools.image.config import ImageConfig
from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import LayerBlob


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
    known = list(dict.fromkeys(name for name in names if name))
    return ", ".join(known[:8]) + (", …" if len(known) > 8 else "")


def wrong_platform(wanted: str, there: Iterable[str]) -> ImageError:
    """The image is not for this machine."""
    return ImageError(f"it is for {listed(there) or 'no platform at all'}, not for {wanted}; give an image for "
                      f"{wanted}")


def check_platform(config: ImageConfig, wanted: str | None) -> None:
    """Raises ImageError: the config says another platform."""
    if wanted is not None and config.platform != wanted:
        raise wrong_platform(wanted, [config.platform])


def no_such_name(name: str, there: Iterable[str]) -> ImageError:
    """No image is called that."""
    names = listed(there)
    return ImageError(f"it has no image {ascii(name)[:80]}; " + (f"there are {names}" if names else "none has a name"))
