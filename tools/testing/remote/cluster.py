"""A cluster of Dask, as a run of tests needs it. The only module that knows Dask.

What workers are to do is named by a text that they evaluate, since the scheduler reads what it passes on, and need not
have rvsim. What comes from the cluster comes in one queue, in the order in which it happened.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import queue
import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

CONNECT_S = 10
_END_S = 10
_CALL = "__import__('rvsim.tools.testing.remote.worker', fromlist=['worker']).{}(**arguments)"
INSTALL_IT = "install it where the worker runs: pip install 'rvsim[dask]'"


class ClusterError(Exception):
    """The cluster cannot be used: one line that says what to do."""


@dataclass(frozen=True)
class Done:
    """A case was run; what it gave."""

    number: int
    answer: dict[str, Any]


@dataclass(frozen=True)
class Lost:
    """The worker died each time that a case was given to one. `times`: so often."""

    number: int
    times: int


@dataclass(frozen=True)
class Failed:
    """A worker could not even begin with a case, for this reason."""

    number: int
    error: BaseException


@dataclass(frozen=True)
class Said:
    """What a worker says on the run's topic."""

    message: dict[str, Any]


@dataclass(frozen=True)
class Gone:
    """The scheduler has left."""


Event = Done | Lost | Failed | Said | Gone


def missing() -> str | None:
    """Why Dask cannot be used at all: a line, or None."""
    if importlib.util.find_spec("distributed") is None:
        return "--dist dask needs the package distributed: pip install 'rvsim[dask]'"
    return None


class Cluster:
    """A connection to the scheduler at `address`, for the run named `run`."""

    def __init__(self, address: str, run: str) -> None:
        """Raises ClusterError."""
        self.address = address
        self.run = run
        self._events: queue.Queue[tuple[Any, ...]] = queue.Queue()
        self._futures: dict[int, Any] = {}
        self._tries: dict[int, int] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from distributed import Client

            logging.getLogger("distributed").setLevel(logging.CRITICAL)
            try:
                self._client = Client(address, timeout=CONNECT_S, set_as_default=False)
            except (OSError, ValueError, RuntimeError, TypeError) as error:
                raise ClusterError(f"no Dask scheduler answers at {address} ({_line(error)}); start one there with "
                                   "`dask scheduler`, or give another address") from None
        self._client.subscribe_topic(f"rvsim-{run}", lambda event: self._events.put(("said", event[1])))

    def workers(self) -> dict[str, int]:
        """The workers' addresses, and how many threads each has. Raises ClusterError: the scheduler is gone."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = self._client.scheduler_info()["workers"]
        except (OSError, RuntimeError, KeyError) as error:
            raise ClusterError(f"the scheduler at {self.address} is gone ({_line(error)})") from None
        return {address: int(one["nthreads"]) for address, one in found.items()}

    def ask(self, function: str, worker: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Call a function of `worker` now on one worker or all; by address, what it gave, or the exception."""
        found: dict[str, Any] = self._client.run(
            eval, _CALL.format(function), {"arguments": arguments}, workers=None if worker is None else [worker],
            on_error="return")
        return found

    def submit(self, calls: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Have `run_case` called for each (number, arguments); the numbers come back in events."""
        keys = []
        for number, _ in calls:
            self._tries[number] = self._tries.get(number, -1) + 1
            keys.append(f"rvsim_case-{self.run}-{self._tries[number]}-{number:06}")
        text = _CALL.format("run_case")
        futures = self._client.map(eval, [text] * len(calls), [{"arguments": one} for _, one in calls], key=keys,
                                   pure=False)
        for (number, _), future in zip(calls, futures, strict=True):
            self._futures[number] = future
            future.add_done_callback(partial(self._note, number))

    def _note(self, number: int, future: Any) -> None:
        self._events.put(("done", number, future))

    def next(self, timeout_s: float) -> Event | None:
        """What happens next; None: nothing in this time."""
        try:
            what, *rest = self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if what == "said":
            return Said(rest[0])
        number: int = rest[0]
        from distributed import KilledWorker

        try:
            answer = rest[1].result()
        except KilledWorker as error:
            event: Event = Lost(number, error.allowed_failures + 1)
        except (asyncio.CancelledError, CancelledError):
            return Gone()
        except Exception as error:
            event = Failed(number, error)
        else:
            event = Done(number, answer)
        del self._futures[number]               # the cluster may forget it
        return event

    def close(self) -> None:
        """Cancel what is under way, end the run's processes, and leave."""
        waiting = threading.Thread(target=self._end, daemon=True)
        waiting.start()
        waiting.join(_END_S)
        self._futures.clear()
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._client.close(timeout=_END_S)

    def _end(self) -> None:
        with suppress(Exception):
            if self._client.status == "running":
                self._client.cancel(list(self._futures.values()))
                self.ask("end", run=self.run)


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:200] if text else type(error).__name__
