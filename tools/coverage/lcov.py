"""lcov's tracefiles. geninfo(1), "FILES" """

from __future__ import annotations

from rvsim.tools.coverage.report import Report, Source


class TracefileError(ValueError):
    """A file is no tracefile, or damaged; the text says where."""


def to_lcov(report: Report, name: str = "") -> str:
    """A tracefile; `name` is the test's (TN), of letters, digits and `_`."""
    lines: list[str] = []
    for path, source in sorted(report.sources.items()):
        if not source.lines:
            continue
        functions = sorted((line, _plain(called), count) for called, (line, count) in source.functions.items())
        lines += [f"TN:{name}", f"SF:{' '.join(path.splitlines())}"]
        lines += [f"FN:{line},{called}" for line, called, _ in functions]
        lines += [f"FNDA:{count},{called}" for _, called, count in functions]
        lines += [f"FNF:{len(functions)}", f"FNH:{sum(count > 0 for _, _, count in functions)}"]
        lines += [f"DA:{line},{count}" for line, count in sorted(source.lines.items())]
        lines += [f"LF:{len(source.lines)}", f"LH:{sum(count > 0 for count in source.lines.values())}", "end_of_record"]
    return "".join(line + "\n" for line in lines)


def _plain(name: str) -> str:
    """A name as the format can have it: without its separator."""
    return " ".join(name.replace(",", ";").split())


def from_lcov(text: str) -> Report:
    """The lines and functions of a tracefile; its branches are left out.

    Raises:
        TracefileError: it is none.
    """
    report = Report()
    source: Source | None = None
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        tag, _, rest = line.strip().partition(":")
        try:
            if tag == "SF":
                source, counts = Source(), {}
                one = Report()
                one.sources[rest] = source
            elif tag == "end_of_record":
                if source is None:
                    raise ValueError
                for name, (start, _) in source.functions.items():
                    source.functions[name] = start, counts.get(name, 0)
                report.merge(one, add=True)
                source = None
            elif tag in ("FN", "FNDA", "DA"):
                if source is None:
                    raise ValueError
                _take(source, counts, tag, rest.split(","))
            elif tag not in _OTHERS and not line.startswith("#"):
                raise ValueError
        except ValueError:
            raise TracefileError(f"line {number} is not as in a tracefile of lcov") from None
    if source is not None:
        raise TracefileError("it ends in the middle of a record")
    return report


_OTHERS = {"", "TN", "VER", "FNF", "FNH", "FNL", "FNA", "BRDA", "BRF", "BRH", "MCDC", "MCF", "MCH", "LF", "LH"}


def _take(source: Source, counts: dict[str, int], tag: str, fields: list[str]) -> None:
    if len(fields) < 2:
        raise ValueError
    if tag == "DA":
        line, count = int(fields[0]), int(fields[1])
        source.lines[line] = source.lines.get(line, 0) + max(count, 0)
    elif tag == "FNDA":
        count, name = int(fields[0]), ",".join(fields[1:])
        counts[name] = counts.get(name, 0) + max(count, 0)
    else:
        # lcov 2 has the last line too, in front of the name
        start = 2 if len(fields) > 2 and fields[1].isdecimal() else 1
        source.functions[",".join(fields[start:])] = int(fields[0]), 0
