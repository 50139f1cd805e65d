"""Sessions beside onnxruntime: names, inputs, outputs, memory."""

import gc
import pathlib
import pickle
import threading
import warnings

import numpy as np
import onnx
import onnxruntime
import onyx
import pytest
from conftest import attention_rows, identity, model
from onnx import TensorProto, helper


def test_outputs_are_those_of_onnxruntime(models):
    for name, path, feed in attention_rows(models):
        ours, theirs = onyx.InferenceSession(str(path)), onnxruntime.InferenceSession(str(path))
        for actual, expected in zip(ours.run(None, feed), theirs.run(None, feed), strict=True):
            np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5, err_msg=name)
            assert type(actual) is np.ndarray and actual.dtype == expected.dtype and actual.flags.writeable


def test_ports_and_metadata_are_those_of_onnxruntime(models):
    paths = [models / "digits" / "model.onnx", *sorted((models / "kinds").glob("*.onnx"))[::4]]
    for path in paths:
        ours, theirs = onyx.InferenceSession(str(path)), onnxruntime.InferenceSession(str(path))
        for mine, other in zip([*ours.get_inputs(), *ours.get_outputs()], [*theirs.get_inputs(), *theirs.get_outputs()], strict=True):
            # Where the file has a name for an axis of an output, onnxruntime may have found its size.
            extents = [size if isinstance(name, str) and isinstance(size, int) else name for name, size in zip(mine.shape, other.shape)]
            assert (mine.name, mine.type, extents) == (other.name, other.type, other.shape)
        mine, other = ours.get_modelmeta(), theirs.get_modelmeta()
        for field in ("producer_name", "graph_name", "domain", "description", "custom_metadata_map"):
            assert getattr(mine, field) == getattr(other, field), field
        # Where the model says none, onnxruntime has the largest number.
        assert mine.version == (0 if other.version == 2**63 - 1 else other.version)
        with pytest.raises(NotImplementedError):
            mine.graph_description


def test_dimensions_are_numbers_names_or_none():
    free = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, None])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [free], [helper.make_empty_tensor_value_info("y")])
    source = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10).SerializeToString()
    assert onyx.InferenceSession(source).get_inputs()[0].shape == ["batch", 3, None]
    assert onnxruntime.InferenceSession(source).get_inputs()[0].shape == ["batch", 3, None]


def test_models_come_as_paths_bytes_files_and_protos(digits, image):
    expected = onyx.InferenceSession(digits).run(None, {"image": image})[0]
    content = pathlib.Path(digits).read_bytes()
    with open(digits, "rb") as file:
        for source in (pathlib.Path(digits), content, bytearray(content), onnx.load(digits), file):
            np.testing.assert_array_equal(onyx.InferenceSession(source).run(None, {"image": image})[0], expected)
    assert onyx.InferenceSession(path_or_bytes=digits, sess_options=None, providers=["CPUExecutionProvider"]).thread_count >= 1
    with pytest.raises(onyx.InvalidArgument):
        onyx.InferenceSession(3)


def test_run_takes_what_onnxruntime_takes(digits, image):
    session = onyx.InferenceSession(digits)
    expected = onnxruntime.InferenceSession(digits).run(None, {"image": image})[0]
    wide = np.zeros((2, 1, 28, 56), np.float32)
    wide[..., ::2] = image
    for names in (None, [], ["logits"], ("logits",)):
        for value in (image, image.tolist(), wide[..., ::2], np.asfortranarray(image), image.astype(">f4"), onyx.OrtValue(image)):
            np.testing.assert_allclose(session.run(names, {"image": value})[0], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        session.run(output_names=["logits"], input_feed={"image": image}, run_options=onyx.RunOptions())[0], expected, rtol=1e-4, atol=1e-5
    )
    twice = session.run(["logits", "logits"], {"image": image})
    assert twice[0] is twice[1]


def test_wrong_feeds_raise_what_onnxruntime_raises(digits, image):
    ours, theirs = onyx.InferenceSession(digits), onnxruntime.InferenceSession(digits)
    state = onnxruntime.capi.onnxruntime_pybind11_state
    for names, feed, expected in (
        (None, {}, ValueError),
        (None, {"imag": image}, ValueError),
        (["logit"], {"image": image}, state.InvalidArgument),
        (None, {"image": image.astype(np.float64)}, state.InvalidArgument),
        (None, {"image": image[0]}, state.InvalidArgument),
    ):
        with pytest.raises(expected):
            theirs.run(names, feed)
        with pytest.raises(getattr(onyx, expected.__name__, expected)):
            ours.run(names, feed)
    with pytest.raises(onyx.InvalidArgument, match=r"Actual: \(tensor\(double\)\), expected: \(tensor\(float\)\)"):
        ours.run(None, {"image": image.astype(np.float64)})
    with pytest.raises(TypeError):
        ours.run("logits", {"image": image})
    with pytest.raises(TypeError):
        ours.run(None, {"image": image}, fetched=["relu"])


