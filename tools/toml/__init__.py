"""TOML files that people write, for tests and for images: what a value may be, and where a wrong one stands."""
