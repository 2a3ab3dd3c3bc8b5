"""Snapshots of a whole machine: taken while it rests between two turns, kept in memory or in a file, and run on."""

from rvsim.guest_os.snapshot.errors import SnapshotError
from rvsim.guest_os.snapshot.file import load, save
from rvsim.guest_os.snapshot.host import GrantedResources
from rvsim.guest_os.snapshot.snapshot import Snapshot, restore, take

__all__ = ["GrantedResources", "Snapshot", "SnapshotError", "load", "restore", "save", "take"]
