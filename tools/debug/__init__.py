"""Debugging programs and their traps from outside the guest: the core under `rvsim step`, the gdb server and others.

It has no user interface. A `Session` owns a machine and runs it; at each stop it asks a frontend what to do next.
"""
