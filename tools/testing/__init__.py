"""`rvsim test` and the pytest plugin: tests of guest programs, run in machines inside the test's process."""
