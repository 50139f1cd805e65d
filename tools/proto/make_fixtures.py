#!/usr/bin/env python3
"""Makes Tests/OnyxLoaderTests/PythonFixtures.swift: files written by the reference implementation, with the values it reads back.

Needs onnx 1.23.2, numpy and ml_dtypes. The tests compare Onyx with these values, never with its own output.
"""
import base64
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NAMES = {
    "FLOAT": "float32", "UINT8": "uint8", "INT8": "int8", "UINT16": "uint16", "INT16": "int16", "INT32": "int32",
    "INT64": "int64", "BOOL": "bool", "FLOAT16": "float16", "DOUBLE": "float64", "UINT32": "uint32", "UINT64": "uint64",
    "COMPLEX64": "complex64", "COMPLEX128": "complex128", "BFLOAT16": "bfloat16", "FLOAT8E4M3FN": "float8e4m3fn",
    "FLOAT8E4M3FNUZ": "float8e4m3fnuz", "FLOAT8E5M2": "float8e5m2", "FLOAT8E5M2FNUZ": "float8e5m2fnuz", "UINT4": "uint4",
    "INT4": "int4", "FLOAT4E2M1": "float4e2m1", "FLOAT8E8M0": "float8e8m0", "UINT2": "uint2", "INT2": "int2",
    "FLOAT6E2M3": "float6e2m3", "FLOAT6E3M2": "float6e3m2",
}
VALUES = {
    "UINT8": [0, 1, 127, 128, 255], "INT8": [0, 1, -1, 127, -128], "UINT16": [0, 1, 32768, 65535, 7],
    "INT16": [0, -1, 32767, -32768, 7], "INT32": [0, -1, 2147483647, -2147483648, 7], "INT64": [0, -1, 2**53, -(2**53), 7],
    "UINT32": [0, 1, 4294967295, 2147483648, 7], "UINT64": [0, 1, 2**53, 2**52, 7], "BOOL": [1, 0, 1, 1, 0],
    "UINT4": [0, 15, 8, 7, 1], "INT4": [0, -8, 7, -1, 3], "UINT2": [0, 3, 2, 1, 3], "INT2": [0, -2, 1, -1, 1],
    "FLOAT8E8M0": [1, 2, 0.5, 2.0**127, 2.0**-127], "FLOAT4E2M1": [0, 0.5, -6, 3, 1.5],
}


def encode(message) -> str:
    return base64.b64encode(message.SerializeToString()).decode()


def tensors() -> list[str]:
    rows = []
    for name, ours in NAMES.items():
        kind = getattr(TensorProto, name)
        dtype = helper.tensor_dtype_to_np_dtype(kind)
        if name.startswith("COMPLEX"):
            array = np.array([1 + 2j, -0.5 + 0j, 0 - 3j, 4 + 4j, 0.25 - 0.25j], dtype=dtype)
            values = [part for z in array for part in (float(z.real), float(z.imag))]
        else:
            array = np.array(VALUES.get(name, [0, 1, -0.5, 1.75, -2]), dtype=np.float64).astype(dtype)
            if name in ("INT64", "UINT64"):
                array = np.array(VALUES[name], dtype=dtype)
            values = [float(v) for v in array.astype(np.float64)]
        raw = numpy_helper.from_array(array, "t")
        assert raw.data_type == kind and raw.HasField("raw_data"), name
        typed = TensorProto(name="t", dims=[5], data_type=kind)
        is_float = "FLOAT" in name
        bits = array.view(np.uint16 if array.itemsize == 2 else np.uint8) if is_float and array.itemsize < 4 else array
        if name in ("FLOAT", "COMPLEX64"):
            typed.float_data.extend([float(v) for v in values])
        elif name in ("DOUBLE", "COMPLEX128"):
            typed.double_data.extend(values)
        elif name == "INT64":
            typed.int64_data.extend(int(v) for v in array)
        elif name in ("UINT32", "UINT64"):
            typed.uint64_data.extend(int(v) for v in array)
        elif name in ("UINT4", "INT4", "FLOAT4E2M1", "UINT2", "INT2"):
            typed.int32_data.extend(raw.raw_data)
        else:
            typed.int32_data.extend(int(v) for v in bits)
        back = numpy_helper.to_array(typed)
        assert back.tobytes() == array.tobytes(), (name, back, array)
        rows.append(f'    TensorFixture(.{ours}, raw: "{encode(raw)}",\n      typed: "{encode(typed)}",\n      values: {values}),')
    return rows


def value(name, shape=("n",), kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, list(shape))


def make(graph, **more):
    more.setdefault("opset_imports", [helper.make_opsetid("", 21)])
    model = helper.make_model(graph, ir_version=more.pop("ir_version", 10), producer_name="python", **more)
    onnx.checker.check_model(model)
    return model


