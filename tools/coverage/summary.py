"""Coverage as a table: files, their functions, the lines that did not run."""

from __future__ import annotations

from bisect import bisect_right

from rvsim.tools.coverage.report import Plain, Report, Source

_HEADS = ("functions", "lines", "cover")


def summary(report: Report, functions: bool = True) -> str:
    """The table, with a line for each function below its file if they are wanted."""
    rows: list[tuple[str, str, str, str, str]] = []
    total: list[int] = [0, 0, 0, 0]
    for path, source in sorted(report.sources.items()):
        ran = [line for line, count in source.lines.items() if count]
        called = sum(count > 0 for _, count in source.functions.values())
        for at, value in enumerate((called, len(source.functions), len(ran), len(source.lines))):
            total[at] += value
        rows.append((path, f"{called}/{len(source.functions)}", f"{len(ran)}/{len(source.lines)}",
                     percent(len(ran), len(source.lines)), missing(source)))
        if functions:
            rows += _functions(source)
    text = ""
    if rows:
        rows.append(("all", f"{total[0]}/{total[1]}", f"{total[2]}/{total[3]}", percent(total[2], total[3]), ""))
        text = _table(rows)
    for path, plain in sorted(report.plain.items()):
        text += _plain(path, plain)
    return text or "no code of a file ran\n"


def percent(part: int, whole: int) -> str:
    """Rounded down, so that only all of it is 100%."""
    return f"{100 * part // whole}%" if whole else "-"


def missing(source: Source) -> str:
    """The lines that did not run, `3-5, 9`: a range goes on over lines without code."""
    ranges: list[tuple[int, int]] = []
    open_at = None
    for line, count in sorted(source.lines.items()):
        if count:
            open_at = None
        elif open_at is None:
            open_at = line
            ranges.append((line, line))
        else:
            ranges[-1] = open_at, line
    return ", ".join(f"{start}" if start == end else f"{start}-{end}" for start, end in ranges)


def _functions(source: Source) -> list[tuple[str, str, str, str, str]]:
    """A row for each function; its lines are those from its own to the next one's."""
    order = sorted((line, name, count) for name, (line, count) in source.functions.items())
    starts = [line for line, _, _ in order]
    lines = sorted(source.lines)
    rows = []
    for start, name, count in order:
        at = bisect_right(starts, start)
        end = starts[at] if at < len(starts) else 1 << 63
        part = Source({line: source.lines[line] for line in lines[bisect_right(lines, start - 1):
                                                                  bisect_right(lines, end - 1)]})
        ran = sum(count > 0 for count in part.lines.values())
        rows.append((f"  {name}", "" if count else "not called", f"{ran}/{len(part.lines)}",
                     percent(ran, len(part.lines)), missing(part) if count else ""))
    return rows


def _table(rows: list[tuple[str, str, str, str, str]]) -> str:
    wide = max(len(row[0]) for row in rows)
    widths = [max(len(head), *(len(row[at]) for row in rows)) for at, head in enumerate(_HEADS, 1)]
    text = ""
    for row in [("", *_HEADS, "missing"), *rows]:
        fields = [row[at].rjust(width) for at, width in enumerate(widths, 1)]
        text += "  ".join([row[0].ljust(wide), *fields, row[4]]).rstrip() + "\n"
    return text


def _plain(path: str, plain: Plain) -> str:
    """What is known of a program without DWARF."""
    if not plain.functions:
        return f"{path}: ran, but has neither line tables nor symbols\n"
    called = [name for name, hit in plain.functions.items() if hit]
    return (f"{path}: {len(called)} of {len(plain.functions)} functions, by its symbols; it has no line tables "
            "(compile with -g), so it is not in the lcov file\n")
