"""Runs one model in ONNX Runtime and in Onyx: whether it runs, how far the outputs are apart, how long each takes."""

import json
import os
import re
import statistics
import subprocess
import time
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from export import onnxfiles
from zoo import exact, packages

onnxruntime.set_default_logger_severity(4)
# The largest difference, as a share of the largest magnitude of an output, at which the outputs agree. Where ONNX Runtime itself is
# farther from PyTorch, twice as much as it is, up to 1e-3: some networks amplify rounding.
# Integers of a quantized network may round the other way, which moves an output by a step.
TOLERANCE = {"float16": 1e-2, "int8": 5e-2, "": 1e-4}
# A smaller difference always agrees: probabilities of detectors are of order 1e-6 on random pictures.
NOTHING = 1e-6
# Seconds of a test after which the model is not timed apart from it.
SLOW = 5


def lookup(table, model, name):
    """The entry whose parts are in the names; the last that fits, so that special ones stand below general ones."""
    found = [
        value for (part, slot), value in table.items() if part in model and (name == slot or (slot == "input" and name.startswith("input")))
    ]
    return found[-1] if found else None


def drawn(slot, sizes, model):
    """A seeded value for an input of a session."""
    rng = np.random.default_rng(zlib.crc32(f"{model}/{slot.name}".encode()))
    given = sizes.get(slot.name, sizes.get("*", ()))
    shape = [
        size if isinstance(size, int) and size > 0 else (given[axis] if axis < len(given) else 1) for axis, size in enumerate(slot.shape)
    ]
    if slot.type == "tensor(bool)":
        return np.ones(shape, bool)
    kind = np.dtype({"float": "float32", "double": "float64"}.get(name := slot.type[len("tensor(") : -1], name))
    if kind.kind in "iu":
        low, high = lookup(packages.RANGES, model, slot.name) or ((1, 1) if "mask" in slot.name else (0, 1))
        values = rng.integers(low, high + 1, shape)
        if slot.name == "waveforms_lens":
            values[0] = high
        return values.astype(kind)
    form = lookup(packages.FLOATS, model, slot.name) or ("normal",)
    if form[0] == "ids":
        return rng.integers(form[1], form[2] + 1, shape).astype(kind)
    if form[0] == "picture":
        return rng.random(shape).astype(kind)
    if form[0] == "sound":
        time_axis = np.arange(shape[-1]) / 16000
        return (0.3 * np.sin(2 * np.pi * 220 * time_axis) * np.sin(2 * np.pi * 3 * time_axis) + 0.05 * rng.normal(size=shape)).astype(kind)
    return rng.normal(size=shape).astype(kind)


