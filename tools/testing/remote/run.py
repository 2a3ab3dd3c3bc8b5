"""One run on a cluster: every item is given out, and comes back once.

Reports are replayed in the order in which the cases were collected, whichever was first: so files such as JUnit's, and
which case `-x` stops at, are the same in every run. A case that has an answer is never given out again, and an answer
counts once, so nothing is there twice however often a case had to be begun.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvsim.tools.testing.remote.cluster import INSTALL_IT, Cluster, ClusterError, Done, Failed, Gone, Lost, Said
from rvsim.tools.testing.remote.job import bundle_of, job_facts
from rvsim.tools.testing.remote.replay import replay
from rvsim.tools.testing.remote.worker import facts

if TYPE_CHECKING:
    import pytest

    from rvsim.tools.testing.remote.cluster import Event

MOST_TRIES = 3
"""A case that so often ends the process that runs it is to blame."""
PATIENCE_S = 60
"""So long a run waits for another worker when all are gone."""
PIECE_BYTES = 8 << 20
_LOOK_S = 1.0


def many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


class Run:
    """The cases of one run, each of which comes back once.

    Attributes:
        answers: by the number of the item, of those that are not replayed yet.
        tries: how often a case was given out again.
        suspects: cases that were under way whenever a worker died; `accused`: the one of them that is, alone.
    """

    def __init__(self, session: pytest.Session, cluster: Cluster, run: str) -> None:
        """Raises OSError: a file cannot be read; TooMuch."""
        self.session = session
        self.config = session.config
        self.cluster = cluster
        self.run = run
        self.bundle, self.base = bundle_of(self.config, session.items)
        self.job = self.bundle.job(self.base, job_facts(self.config, session.items, self.base))
        self.answers: dict[int, dict[str, Any]] = {}
        self.next = 0
        self.tries: dict[int, int] = {}
        self.began: set[int] = set()
        self.suspects: list[int] = []
        self.accused: int | None = None
        self.workers: set[str] = set()
        self.sent: list[int] = []
        self.again = 0
        self.alone_since: float | None = None

    def summary(self) -> str:
        """A line about where it ran."""
        text = f"dask: {many(self.next, 'case')} on {many(len(self.workers), 'worker')}"
        if self.sent:
            text += f"; {many(len(self.sent), 'file')} sent, {sum(self.sent):,} bytes"
        return text + (f"; {self.again} begun again" if self.again else "")

    def all(self) -> None:
        """Run them. Raises what pytest's own loop raises."""
        session = self.session
        self.cluster.submit([(number, self._call(number)) for number in range(len(session.items))])
        try:
            while self.next < len(session.items):
                event = self.cluster.next(_LOOK_S)
                if event is None:
                    self._look_around()
                else:
                    self._take(event)
                    self._hear_suspects()
                while self.next in self.answers:
                    replay(session, session.items[self.next], self.answers.pop(self.next))
                    self.next += 1
                    if session.shouldfail:
                        raise session.Failed(session.shouldfail)
                    if session.shouldstop:
                        raise session.Interrupted(session.shouldstop)
        except (KeyboardInterrupt, session.Interrupted):
            for number in sorted(self.answers):         # what is done counts
                replay(session, session.items[number], self.answers.pop(number))
                self.next += 1
            raise

    def _call(self, number: int) -> dict[str, Any]:
        return {"run": self.run, "job": self.job, "number": number, "nodeid": self.session.items[number].nodeid,
                "wanted": facts()}

    # ---- what comes back

    def _take(self, event: Event) -> None:
        self.alone_since = None
        match event:
            case Said({"lacks": digests, "worker": worker}):
                self._send(worker, digests)
            case Said({"began": number, "worker": worker}):
                self.again += number in self.began
                self.began.add(number)
                self.workers.add(worker)
            case Done(number, {"died": how, "worker": worker}):
                self._again(number, f"it ended the process that ran it {MOST_TRIES} times; the last time: {how}, on "
                            f"the worker {worker}")
            case Done(_, {"unusable": why, "worker": worker}):
                raise self.session.Interrupted(f"pytest does not start on the worker {worker}: {why}")
            case Done(number, answer):
                self.answers[number] = answer
            case Lost(number, times) if number == self.accused:
                self.answers[number] = {"broken": f"{2 * times} workers died that ran it, the last {times} of them "
                                        "while no other case was under way"}
            case Lost(number, _):
                self.suspects.append(number)    # or a neighbour at the same worker: it is to run once more, alone
            case Failed(number, error):
                self._failed(number, error)
            case Gone():
                raise self.session.Interrupted(f"the scheduler at {self.cluster.address} is gone")

    def _hear_suspects(self) -> None:
        """When all else is done, have those run again, one at a time, with which workers were lost."""
        if self.suspects and self.next + len(self.answers) + len(self.suspects) == len(self.session.items):
            self.accused = self.suspects.pop(0)
            self.cluster.submit([(self.accused, self._call(self.accused))])

    def _again(self, number: int, why: str) -> None:
        """Give a case out once more, unless that was tried often enough."""
        self.tries[number] = self.tries.get(number, 0) + 1
        if self.tries[number] >= MOST_TRIES:
            self.answers[number] = {"broken": why}
        else:
            self.cluster.submit([(number, self._call(number))])

    def _failed(self, number: int, error: BaseException) -> None:
        """A worker could not even begin. Raises Interrupted: it is none for this run."""
        text = " ".join(str(error).split())
        kind = type(error).__name__
        if isinstance(error, ImportError):
            raise self.session.Interrupted(f"a worker that has joined has no rvsim ({text}); {INSTALL_IT}")
        if isinstance(error, (AttributeError, TypeError)):
            raise self.session.Interrupted(f"a worker that has joined has another version of rvsim ({text}); install "
                                           "the same on both")
        if kind == "Unfit":
            raise self.session.Interrupted(text)
        self._again(number, f"no worker can run it: {text or kind}")

    def _look_around(self) -> None:
        """Nothing has happened for a while. Raises Interrupted: nobody is left who could."""
        try:
            alone = not self.cluster.workers()
        except ClusterError as error:
            raise self.session.Interrupted(str(error)) from None
        if not alone:
            self.alone_since = None
        elif self.alone_since is None:
            self.alone_since = time.monotonic()
            self._say(f"dask: no worker is left; waiting {PATIENCE_S} s for another one")
        elif time.monotonic() - self.alone_since > PATIENCE_S:
            raise self.session.Interrupted(f"the scheduler at {self.cluster.address} has no workers left; start one "
                                           f"with `dask worker {self.cluster.address}`")

    # ---- files

    def _send(self, worker: str, digests: list[str]) -> None:
        """Send a worker files that it lacks. One that has gone meanwhile needs none."""
        left = self.cluster.ask("lacking", worker, digests=digests).get(worker)
        for digest in left if isinstance(left, list) else ():
            self._send_one(worker, digest)

    def _send_one(self, worker: str, digest: str) -> None:
        source = self.bundle.data[digest]
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        for offset in range(0, max(size, 1), PIECE_BYTES):
            if isinstance(source, bytes):
                data = source[offset:offset + PIECE_BYTES]
            else:
                with open(source, "rb") as file:
                    file.seek(offset)
                    data = file.read(PIECE_BYTES)
            last = offset + PIECE_BYTES >= size
            answer = self.cluster.ask("put", worker, run=self.run, digest=digest, offset=offset, data=data,
                                      last=last).get(worker)
            if isinstance(answer, BaseException):
                if type(answer).__name__ != "Damaged" and not isinstance(answer, OSError):
                    return                      # it is gone
                name = "the job" if isinstance(source, bytes) else str(source)
                raise self.session.Interrupted(f"{name} cannot be sent to the worker {worker}: {answer}")
        self.sent.append(size)
        if self.config.option.verbose > 0 and isinstance(source, Path):
            self._say(f"dask: {source.relative_to(self.base)} ({size:,} bytes) sent to {worker}")

    def _say(self, text: str) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self.config.option.verbose >= 0:
            reporter.ensure_newline()
            reporter.write_line(text)
