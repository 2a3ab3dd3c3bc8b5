"""The gdb server: `rvsim run --gdb`."""
