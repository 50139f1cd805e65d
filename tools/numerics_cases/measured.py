"""What is measured by running the command: time of denormal numbers, and how far instruction sets lie apart."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

RNG = np.random.default_rng(7)


def weights(name: str, *shape: int) -> onnx.TensorProto:
    """Normal noise, as a constant."""
    scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 1
    return onnx.numpy_helper.from_array((RNG.standard_normal(shape) * scale).astype(np.float32), name)


def save(
    folder: Path,
    nodes: list[onnx.NodeProto],
    shape: list[int],
    constants: list[onnx.TensorProto],
) -> Path:
    """A model of one input x and one output y."""
    graph = helper.make_graph(
        nodes,
        "measured",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        constants,
    )
    path = folder / "model.onnx"
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10),
        path,
    )
    return path


def chain() -> list[onnx.NodeProto]:
    """Operators that are not fused into one product."""
    return [
        helper.make_node("Mul", ["x", "x1"], ["a"]),
        helper.make_node("Abs", ["a"], ["b"]),
        helper.make_node("Add", ["b", "x"], ["c"]),
        helper.make_node("Max", ["c", "x"], ["y"]),
    ]


def cases() -> dict[str, tuple[list[onnx.NodeProto], list[int], list[onnx.TensorProto]]]:
    """By family: nodes, the shape of x, constants."""
    axis = onnx.numpy_helper.from_array(np.array([1]), "axis")
    one = onnx.numpy_helper.from_array(np.full(1024, 1.5, np.float32), "x1")
    window = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    return {
        "elementwise chain": (chain(), [256, 1024], [one]),
        "Softmax": (
            [helper.make_node("Softmax", ["x"], ["y"], axis=-1)],
            [1024, 256],
            [],
        ),
        "ReduceSum": (
            [helper.make_node("ReduceSum", ["x", "axis"], ["y"])],
            [1024, 1024],
            [axis],
        ),
        "Sigmoid": ([helper.make_node("Sigmoid", ["x"], ["y"])], [256, 1024], []),
        "Conv 3×3": (
            [helper.make_node("Conv", ["x", "w"], ["y"], **window)],
            [1, 64, 28, 28],
            [weights("w", 64, 64, 3, 3)],
        ),
        "Conv 1×1": (
            [helper.make_node("Conv", ["x", "w"], ["y"])],
            [1, 64, 28, 28],
            [weights("w", 64, 64, 1, 1)],
        ),
        "MatMul": (
            [helper.make_node("MatMul", ["x", "w"], ["y"])],
            [128, 256],
            [weights("w", 256, 256)],
        ),
        "AveragePool": (
            [helper.make_node("AveragePool", ["x"], ["y"], **window)],
            [1, 64, 56, 56],
            [],
        ),
    }


def sets(onyx: str) -> list[str]:
    """The instruction sets of this machine, the best first."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        model = save(Path(folder), [helper.make_node("Abs", ["x"], ["y"])], [1], [])
        for name in ("avx512", "avx2", "neon", "scalar"):
            if (
                subprocess.run(
                    [onyx, "run", model, "--isa", name],
                    capture_output=True,
                    check=False,
                ).returncode
                == 0
            ):
                found.append(name)
    return found


def milliseconds(onyx: str, model: Path, data: Path, *flags: str) -> float:
    """The shortest of many runs on one thread."""
    words = [
        onyx,
        "bench",
        model,
        "--input",
        data,
        "--threads",
        "1",
        "--runs",
        "60",
        "--json",
        *flags,
    ]
    return json.loads(subprocess.run(words, capture_output=True, check=True, text=True).stdout)["min_ms"]


