"""Element types, strings, sequences, maps and optionals; bound values."""

import ml_dtypes
import numpy as np
import onnxruntime
import onyx
import pytest
from conftest import identity, model
from onnx import TensorProto, helper

NUMBERS = {
    TensorProto.FLOAT: np.float32,
    TensorProto.UINT8: np.uint8,
    TensorProto.INT8: np.int8,
    TensorProto.UINT16: np.uint16,
    TensorProto.INT16: np.int16,
    TensorProto.INT32: np.int32,
    TensorProto.INT64: np.int64,
    TensorProto.BOOL: np.bool_,
    TensorProto.FLOAT16: np.float16,
    TensorProto.DOUBLE: np.float64,
    TensorProto.UINT32: np.uint32,
    TensorProto.UINT64: np.uint64,
    TensorProto.COMPLEX64: np.complex64,
    TensorProto.COMPLEX128: np.complex128,
    TensorProto.BFLOAT16: ml_dtypes.bfloat16,
    TensorProto.FLOAT8E4M3FN: ml_dtypes.float8_e4m3fn,
    TensorProto.FLOAT8E4M3FNUZ: ml_dtypes.float8_e4m3fnuz,
    TensorProto.FLOAT8E5M2: ml_dtypes.float8_e5m2,
    TensorProto.FLOAT8E5M2FNUZ: ml_dtypes.float8_e5m2fnuz,
    TensorProto.UINT4: ml_dtypes.uint4,
    TensorProto.INT4: ml_dtypes.int4,
    TensorProto.FLOAT4E2M1: ml_dtypes.float4_e2m1fn,
    TensorProto.FLOAT8E8M0: ml_dtypes.float8_e8m0fnu,
}


@pytest.mark.parametrize("number", NUMBERS)
def test_each_element_type_goes_in_and_out(number):
    """Reshape moves the elements, and a shape of nothing or of no axes is a shape."""
    opset = 25 if number == TensorProto.FLOAT8E8M0 else 23
    source = model(
        [helper.make_node("Reshape", ["x", "shape"], ["y"])],
        [("x", number, [2, 3]), ("shape", TensorProto.INT64, [1])],
        [("y", number, ["m"])],
        opset=opset,
    )
    values = np.array([[0, 1, 2], [3, 4, 6]] if number != TensorProto.BOOL else [[0, 1, 0], [1, 1, 0]])
    if number in (TensorProto.INT4, TensorProto.INT8):
        values = -values
    x = values.astype(np.float32).astype(NUMBERS[number])
    y = onyx.InferenceSession(source).run(None, {"x": x, "shape": np.array([6])})[0]
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(
        y.astype(np.float64) if number < 14 or number > 15 else y, x.reshape(6).astype(y.dtype if 14 <= number <= 15 else np.float64)
    )
    if number < TensorProto.BFLOAT16:
        lists = onyx.InferenceSession(source).run(None, {"x": x.tolist(), "shape": [6]})[0]
        np.testing.assert_array_equal(lists, y)


def test_numbers_of_these_types_are_computed():
    source = model(
        [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)], [("x", TensorProto.INT4, [4])], [("y", TensorProto.FLOAT, [4])]
    )
    x = np.array([-8, -1, 0, 7]).astype(ml_dtypes.int4)
    np.testing.assert_array_equal(onyx.InferenceSession(source).run(None, {"x": x})[0], [-8, -1, 0, 7])
    source = model(
        [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.INT4)], [("x", TensorProto.FLOAT, [4])], [("y", TensorProto.INT4, [4])]
    )
    y = onyx.InferenceSession(source).run(None, {"x": np.array([-8, -1, 0, 7], np.float32)})[0]
    np.testing.assert_array_equal(y.astype(np.int32), [-8, -1, 0, 7])


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1,)])
def test_shapes_without_axes_and_elements(shape):
    x = np.full(shape, 2, np.float32)
    source = identity(shape=list(shape), op="Neg")
    ours, theirs = onyx.InferenceSession(source).run(None, {"x": x})[0], onnxruntime.InferenceSession(source).run(None, {"x": x})[0]
    assert type(ours) is type(theirs) and ours.shape == theirs.shape == shape
    np.testing.assert_array_equal(ours, theirs)


