"""Which rvsim this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The installed version; `checkout` where rvsim is only on the path."""
    try:
        return version("rvsim")
    except PackageNotFoundError:
        return "checkout"
