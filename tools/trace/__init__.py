"""Traces: every trap of a run in a file, and what `rvsim trace` makes of it."""