def test_lists_are_converted_without_loss():
    session = onyx.InferenceSession(identity(TensorProto.INT64))
    np.testing.assert_array_equal(session.run(None, {"x": [1, 2, 2**60]})[0], [1, 2, 2**60])
    for wrong in ([1.5], ["a"], {"a": 1}, None, object()):
        with pytest.raises(onyx.InvalidArgument):
            session.run(None, {"x": wrong})
    with pytest.raises(onyx.InvalidArgument):
        onyx.InferenceSession(identity(TensorProto.UINT8)).run(None, {"x": [300]})
    np.testing.assert_array_equal(onyx.InferenceSession(identity()).run(None, {"x": (1, 2)})[0], np.array([1, 2], np.float32))
    np.testing.assert_array_equal(onyx.InferenceSession(identity(shape=[])).run(None, {"x": 1.5})[0], np.float32(1.5))
    np.testing.assert_array_equal(onyx.InferenceSession(identity()).run(None, {"x": memoryview(np.ones(2, np.float32))})[0], [1, 1])


def test_strings():
    source = model(
        [helper.make_node("Reshape", ["x", "s"], ["y"])],
        [("x", TensorProto.STRING, [2, 2])],
        [("y", TensorProto.STRING, [4])],
        {"s": np.array([4])},
    )
    ours, theirs = onyx.InferenceSession(source), onnxruntime.InferenceSession(source)
    texts = np.array([["a", "größer"], ["", "漢\0字"]], dtype=object)
    plain = np.array([["a", "größer"], ["", "漢字"]])
    for given in (texts, texts.tolist(), plain, plain.tolist(), np.char.encode(plain, "utf-8")):
        expected = [text.decode() if isinstance(text, bytes) else text for text in np.asarray(given, object).reshape(-1)]
        assert ours.run(None, {"x": given})[0].tolist() == expected
    assert ours.run(None, {"x": plain})[0].tolist() == theirs.run(None, {"x": plain})[0].tolist()
    assert ours.run(None, {"x": plain})[0].dtype == theirs.run(None, {"x": plain})[0].dtype
    with pytest.raises(onyx.InvalidArgument):
        ours.run(None, {"x": np.array([[1, 2], [3, 4]], dtype=object)})


def test_sequences_go_in_and_out():
    kind = helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, None))
    graph = helper.make_graph(
        [helper.make_node("SequenceInsert", ["s", "x"], ["t"]), helper.make_node("SequenceLength", ["t"], ["n"])],
        "g",
        [helper.make_value_info("s", kind), helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_value_info("t", kind), helper.make_tensor_value_info("n", TensorProto.INT64, [])],
    )
    source = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()
    feed = {"s": [np.ones(3, np.float32), np.zeros((1, 2), np.float32)], "x": np.array([5, 6], np.float32)}
    ours, theirs = onyx.InferenceSession(source), onnxruntime.InferenceSession(source)
    assert [port.type for port in ours.get_inputs()] == [port.type for port in theirs.get_inputs()]
    for mine, other in zip(ours.run(None, feed), theirs.run(None, feed), strict=True):
        assert type(mine) is type(other)
        if isinstance(other, list):
            assert len(mine) == len(other) and all((a == b).all() for a, b in zip(mine, other))
        else:
            np.testing.assert_array_equal(mine, other)
    with pytest.raises(onyx.InvalidArgument):
        ours.run(None, {**feed, "s": np.ones(3, np.float32)})


def test_maps_come_out_as_dicts():
    kind = helper.make_sequence_type_proto(
        helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    )
    graph = helper.make_graph(
        [helper.make_node("ZipMap", ["x"], ["z"], domain="ai.onnx.ml", classlabels_int64s=[4, 7])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])],
        [helper.make_value_info("z", kind)],
    )
    source = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=10)
    x = np.array([[1, 2], [3, 4]], np.float32)
    ours = onyx.InferenceSession(source).run(None, {"x": x})[0]
    assert ours == [{4: 1.0, 7: 2.0}, {4: 3.0, 7: 4.0}] == onnxruntime.InferenceSession(source.SerializeToString()).run(None, {"x": x})[0]


def test_maps_go_in():
    kind = helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    graph = helper.make_graph(
        [helper.make_node("DictVectorizer", ["m"], ["y"], domain="ai.onnx.ml", string_vocabulary=["a", "b", "c"])],
        "g",
        [helper.make_value_info("m", kind)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
    )
    source = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=10)
    assert np.asarray(onyx.InferenceSession(source).run(None, {"m": {"c": 2.5, "a": 1}})[0]).reshape(-1).tolist() == [1, 0, 2.5]


