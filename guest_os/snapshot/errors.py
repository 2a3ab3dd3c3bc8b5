"""What can go wrong with a snapshot."""


class SnapshotError(Exception):
    """A snapshot cannot be taken, kept, read or restored: one line for the user."""
