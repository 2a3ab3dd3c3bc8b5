"""pytester forgets what a run of it imports, and classes would be there twice: what a run may need is here first."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import rvsim.tools.testing as harness

TREE = Path(str(harness.__file__)).parents[2]
ROOMS = ("emu", "guest_os", "tools/coverage", "tools/image", "tools/procs", "tools/strace", "tools/testing")

for room in ROOMS:
    for path in sorted((TREE / room).rglob("*.py")):
        import_module(".".join(["rvsim", *path.relative_to(TREE).with_suffix("").parts]).removesuffix(".__init__"))
