"""A line of the tables: a node, its inputs, and the results that PyTorch, the ONNX reference evaluator and ONNX Runtime give."""

import dataclasses
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper
from onnx.reference import ReferenceEvaluator

nan, inf = math.nan, math.inf
FLOATS = ("float16", "bfloat16", "float32", "float64")
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
OPSET = 24

DTYPES = {
    "float16": np.float16, "float32": np.float32, "float64": np.float64, "bool": np.bool_,
    "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
    "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64,
    "bfloat16": ml_dtypes.bfloat16, "float8e4m3fn": ml_dtypes.float8_e4m3fn, "float8e5m2": ml_dtypes.float8_e5m2,
    "float8e4m3fnuz": ml_dtypes.float8_e4m3fnuz, "float8e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "int4": ml_dtypes.int4, "uint4": ml_dtypes.uint4,
}  # fmt: skip
TORCH = {
    "float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64, "bool": torch.bool,
    "int8": torch.int8, "int16": torch.int16, "int32": torch.int32, "int64": torch.int64, "uint8": torch.uint8,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Given:
    """A tensor by its nested list. Of type None it has that of the line and is given to the run; one of a type of its own is constant."""

    values: Any
    type: str | None = None


@dataclasses.dataclass(frozen=True)
class Line:
    """`by` names the voice whose results count; with `expected` it is what the results stand for: "IEEE 754" or "ONNX"."""

    op: str
    inputs: Sequence[Given | None]
    types: Sequence[str] = FLOATS
    torch: Callable[..., Any] | None = None
    by: str = ""
    expected: Sequence[Given] | None = None
    attributes: dict[str, Any] = dataclasses.field(default_factory=dict)
    outputs: int = 1
    note: str = ""


def array(values: Any, dtype: str) -> np.ndarray:
    """The list as an array; floats reach narrow types by one rounding. "least" and "most" are the limits of an integer type."""
    if "int" in dtype:
        values = limited(values, dtype)
        return np.array(values, DTYPES[dtype])
    wide = np.array(values, np.float64 if "float" in dtype else None)
    with np.errstate(all="ignore"):
        return wide.astype(DTYPES[dtype])


def limits(dtype: str) -> dict[str, int]:
    """The least and the largest number of an integer type."""
    info = np.iinfo(DTYPES[dtype])
    return {"least": int(info.min), "most": int(info.max)}


def limited(values: Any, dtype: str) -> Any:
    """The list with numbers in place of their names."""
    if isinstance(values, list):
        return [limited(value, dtype) for value in values]
    return limits(dtype)[values] if isinstance(values, str) else values


def named(values: Any, dtype: str) -> Any:
    """The list with names in place of limits."""
    if isinstance(values, list):
        return [named(value, dtype) for value in values]
    return next(
        (name for name, limit in limits(dtype).items() if values == limit and limit != 0),
        values,
    )


def onnx_type(dtype: str) -> int:
    """The number of a type in ONNX."""
    return getattr(
        onnx.TensorProto,
        {"float32": "FLOAT", "float64": "DOUBLE"}.get(dtype, dtype.upper()),
    )


def model(line: Line, dtype: str) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """The node alone, and what is given to it."""
    names, given, values, constants = [], {}, [], []
    for index, entry in enumerate(line.inputs):
        if entry is None:
            names.append("")
            continue
        names.append(f"x{index}")
        data = array(entry.values, entry.type or dtype)
        if entry.type is None:
            given[names[-1]] = data
            values.append(helper.make_tensor_value_info(names[-1], onnx_type(dtype), data.shape))
        else:
            raw = data.astype(np.uint8) if entry.type in ("int4", "uint4") else data
            constants.append(
                helper.make_tensor(
                    names[-1],
                    onnx_type(entry.type),
                    data.shape,
                    raw.tobytes(),
                    raw=True,
                )
            )
    results = [f"y{index}" for index in range(line.outputs)]
    node = helper.make_node(line.op, names, results, **line.attributes)
    opset = OPSET if onnx.defs.has(line.op, OPSET) else onnx.defs.get_schema(line.op).since_version
    schema = onnx.defs.get_schema(line.op, opset, "")
    bound = {i.type_str: onnx_type(e.type or dtype) for i, e in zip(schema.inputs, line.inputs) if e is not None}
    kinds = []
    for output in (list(schema.outputs) + [schema.outputs[-1]] * line.outputs)[: line.outputs]:
        found = bound.get(output.type_str)
        if found is None:
            match = re.fullmatch(r"tensor\((\w+)\)", output.type_str)
            found = getattr(onnx.TensorProto, match[1].upper()) if match else onnx_type(dtype)
        kinds.append(line.attributes.get("to", line.attributes.get("output_dtype", found)))
    graph = helper.make_graph(
        [node],
        "line",
        values,
        [helper.make_tensor_value_info(n, k, None) for n, k in zip(results, kinds)],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=11), given


def by_reference(line: Line, dtype: str) -> list[np.ndarray]:
    """Results of the reference evaluator."""
    made, given = model(line, dtype)
    with np.errstate(all="ignore"):
        return ReferenceEvaluator(made).run(None, given)


def by_runtime(line: Line, dtype: str) -> list[np.ndarray]:
    """Results of ONNX Runtime without rewrites."""
    made, given = model(line, dtype)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, given)


