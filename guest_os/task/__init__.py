"""Threads, thread groups, pids, scheduling, signals."""
