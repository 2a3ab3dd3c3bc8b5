"""What the kernel says it is. include/uapi/linux/utsname.h"""

from __future__ import annotations

RELEASE = b"6.12.0-rvsim"
VERSION = b"#1 SMP PREEMPT"
