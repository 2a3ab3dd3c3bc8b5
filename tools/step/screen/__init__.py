"""The full-screen view of `rvsim step`: the prompt's commands, with what they talk of beside them."""
