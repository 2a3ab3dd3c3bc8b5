"""What riscv_hwprobe answers. Documentation/arch/riscv/hwprobe.rst"""

from __future__ import annotations

from rvsim.guest_os.abi.clocks import NS, TIMEBASE_NS

HWPROBE = (0, 0, 0, 1, 3, 3, 0, (1 << 38) - 1, NS // TIMEBASE_NS, 3)
"""By key: three ids of 0, base behaviour IMA, extensions F/D and C, misaligned accesses fast, no Zicboz, the highest
user address, the frequency of `time`, misaligned scalars fast."""