def test_optionals():
    kind = helper.make_optional_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, [2]))
    graph = helper.make_graph(
        [helper.make_node("OptionalHasElement", ["o"], ["has"])],
        "g",
        [helper.make_value_info("o", kind)],
        [helper.make_tensor_value_info("has", TensorProto.BOOL, [])],
    )
    session = onyx.InferenceSession(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10))
    assert session.run(None, {"o": np.ones(2, np.float32)})[0] == np.True_
    assert session.run(None, {"o": None})[0] == np.False_ and session.run(None, {})[0] == np.False_


def test_dlpack_both_ways():
    torch_like = np.arange(6, dtype=np.float32).reshape(2, 3)

    class Foreign:
        """A tensor of a library that offers DLPack alone."""

        def __dlpack__(self, **arguments):
            return torch_like.__dlpack__(**arguments)

        def __dlpack_device__(self):
            return torch_like.__dlpack_device__()

    session = onyx.InferenceSession(identity(shape=[2, 3], op="Neg"))
    np.testing.assert_array_equal(session.run(None, {"x": Foreign()})[0], -torch_like)
    value = onyx.OrtValue.from_dlpack(Foreign())
    assert value.data_ptr() == torch_like.ctypes.data
    result = session.run(None, {"x": torch_like})[0]
    assert np.from_dlpack(onyx.OrtValue(result)).ctypes.data == result.ctypes.data == np.from_dlpack(result).ctypes.data


def test_ort_values_are_those_of_onnxruntime():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    ours, theirs = onyx.OrtValue.ortvalue_from_numpy(array), onnxruntime.OrtValue.ortvalue_from_numpy(array)
    for name in ("shape", "data_type", "element_type", "device_name", "is_tensor", "is_tensor_sequence", "is_sparse_tensor", "has_value"):
        assert getattr(ours, name)() == getattr(theirs, name)(), name
    np.testing.assert_array_equal(ours.numpy(), array)
    empty = onyx.OrtValue.ortvalue_from_shape_and_type([2, 3], np.int64)
    empty.update_inplace(np.arange(6).reshape(2, 3))
    assert empty.numpy()[1, 2] == 5 and empty.data_type() == "tensor(int64)"
    with pytest.raises(onyx.InvalidArgument):
        empty.update_inplace(array)
    with pytest.raises(onyx.NotImplemented):
        onyx.OrtValue.ortvalue_from_numpy(array, "cuda", 0)
    results = onyx.InferenceSession(identity(shape=[2, 3], op="Neg")).run_with_ort_values(None, {"x": ours})
    np.testing.assert_array_equal(results[0].numpy(), -array)


def test_bound_inputs_and_outputs():
    session = onyx.InferenceSession(identity(shape=["n"], op="Neg"))
    x, y = np.arange(4, dtype=np.float32), np.zeros(4, np.float32)
    binding = session.io_binding()
    binding.bind_cpu_input("x", x)
    binding.bind_output("y")
    session.run_with_iobinding(binding)
    np.testing.assert_array_equal(binding.copy_outputs_to_cpu()[0], -x)
    np.testing.assert_array_equal(binding.get_outputs()[0].numpy(), -x)
    binding = session.io_binding()
    binding.bind_input("x", "cpu", 0, np.float32, [4], x.ctypes.data)
    binding.bind_output("y", "cpu", 0, np.float32, [4], y.ctypes.data)
    session.run_with_iobinding(binding, onyx.RunOptions())
    np.testing.assert_array_equal(y, -x)
    held = onyx.OrtValue(np.zeros(4, np.float32))
    binding.bind_ortvalue_input("x", onyx.OrtValue(x * 2))
    binding.bind_ortvalue_output("y", held)
    session.run_with_iobinding(binding)
    np.testing.assert_array_equal(held.numpy(), -2 * x)
    binding.bind_output("y", "cpu", 0, np.float32, [3], y.ctypes.data)
    with pytest.raises(onyx.InvalidArgument):
        session.run_with_iobinding(binding)
    with pytest.raises(onyx.NotImplemented):
        binding.bind_output("y", "cuda")
