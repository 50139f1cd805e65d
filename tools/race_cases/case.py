"""A graph of one operator with its inputs, made for an element type."""

import zlib
from dataclasses import dataclass
from typing import Callable

import ml_dtypes
import numpy as np
from onnx import TensorProto, defs, helper, numpy_helper, shape_inference

# About the sizes of a small block's tensors, of one layer of a network (200 704 elements), and one that no cache holds.
SMALL, LAYER, LARGE = (8, 128), (1, 64, 56, 56), (16, 1000, 1000)
SIZES = {"1 k": SMALL, "200 k": LAYER, "16 M": LARGE}

TYPES = {
    "float32": np.float32, "float64": np.float64, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16,
    "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
    "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64, "bool": np.bool_,
}  # fmt: skip
FLOATS = ("float32", "float64", "float16", "bfloat16")
# The types whose time a peer is asked for when it lacks the operator for a type, in this order.
SUBSTITUTES = {"float64": ["float32"], "float16": ["float32"], "bfloat16": ["float32"], "bool": ["uint8", "float32"]}


@dataclass(frozen=True)
class Case:
    """One graph; `build` makes (model, values of its inputs) for an element type."""

    op: str
    kind: str
    label: str
    build: Callable

    @property
    def name(self):
        """What the case is called in the report."""
        return f"{self.op} {self.kind} {self.label}"

    def substitutes(self):
        """The element types with which a peer may run instead."""
        return SUBSTITUTES.get(self.kind, [kind for kind in ("int32", "int64", "float32") if kind != self.kind])


def noise(name, shape, kind, low=None, high=None):
    """Seeded values of a type: normal ones for floats, small integers otherwise, uniform ones between bounds when these are given."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    kind = np.dtype(TYPES[kind])
    is_float = kind.kind == "f" or kind == ml_dtypes.bfloat16
    if low is not None:
        return (rng.uniform(low, high, shape) if is_float else rng.integers(low, high, shape)).astype(kind)
    if kind.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    return (rng.standard_normal(shape) if is_float else rng.integers(1, 9, shape)).astype(kind)


def model(op, inputs, attributes=None, *, constants=None, outputs=1, domain="", opset=None, made=None):
    """The model of one node and the values of its graph inputs.

    `inputs` maps names to arrays in the order of the operator's inputs, None for one left out; those named in `constants` are
    initializers. `made` gives the element type of outputs that shape inference of onnx does not know.
    """
    constants = set(constants or ())
    names = [name if value is not None else "" for name, value in inputs.items()]
    results = [f"y{index}" for index in range(outputs)]
    node = helper.make_node(op, names, results, domain=domain, **(attributes or {}))
    given = {name: value for name, value in inputs.items() if value is not None}
    infos = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in given.items() if name not in constants
    ]  # fmt: skip
    weights = [numpy_helper.from_array(value, name) for name, value in given.items() if name in constants]
    if made:
        slots = [helper.make_tensor_value_info(name, made, None) for name in results]
    else:
        slots = [helper.make_empty_tensor_value_info(name) for name in results]
    imports = [helper.make_opsetid("", opset or 21)]
    imports += [helper.make_opsetid(domain, {"ai.onnx.ml": 3}.get(domain, 1))] if domain else []
    whole = helper.make_model(helper.make_graph([node], op, infos, slots, weights), opset_imports=imports, ir_version=10)
    if not made:
        whole = shape_inference.infer_shapes(whole)
    return whole, {name: value for name, value in given.items() if name not in constants}


def allows(op, kind):
    """Whether the newest version of a standard operator takes an element type as its first input."""
    schema = defs.get_schema(op)
    name = {"float32": "float", "float64": "double"}.get(kind, kind)
    return f"tensor({name})" in schema.inputs[0].types


def one(op, label, shape, kind="float32", attributes=None, **more):
    """A case of one input `x` of a shape; see `several`."""
    return several(op, label, {"x": shape}, kind, attributes, **more)


def several(op, label, shapes, kind="float32", attributes=None, fixed=None, bounds=None, **more):
    """A case whose first inputs are noise of the case's element type; `fixed` are inputs behind them, arrays of other types.

    `bounds` are those of the noise.
    """

    def build(kind):
        inputs = {name: noise(op + name, shape, kind, *(bounds or ())) for name, shape in shapes.items()}
        return model(op, {**inputs, **(fixed or {})}, attributes, **more)

    return Case(op, kind, label, build)


def element(kind):
    """The number of an element type in ONNX."""
    return TensorProto.DataType.Value({"float32": "FLOAT", "float64": "DOUBLE"}.get(kind, kind.upper()))