def denormals(onyx: str) -> str:
    """The table of slowdowns."""
    vectors = [name for name in sets(onyx) if name != "scalar"]
    head = [f"{name}{flush}" for name in vectors for flush in ("", ", flushed")]
    rows = ["| | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for family, (nodes, shape, constants) in cases().items():
        with tempfile.TemporaryDirectory() as folder:
            model = save(Path(folder), nodes, shape, constants)
            usual, small = Path(folder) / "usual.npy", Path(folder) / "small.npy"
            noise = RNG.standard_normal(shape).astype(np.float32)
            np.save(usual, noise)
            np.save(small, (np.abs(noise) * 1e-40 + 1e-41).astype(np.float32))
            ratios = []
            for name in vectors:
                for flags in ([], ["--flush-denormals"]):
                    pairs = [[milliseconds(onyx, model, data, "--isa", name, *flags) for data in (usual, small)] for _ in range(3)]
                    ratios.append(min(p[1] for p in pairs) / min(p[0] for p in pairs))
            rows.append(f"| {family} | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")
    return "\n".join(rows) + "\n"


FUNCTIONS = [
    "Exp",
    "Log",
    "Sin",
    "Cos",
    "Tan",
    "Asin",
    "Acos",
    "Atan",
    "Sinh",
    "Cosh",
    "Tanh",
    "Asinh",
    "Acosh",
    "Atanh",
    "Erf",
    "Sigmoid",
    "Softplus",
    "Elu",
    "Selu",
    "Celu",
    "Gelu",
    "Mish",
    "HardSigmoid",
]


def families() -> dict[str, list[tuple[str, list[onnx.NodeProto], list[int], list[onnx.TensorProto]]]]:
    """By family: names, nodes, the shape of x, constants."""
    exact = [
        ("Sqrt", {}),
        ("Reciprocal", {}),
        ("Floor", {}),
        ("Round", {}),
        ("Relu", {}),
        ("LeakyRelu", {}),
    ]
    axes = onnx.numpy_helper.from_array(np.array([1]), "axis")
    sums = ("ReduceSum", "ReduceMean", "ReduceL2", "ReduceLogSumExp")
    known = cases()
    return {
        "exact functions": [(o, [helper.make_node(o, ["x"], ["y"], **a)], [4099], []) for o, a in exact],
        "functions": [(o, [helper.make_node(o, ["x"], ["y"])], [65_537], []) for o in FUNCTIONS],
        "reductions": [(o, [helper.make_node(o, ["x", "axis"], ["y"])], [64, 1023], [axes]) for o in sums],
        "softmax": [("Softmax", *known["Softmax"])],
        "products": [("MatMul", *known["MatMul"])],
        "convolutions": [("Conv", *known["Conv 3×3"]), ("Conv", *known["Conv 1×1"])],
        "pools": [("AveragePool", *known["AveragePool"])],
    }


def results(onyx: str, folder: Path, model: Path, data: Path, name: str) -> np.ndarray:
    """The output with an instruction set."""
    out = folder / name
    words = [
        onyx,
        "run",
        model,
        "--input",
        data,
        "--isa",
        name,
        "--output-dir",
        out,
        "--format",
        "npy",
    ]
    subprocess.run(words, capture_output=True, check=True)
    return np.load(out / "y.npy").astype(np.float64)


def distance(a: np.ndarray, b: np.ndarray, by_element: bool) -> float:
    """The largest difference in units of float32."""
    finite = np.isfinite(a) & np.isfinite(b)
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        raise ValueError("NaN in one of them only")
    a, b = a[finite], b[finite]
    size = np.abs(a) if by_element else np.full_like(a, np.abs(a).max())
    return float((np.abs(a - b) / np.spacing(np.maximum(size, 1e-38).astype(np.float32))).max())


def accuracy(onyx: str) -> str:
    """The table of distances from plain C."""
    vectors = [name for name in sets(onyx) if name != "scalar"]
    rows = [
        "| | " + " | ".join(f"{name} from scalar" for name in vectors) + " |",
        "|---" * (len(vectors) + 1) + "|",
    ]
    for family, members in families().items():
        worst = dict.fromkeys(vectors, (0.0, ""))
        for op, nodes, shape, constants in members:
            with tempfile.TemporaryDirectory() as text:
                folder = Path(text)
                model = save(folder, nodes, shape, constants)
                np.save(
                    folder / "x.npy",
                    (RNG.standard_normal(shape) * 4).astype(np.float32),
                )
                plain = results(onyx, folder, model, folder / "x.npy", "scalar")
                for name in vectors:
                    found = distance(
                        plain,
                        results(onyx, folder, model, folder / "x.npy", name),
                        family.endswith("functions"),
                    )
                    worst[name] = max(worst[name], (found, op))
        names = ", ".join(dict.fromkeys(m[0] for m in members))
        cells = [f"{value:.3g}" + (f" ({op})" if value and len(members) > 1 else "") for value, op in worst.values()]
        rows.append(f"| {family}: {names} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"