def test_arrays_are_read_where_they_are_and_results_are_the_callers(digits, image):
    session = onyx.InferenceSession(identity())
    x = np.arange(100_000, dtype=np.float32)
    first = session.run(None, {"x": x})[0]
    assert not np.shares_memory(first, x)
    first[:] = -1
    second = session.run(None, {"x": x})[0]
    np.testing.assert_array_equal(second, x)
    assert not np.shares_memory(first, second) and first.ctypes.data % 64 == 0
    # A constant of the model is copied for each caller.
    source = model([helper.make_node("Identity", ["c"], ["y"])], [], [("y", TensorProto.FLOAT, [3])], {"c": np.ones(3, np.float32)})
    session = onyx.InferenceSession(source)
    session.run(None, {})[0][:] = 7
    np.testing.assert_array_equal(session.run(None)[0], np.ones(3))
    # A result outlives its session.
    result = onyx.InferenceSession(digits).run(None, {"image": image})[0]
    gc.collect()
    assert np.isfinite(result).all()


def test_values_inside_are_fetched(digits, image):
    session = onyx.InferenceSession(digits)
    logits, relu, again = session.run(None, {"image": image}, fetch=["relu", "logits"])
    network = onnx.load(digits)
    network.graph.output.append(helper.make_empty_tensor_value_info("relu"))
    expected = onnxruntime.InferenceSession(network.SerializeToString()).run(["logits", "relu"], {"image": image})
    np.testing.assert_allclose(relu, expected[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(logits, expected[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(logits, again)
    assert len(session.run(["logits"], {"image": image}, fetch="relu")) == 2
    with pytest.raises(onyx.InvalidArgument, match="rleu"):
        session.run(None, {"image": image}, fetch=["rleu"])


def test_a_closed_session_says_so(digits, image):
    with onyx.InferenceSession(digits) as session:
        assert "digits" not in repr(session) and "model.onnx" in repr(session) and not session.closed
    assert session.closed and "closed" in repr(session)
    for use in (lambda: session.run(None, {"image": image}), session.summary, lambda: session.attention({"image": image})):
        with pytest.raises(ValueError, match="closed"):
            use()
    session.close()


def test_closing_waits_for_runs(digits, image):
    session = onyx.InferenceSession(digits)
    expected = session.run(None, {"image": image})[0]
    failures, begun = [], threading.Event()

    def work():
        try:
            while True:
                np.testing.assert_array_equal(session.run(None, {"image": image})[0], expected)
                begun.set()
        except ValueError:
            pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    session.close()
    for thread in threads:
        thread.join(10)
    assert not failures


def test_unknown_providers_are_told_of_once(digits):
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        onyx.InferenceSession(digits, providers=[("CUDAExecutionProvider", {"device_id": 0}), "CPUExecutionProvider"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session = onyx.InferenceSession(digits, providers=["CUDAExecutionProvider"], provider_options=[{}])
    assert session.get_providers() == onyx.get_available_providers() == ["CPUExecutionProvider"]
    assert session.get_provider_options() == {"CPUExecutionProvider": {}} and onyx.get_device() == "CPU"


def test_options_reach_the_library(digits, image):
    options = onyx.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 3
    options.graph_optimization_level = onyx.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.execution_mode = onyx.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onyx.InferenceSession(digits, options, ["CPUExecutionProvider"])
    assert session.thread_count == 1 and session.get_session_options() is options
    expected = onyx.InferenceSession(digits, threads=2).run(None, {"image": image})[0]
    np.testing.assert_allclose(session.run(None, {"image": image})[0], expected, rtol=1e-4, atol=1e-5)
    options.add_session_config_entry("onyx.deadline", "0")
    with pytest.raises(onyx.BudgetExceeded):
        onyx.InferenceSession(digits, options).run(None, {"image": image})
    with pytest.raises(onyx.BudgetExceeded):
        onyx.InferenceSession(digits, memory_budget=1000).run(None, {"image": image})
    assert onyx.InferenceSession(digits, precision="bf16", winograd=False, optimization="full").run(None, {"image": image})
    with pytest.raises(onyx.InvalidArgument):
        onyx.InferenceSession(digits, precision="fp8")
    with pytest.raises(TypeError):
        onyx.InferenceSession(digits, cache=1)
    with pytest.raises(TypeError):
        onyx.InferenceSession(digits, {"intra_op_num_threads": 1})


def test_what_is_not_there_raises_with_the_reason(digits):
    options = onyx.SessionOptions()
    with pytest.raises(NotImplementedError, match="onyx profile"):
        options.enable_profiling = True
    with pytest.raises(NotImplementedError):
        options.optimized_model_filepath = "x.onnx"
    for name, arguments in (
        ("register_custom_ops_library", ("x.so",)),
        ("add_initializer", ("w", None)),
        ("add_external_initializers", ([], [])),
        ("add_free_dimension_override_by_name", ("batch", 1)),
        ("add_session_config_entry", ("session.load_model_format", "ORT")),
        ("add_session_config_entry", ("onyx.cache", "1")),
    ):
        with pytest.raises(onyx.NotImplemented):
            getattr(options, name)(*arguments)
    with pytest.warns(UserWarning, match="session.nonsense"):
        options.add_session_config_entry("session.nonsense", "1")
    with pytest.raises(NotImplementedError):
        onyx.InferenceSession(digits).end_profiling()
    with pytest.raises(NotImplementedError):
        onyx.InferenceSession(digits, disabled_optimizers=["ConstantFolding"])
    with pytest.raises(AttributeError, match="rewrites models"):
        onyx.quantization
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        onyx.nothing


def test_errors_have_names_and_codes(tmp_path, digits):
    cases = [
        (onyx.NoSuchFile, 66, tmp_path / "none.onnx"),
        (onyx.InvalidProtobuf, 65, b"no model"),
        (onyx.InvalidGraph, 65, b"no model"),
        (
            onyx.NotImplemented,
            69,
            model(
                [helper.make_node("Nonsense", ["x"], ["y"], domain="com.example")],
                [("x", 1, [1])],
                [("y", 1, [1])],
                domains=[helper.make_opsetid("com.example", 1)],
            ),
        ),
    ]
    for kind, code, source in cases:
        with pytest.raises(kind) as failure:
            onyx.InferenceSession(source)
        assert failure.value.code == code and str(failure.value) and isinstance(failure.value, onyx.OnyxError)
    with pytest.raises(FileNotFoundError, match="none.onnx"):
        onyx.InferenceSession(tmp_path / "none.onnx")
    assert onyx.capi.onnxruntime_pybind11_state.NoSuchFile is onyx.NoSuchFile
    pickle.loads(pickle.dumps(onyx.InvalidArgument("x")))


def test_runs_are_ended_from_another_thread(digits, image):
    session, options = onyx.InferenceSession(digits), onyx.RunOptions()
    session.run(None, {"image": image}, options)
    options.terminate = True
    with pytest.raises(onyx.BudgetExceeded):
        session.run(None, {"image": image}, options)
    options.terminate = False
    session.run(None, {"image": image}, options)
    with pytest.raises(AttributeError):
        session.run(None, {"image": image}, 3)


def test_inputs_with_a_default_can_be_left_out():
    source = model(
        [helper.make_node("Add", ["x", "b"], ["y"])],
        [("x", TensorProto.FLOAT, [2]), ("b", TensorProto.FLOAT, [2])],
        [("y", TensorProto.FLOAT, [2])],
        {"b": np.array([1, 2], np.float32)},
    )
    ours, theirs, x = onyx.InferenceSession(source), onnxruntime.InferenceSession(source), np.zeros(2, np.float32)
    assert [port.name for port in ours.get_inputs()] == [port.name for port in theirs.get_inputs()]
    assert [port.name for port in ours.get_overridable_initializers()] == [port.name for port in theirs.get_overridable_initializers()]
    for feed in ({"x": x}, {"x": x, "b": np.array([5, 6], np.float32)}):
        np.testing.assert_array_equal(ours.run(None, feed)[0], theirs.run(None, feed)[0])


def test_summary_and_coverage(digits):
    for source in (onyx.InferenceSession(digits), onyx.Model(digits), onyx.Model(pathlib.Path(digits).read_bytes())):
        summary, coverage = source.summary(), source.coverage()
        assert summary["totals"]["params"] > 1000 and {block["kind"] for block in summary["attention"]} >= {"SE", "CBAM", "ECA"}
        assert "node_linear" in str(summary) and coverage.is_supported and coverage.missing == []
        assert {operator["op"] for operator in coverage["operators"]} == {node.op_type for node in onnx.load(digits).graph.node}
        assert "<table>" in summary._repr_html_() and "Conv" in coverage._repr_html_() and "<table>" in source.summary()._repr_html_()
        assert pickle.loads(pickle.dumps(summary)) == summary
    lacking = model(
        [helper.make_node("Nonsense", ["x"], ["y"], domain="com.example")],
        [("x", 1, [1])],
        [("y", 1, [1])],
        domains=[helper.make_opsetid("com.example", 1)],
    )
    assert onyx.Model(lacking).coverage().missing == ["com.example.Nonsense"]
    assert onyx.Model(digits).metadata()["opsets"] == {"ai.onnx": 20}