def session(path, threads):
    """A session of ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def milliseconds(run, seconds):
    """The median time of a run."""
    run()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(times)


def prepare(path, sizes, name, threads, seconds):
    """Writes the data set that ONNX Runtime answers beside the model, unless PyTorch's is there.

    Its time in milliseconds, and how far it is from PyTorch.
    """
    runtime = session(path, threads)
    data = path.parent / "test_data_set_0"
    slots = runtime.get_inputs()
    if sizes is not None:
        data.mkdir(exist_ok=True)
        feeds = {slot.name: drawn(slot, sizes, name) for slot in slots}
        outputs = runtime.run(None, feeds)
        for place, (key, value) in enumerate(feeds.items()):
            (data / f"input_{place}.pb").write_bytes(numpy_helper.from_array(value, key).SerializeToString())
        for place, (slot, value) in enumerate(zip(runtime.get_outputs(), outputs)):
            (data / f"output_{place}.pb").write_bytes(numpy_helper.from_array(np.asarray(value), slot.name).SerializeToString())
    feeds = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnxfiles.read_tensors(data, "input")}
    row = {"load": os.getloadavg()[0], "ort_ms": milliseconds(lambda: runtime.run(None, feeds), seconds)}
    if sizes is None:
        wanted = [numpy_helper.to_array(tensor) for tensor in onnxfiles.read_tensors(data, "output")]
        row["ort_error"] = max(onnxfiles.relative_error(*pair) for pair in zip(runtime.run(None, feeds), wanted))
    return row


def tested(onyx, folder, tolerance, threads):
    """The row of `onyx test`, or what it says when it gives none."""
    command = [onyx, "test", folder, "--rtol", str(tolerance), "--threads", str(threads), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        return json.loads(done.stdout)["cases"][0]
    except (ValueError, KeyError, IndexError):
        return {"result": "crash", "reason": f"exit code {done.returncode}: {done.stderr.strip()[-300:]}"}


def against_exact(onyx, path, tolerance, threads):
    """What to say of a model on which Onyx and ONNX Runtime differ: it agrees when it agrees with the answer in float64.

    The data set then holds that answer. Nothing where Onyx differs from it, too, or where there is none.
    """
    data = path.parent / "test_data_set_0"
    feeds = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnxfiles.read_tensors(data, "input")}
    theirs = onnxfiles.read_tensors(data, "output")
    try:
        answers = exact.outputs(path, feeds)
    except Exception:  # the reference evaluator lacks much
        return None
    kept = [numpy_helper.to_array(tensor) for tensor in theirs]
    for place, (tensor, answer, value) in enumerate(zip(theirs, answers, kept)):
        message = numpy_helper.from_array(np.asarray(answer).astype(value.dtype), tensor.name)
        (data / f"output_{place}.pb").write_bytes(message.SerializeToString())
    found = tested(onyx, path.parent, tolerance, threads)
    if found["result"] != "pass":
        for place, tensor in enumerate(theirs):
            (data / f"output_{place}.pb").write_bytes(tensor.SerializeToString())
        return None
    apart = max(onnxfiles.relative_error(value, np.asarray(answer).astype(value.dtype)) for value, answer in zip(kept, answers))
    return {"result": "agrees", "error": found["error"], "exact": apart}


def missing(onyx, path):
    """The operators of a model that Onyx does not have."""
    done = subprocess.run([onyx, "coverage", path, "--json"], capture_output=True, text=True)
    try:
        rows = json.loads(done.stdout)["operators"]
    except (ValueError, KeyError):
        return []
    return sorted(row["op"] if row["domain"] == "ai.onnx" else f"{row['domain']}.{row['op']}" for row in rows if not row["supported"])


def attempt(onyx, path, sizes, name, threads=1, seconds=1.0):
    """The row of a model."""
    row = {"name": name, "megabytes": round(sum(file.stat().st_size for file in path.parent.glob("model.onnx*")) / 1e6, 1)}
    opsets = {entry.domain: entry.version for entry in onnx.load(path, load_external_data=False).opset_import}
    row["opset"] = opsets.get("", opsets.get("ai.onnx", 0))
    try:
        row.update(prepare(path, sizes, name, threads, seconds))
    except Exception as error:
        return {**row, "result": "no answer of ONNX Runtime", "reason": str(error).splitlines()[0][:300]}
    narrow = "half" in name or "slovorez" in name
    tolerance = TOLERANCE["float16" if narrow else next(form for form in TOLERANCE if name.endswith(form))]
    tolerance = max(tolerance, min(2 * row.get("ort_error", 0), 1e-3))
    begin = time.perf_counter()
    found = tested(onyx, path.parent, tolerance, threads)
    if found["result"] == "crash":
        return {**row, **found}
    reason = found["reason"] or ""
    if found["result"] == "pass":
        row.update(result="agrees", error=found["error"])
    elif names := missing(onyx, path):
        return {**row, "result": "operators are missing", "missing": names}
    elif (largest := re.search(r"largest difference is ([\d.e-]+)", reason)) and float(largest[1]) <= NOTHING:
        row.update(result="agrees", error=float(largest[1]))
    elif "elements differ" in reason or "the tensor is" in reason:
        exactly = against_exact(onyx, path, tolerance, threads) if sizes is not None else None
        row.update(exactly or {"result": "differs", "reason": reason})
    else:
        return {**row, "result": "refused", "reason": reason}
    if (elapsed := time.perf_counter() - begin) > SLOW:
        return {**row, "onyx_ms": 1e3 * elapsed}
    inputs = [
        text
        for file in sorted((path.parent / "test_data_set_0").glob("input_*.pb"))
        for text in ("--input", f"{onnx.load_tensor(file).name}={file}")
    ]
    timed = subprocess.run(
        [onyx, "bench", path, *inputs, "--threads", str(threads), "--seconds", str(seconds), "--json"], capture_output=True, text=True
    )
    if timed.returncode == 0:
        row["onyx_ms"] = json.loads(timed.stdout)["median_ms"]
    return row
