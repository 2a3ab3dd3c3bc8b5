"""What `--dist` may say."""

from __future__ import annotations

import re

XDIST_MODES = ("each", "load", "loadscope", "loadfile", "loadgroup", "worksteal", "no")
"""Those of pytest-xdist, which keep their meaning."""
_ADDRESS = re.compile(r"(?:(?P<scheme>tcp|tls|ws|wss)://)?(?P<host>\[[0-9A-Fa-f:.%]+\]|[\w.-]+):(?P<port>\d{1,5})/?")
_MOST_PORT = 65535


def scheduler_of(value: str) -> str:
    """The address of Dask's scheduler that `dask=ADDRESS` names, with its scheme.

    Raises:
        ValueError: it names none; one line that says what to write.
    """
    engine, equals, address = value.partition("=")
    if engine != "dask":
        raise ValueError(f"--dist {value}: there is no such way; give dask=ADDRESS, or one of pytest-xdist's: "
                         f"{', '.join(XDIST_MODES)}")
    match = _ADDRESS.fullmatch(address)
    if not equals or match is None or not 0 < int(match["port"]) <= _MOST_PORT:
        said = f"{address!r} is no address" if address else "the address is missing"
        raise ValueError(f"--dist {value}: {said}; give the scheduler's, as in --dist dask=tcp://127.0.0.1:8786")
    return f"{match['scheme'] or 'tcp'}://{match['host']}:{match['port']}"
