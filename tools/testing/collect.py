"""Test files as pytest sees them: a file is a collector, a case an item."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from rvsim.tools.testing.options import results_folder, run_options

if TYPE_CHECKING:
    from rvsim.tools.testing.reading import Test
    from rvsim.tools.testing.suite import Suite

SUFFIX = ".rvtest.toml"


class CaseFailed(Exception):
    """A case did not hold; the text is all that is to be shown."""

    def __init__(self, headline: str, text: str) -> None:
        super().__init__(headline)
        self.headline = headline
        self.text = text


class RvtestFile(pytest.File):
    """One test file."""

    def collect(self) -> Iterator[RvtestItem]:
        from rvsim.tools.testing.reading import BadTestFile, read

        try:
            shown = self.path.relative_to(Path.cwd())
        except ValueError:
            shown = self.path
        try:
            found = read(self.path.read_bytes(), str(shown))
        except (BadTestFile, OSError) as error:
            raise self.CollectError(str(error)) from None
        for test in found.tests:
            item = RvtestItem.from_parent(self, name=test.id, suite=found.suite, test=test)
            for tag in (*found.suite.tags, *test.case.tags):
                self.config.addinivalue_line("markers", f"{tag}: a tag of {SUFFIX} files")
                item.add_marker(tag)
            if test.case.skip is not None:
                item.add_marker(pytest.mark.skip(reason=test.case.skip))
            yield item


class RvtestItem(pytest.Item):
    """One case, or one combination of its values."""

    def __init__(self, *, suite: Suite, test: Test, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.suite = suite
        self.test = test
        self.points = test.case.points if test.case.points is not None else suite.points

    def runtest(self) -> None:
        """Raises CaseFailed."""
        from rvsim.tools.testing import report, runner

        outcome = runner.run(self.suite, self.test, self.path.parent, run_options(self.config))
        guest = outcome.guest
        try:
            for path in outcome.updated:
                self.add_report_section("call", "golden", f"{path} written")
            if outcome.failures:
                text = report.summary(outcome.failures)
                if guest is not None:
                    found = report.sections(guest, self.nodeid, outcome.trap, results_folder(self.config))
                    text += "\n" + report.joined(found)
                raise CaseFailed(outcome.failures[0].message, text)
            if guest is not None:
                self.ihook.pytest_rvsim_close(item=self, guest=guest)
        finally:
            if guest is not None:
                self.user_properties.append(("ticks", guest.ticks))
                guest.close()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *arguments: Any, **options: Any) -> Any:
        """What pytest prints, with the headline apart: it alone stands in summaries and as JUnit's message."""
        if isinstance(excinfo.value, CaseFailed):
            case = excinfo.value
            return ReprExceptionInfo(ReprTraceback([ReprEntryNative([case.text + "\n"])], None, "native"),
                                     ReprFileLocation(str(self.path), self.test.line, case.headline))
        return super().repr_failure(excinfo, *arguments, **options)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line from 0, and name."""
        return self.path, self.test.line - 1, self.name