def functions_model():
    """y = outer(x) where outer calls inner twice with different attributes; inner's axis has a default."""
    inner = helper.make_function(
        "local", "inner", ["a", "b"], ["c"],
        [helper.make_node("Sqrt", ["a"], ["t"], name="root"),
         onnx.parser.parse_node("c = Concat <axis: int = @axis> (t, b)")],
        [helper.make_opsetid("", 13)], attribute_protos=[helper.make_attribute("axis", 0)])
    outer = helper.make_function(
        "local", "outer", ["x"], ["y"],
        [helper.make_node("inner", ["x", "x"], ["t"], domain="local", name="first"),
         onnx.parser.parse_node("y = local.inner <axis: int = @where> (t, t)")],
        [helper.make_opsetid("", 13), helper.make_opsetid("local", 1)], attributes=["where"])
    graph = helper.make_graph(
        [helper.make_node("outer", ["x"], ["y"], domain="local", name="call", where=1)], "g",
        [value("x", (2, 3))], [value("y", (4, 6))])
    return make(graph, functions=[outer, inner], opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("local", 1)])


def captures_model():
    """An If inside an If reads a value of the outermost graph and one of the middle one."""
    innermost = helper.make_graph([helper.make_node("Concat", ["x", "middle"], ["deep"], axis=0)], "innermost", [], [value("deep")])
    other = helper.make_graph([helper.make_node("Sqrt", ["x"], ["shallow"])], "other", [], [value("shallow")])
    middle = helper.make_graph(
        [helper.make_node("Sqrt", ["x"], ["middle"], name="make_middle"),
         helper.make_node("If", ["flag"], ["out"], then_branch=innermost, else_branch=other, name="inner_if")],
        "middle", [], [value("out")])
    simple = helper.make_graph([helper.make_node("Reciprocal", ["x"], ["plain"])], "simple", [], [value("plain")])
    graph = helper.make_graph(
        [helper.make_node("If", ["flag"], ["y"], then_branch=middle, else_branch=simple, name="outer_if")], "g",
        [value("x"), value("flag", (), TensorProto.BOOL)], [value("y")])
    return make(graph)


def everything_model():
    """Metadata, annotations, sparse initializers, defaults of inputs, an omitted optional input, and attributes of each kind."""
    attributes = dict(
        a_float=1.5, an_int=-3, a_string="text", a_tensor=numpy_helper.from_array(np.array([1, 2], np.int64)),
        floats=[1.0, 2.0], ints=[4, 5], strings=["p", "q"],
        tensors=[numpy_helper.from_array(np.array(7.0, np.float32))],
        a_type=helper.make_tensor_type_proto(TensorProto.FLOAT, [1, "n"]),
        types=[helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.INT64, None))],
        a_sparse=helper.make_sparse_tensor(
            numpy_helper.from_array(np.array([5.0], np.float32)), numpy_helper.from_array(np.array([1], np.int64)), [3]),
    )
    sparse = helper.make_sparse_tensor(
        numpy_helper.from_array(np.array([1.0, 2.0], np.float32), "sparse"),
        numpy_helper.from_array(np.array([[0, 1], [1, 0]], np.int64)), [2, 2])
    node = helper.make_node("Odd", ["x", "", "w"], ["y"], domain="custom", name="odd", **attributes)
    graph = helper.make_graph(
        [node], "g", [value("x", ("batch", None, 3)), value("w", (2,))], [value("y", ("batch",))],
        initializer=[numpy_helper.from_array(np.array([3.0, 4.0], np.float32), "w")], sparse_initializer=[sparse])
    node.metadata_props.add(key="scope", value="layer1")
    graph.node[0].metadata_props.add(key="scope", value="layer1")
    graph.metadata_props.add(key="graph", value="yes")
    annotation = graph.quantization_annotation.add(tensor_name="x")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="w")
    model = helper.make_model(
        graph, ir_version=11, producer_name="python", opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("custom", 3)])
    helper.set_model_props(model, {"author": "somebody"})
    model.model_version = 7
    model.domain = "org.example"
    model.doc_string = "A model."
    model.producer_version = "1.0"
    return model


def old_model():
    """IR version 3: the weights are inputs too, and there is no way to override them."""
    graph = helper.make_graph(
        [helper.make_node("Concat", ["x", "w"], ["y"], axis=0)], "g", [value("x", (2,)), value("w", (2,))], [value("y", (4,))],
        initializer=[numpy_helper.from_array(np.array([3.0, 4.0], np.float32), "w")])
    return make(graph, ir_version=3, opset_imports=[helper.make_opsetid("", 8)])


def main():
    target = pathlib.Path(__file__).resolve().parents[2] / "Tests/OnyxLoaderTests/PythonFixtures.swift"
    models = {"functions": functions_model(), "captures": captures_model(), "everything": everything_model(), "old": old_model()}
    lines = [
        "// Made by tools/proto/make_fixtures.py from onnx " + onnx.__version__ + ".", "", "import OnyxTensor", "",
        "/// One tensor as the reference implementation writes it, and its elements; complex numbers are two values each.",
        "struct TensorFixture: Sendable {", "  let type: ElementType", "  let raw: String", "  let typed: String", "  let values: [Double]", "",
        "  init(_ type: ElementType, raw: String, typed: String, values: [Double]) {", "    self.type = type", "    self.raw = raw",
        "    self.typed = typed", "    self.values = values", "  }", "", "  static let all: [TensorFixture] = [", *tensors(), "  ]", "}", "",
        "/// Whole models in base64.", "enum ModelFixture {"]
    for name, model in models.items():
        text = encode(model)
        parts = [text[i : i + 120] for i in range(0, len(text), 120)]
        lines += [f"  static let {name} =", "    " + "\n    + ".join(f'"{part}"' for part in parts)]
    lines += ["}", ""]
    target.write_text("\n".join(lines))


main()