def by_torch(line: Line, dtype: str) -> list[np.ndarray]:
    """Results of PyTorch."""
    if line.torch is None:
        raise TypeError("PyTorch has no such operator")
    tensors = []
    for entry in line.inputs:
        if entry is None:
            continue
        kind = entry.type or dtype
        wide = array(entry.values, kind)
        wide = wide.astype(np.float64) if "float" in kind else wide
        tensors.append(torch.from_numpy(np.ascontiguousarray(wide)).to(TORCH[kind]))
    results = line.torch(*tensors)
    results = results if isinstance(results, tuple | list) else [results]
    arrays = []
    for result in results:
        back = result.double().numpy() if result.dtype.is_floating_point else result.numpy()
        name = next(n for n, t in TORCH.items() if t == result.dtype)
        arrays.append(back.astype(DTYPES[name]))
    return arrays


VOICES = {"PyTorch": by_torch, "reference": by_reference, "ONNX Runtime": by_runtime}


def number(value: Any) -> str:
    """The shortest text that reads as this number."""
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    if isinstance(value, str):
        return value
    if isinstance(value, int | np.integer):
        return str(int(value)).replace("-", "−")
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = repr(value)
    if value.is_integer() and abs(value) < 1e15:
        text = "-0" if value == 0 and math.copysign(1, value) < 0 else str(int(value))
    return text.replace("-", "−")


def nested(values: Any) -> str:
    """A nested list; a number that repeats stands once, with ×."""
    if not isinstance(values, list):
        return number(values)
    parts: list[tuple[str, int]] = []
    for value in values:
        text = nested(value)
        if parts and parts[-1][0] == text and not isinstance(value, list):
            parts[-1] = (text, parts[-1][1] + 1)
        else:
            parts.append((text, 1))
    return "[" + ", ".join(f"{t}×{n}" if n > 3 else ", ".join([t] * n) for t, n in parts) + "]"


def name_of(dtype: np.dtype) -> str:
    """ONNX's name of an element type."""
    return next(name for name, known in DTYPES.items() if np.dtype(known) == dtype)


def tensor(data: np.ndarray, dtype: str) -> str:
    """The text of a result or an input: T for the type of the line."""
    data = np.asarray(data)
    kind = name_of(data.dtype)
    wide = (
        data.astype(np.float64) if "float" in kind else (data.astype(np.int64) if "4" == kind[-1:] and "64" not in kind else data)
    )
    values = wide.tolist()
    if "int" in kind and "4" not in kind[3:4]:
        values = named(values, kind)
    text = nested(values)
    if data.size == 0:
        text = f"{list(data.shape)}"
        return ("T" if kind == dtype else kind) + " of shape " + text
    return ("T" if kind == dtype else kind) + (text if text.startswith("[") else f"({text})")


def results(line: Line, voice: str) -> str:
    """The results of a voice over all types for which it has the operator; they must have one text."""
    texts, last = set(), None
    for dtype in line.types:
        try:
            arrays = VOICES[voice](line, dtype)
        except Exception as error:  # noqa: BLE001
            last = error
            continue
        texts.add(" ; ".join(tensor(a, dtype) for a in arrays[: line.outputs]))
    if not texts:
        raise ValueError(f"{line.op}: {voice} refuses: {str(last)[:200]}")
    if len(texts) > 1:
        raise ValueError(f"{line.op}: {voice} has {texts}")
    return texts.pop()


def bracketed(text: str) -> str:
    """A list as it is, a number in parentheses."""
    return text if text[0] in "[ " else f"({text})"


def node(line: Line) -> str:
    """`Clip(T[1, 2], T(0), -) axis=1`."""
    inputs = []
    for entry in line.inputs:
        if entry is None:
            inputs.append("-")
            continue
        text = nested(entry.values)
        shape = np.array(entry.values).shape
        if 0 in shape:
            text = f" of shape {list(shape)}"
        inputs.append((entry.type or "T") + bracketed(text))
    attributes = []
    for key, value in line.attributes.items():
        if key == "to":
            value = next(t for t in DTYPES if onnx_type(t) == value)
        attributes.append(f"{key}={value if isinstance(value, str) else nested(value)}")
    return " ".join([f"{line.op}({', '.join(inputs)})", *attributes])


def row(line: Line) -> str:
    """The line of the table. Throws where the voice that counts has no single result."""
    answers = {}
    counts = line.by or ("PyTorch" if line.torch else "reference")
    for voice in VOICES:
        try:
            answers[voice] = results(line, voice)
        except ValueError as error:
            if voice == counts:
                raise
            answers[voice] = str(error)
    if line.expected is not None:
        text = " ; ".join((e.type or "T") + bracketed(nested(e.values)) for e in line.expected)
        sources = [line.by]
    else:
        text = answers[counts]
        sources = []
    sources += [voice for voice in VOICES if answers[voice] == text]
    if not sources:
        raise ValueError(f"{line.op}: nobody says {text}")
    types = ", ".join(line.types)
    if tuple(line.types) == FLOATS:
        types = "floats"
    return f"| `{node(line)}` | `{text}` | {types} | {', '.join(sources)} | {line.note} |".replace("|  |", "| |")
