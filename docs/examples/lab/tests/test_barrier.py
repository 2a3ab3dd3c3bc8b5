"""Exercise 3 in Python: what a guest does can be looked at while it runs."""

import pytest


@pytest.fixture
def barrier(rvsim_image):
    return rvsim_image(programs=["../build/*"]).spawn("barrier_condvar", terminal=False, stdin="")


@pytest.mark.points(1)
def test_letters_come_in_order(barrier):
    assert barrier.wait() == 0
    assert barrier.output == "a" * 60 + "b" * 60 + "c" * 60 + "\n"


@pytest.mark.points(1)
def test_threads_sleep_while_they_wait(barrier):
    assert barrier.wait() == 0
    assert barrier.ticks < 3_000_000
