"""Images of containers: reading, running and making them."""

from rvsim.tools.image.errors import ImageError
from rvsim.tools.image.image import Image
from rvsim.tools.image.reading import open_image

__all__ = ["Image", "ImageError", "open_image"]
