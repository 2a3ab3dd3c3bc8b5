"""The guest's processes for a person on the host: a snapshot of them, and what shows it."""
