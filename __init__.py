"""rvsim: a RISC-V machine in a Python process, running a tiny operating system."""
