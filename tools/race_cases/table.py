"""Results of a race as lines and as a document."""

import math
import statistics

CLOSE, FAR = 1.2, 2.0


def ratio(row):
    """Onyx's time over ONNX Runtime's; None when one of them is missing."""
    return row["onyx_ms"] / row["ort_ms"] if row.get("onyx_ms") and row.get("ort_ms") else None


def cells(row):
    """Operator, element type, case, times in microseconds, ratio, kernel."""

    def micro(key):
        return f"{row[key] * 1e3:.1f}" if row.get(key) else ""

    peer = micro("ort_ms") + (f" ({row['ort_type']})" if row.get("ort_type", row["type"]) != row["type"] else "")
    share = ratio(row)
    return [row["op"], row["type"], row["case"], micro("onyx_ms"), peer, f"{share:.2f}" if share else "", row.get("kernel", row.get("error", ""))]


def line(row):
    """A row as a line of a terminal."""
    op, kind, case, onyx, peer, share, kernel = cells(row)
    return f"{op:22s} {kind:8s} {case:34s} {onyx:>10s} {peer:>20s} {share:>8s}  {kernel}"


def summary(rows):
    """How many are close, and the geometric mean."""
    ratios = [one for one in map(ratio, rows) if one]
    if not ratios:
        return "nothing was compared"
    close, far = sum(one <= CLOSE for one in ratios), sum(one > FAR for one in ratios)
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    broken = sum("error" in row for row in rows)
    return (f"{len(ratios)} cases: {100 * close / len(ratios):.1f} % within {CLOSE}× of ONNX Runtime, {far} over {FAR}×, geometric mean {mean:.2f};"
            f" {broken} fail")  # fmt: skip


def text(rows, threads):
    """The document, worst first."""
    import onnxruntime
    from peers import machine

    sets = sorted({row["isa"] for row in rows if row.get("isa")})
    place = machine.cpu_model() + (f" with {' and '.join(sets)}" if sets else "")
    order = sorted(rows, key=lambda row: -(ratio(row) or (math.inf if "error" in row else 0)))
    head = ["operator", "element type", "case", "Onyx µs", "ONNX Runtime µs", "ratio", "kernel"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + [
        f"| {' | '.join(cell.replace('|', '/') for cell in cells(row))} |" for row in order
    ]
    return (
        f"""# Operator by operator

Made by `tools/race`; do not edit. Graphs of one operator each, in Onyx and in ONNX Runtime {onnxruntime.__version__} in turn, {threads} threads, medians, worst first.
Machine: {place}; how its processors are placed changes by itself, see
[performance-notes.md](performance-notes.md#single-operators). A ratio is Onyx's time over ONNX Runtime's: below 1 Onyx is ahead. Where ONNX Runtime lacks the operator for an element type, its time for the type in
parentheses is taken.

{summary(rows)}.

"""
        + "\n".join(lines)
        + "\n"
    )
