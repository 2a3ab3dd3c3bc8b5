"""Snapshots of a whole machine: taken while it rests between two turns, kept in memory or in a file, and run on."""

from rvsim.guest_os.snapshot.snapshot import Snapshot, SnapshotError, restore, take

__all__ = ["Snapshot", "SnapshotError", "restore", "take"]
