"""The file of a layer, as the image has it."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from rvsim.tools.image.blobs import FolderBlobs
from rvsim.tools.image.image import Image, LayerBlob


def opened_layer(image: Image, layer: LayerBlob) -> AbstractContextManager[tuple[BinaryIO, int]]:
    """A context: the file at its beginning, compressed or not, and its size. Raises ImageError: it is not there."""
    if image.whiteouts:
        return image.blobs.opened(layer.name)
    tree = Path(os.path.realpath(image.path))           # a plain tree, whose file may be a link to anywhere
    return FolderBlobs(tree.parent).opened(tree.name)
