"""What clusters call: batches as Spark and Ray give them, without their engines; Dask's where it is installed."""

import pickle
import subprocess
import sys

import numpy as np
import onyx
import pytest
from conftest import ROOT, model
from onnx import TensorProto, helper

import onyx.ray
import onyx.spark


def pair() -> bytes:
    """Two inputs and two outputs, of other types than a cluster's columns."""
    return model(
        [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Cast", ["b"], ["whole"], to=TensorProto.INT64)],
        [("a", TensorProto.FLOAT16, ["n", 2]), ("b", TensorProto.FLOAT16, ["n", 2])],
        [("sum", TensorProto.FLOAT16, ["n", 2]), ("whole", TensorProto.INT64, ["n", 2])],
    )


A, B = np.array([[1, 2], [3, 4]], np.float64), np.array([[10, 20], [30, 40]], np.int32)


def test_sparks_function_of_batches(digits, image):
    predict = onyx.spark.make_predict(pair(), None, None, {"threads": 1})
    np.testing.assert_array_equal(predict(A, B), A + B)
    np.testing.assert_array_equal(onyx.spark.make_predict(pair(), ["b", "a"], "whole", {"threads": 1})(B, A), B)
    np.testing.assert_array_equal(
        onyx.spark.make_predict(digits, None, None, {})(image), onyx.InferenceSession(digits).run(None, {"image": image})[0]
    )
    with pytest.raises(ValueError):
        predict(A)


def test_rays_class_of_batches():
    predictor = onyx.ray.Predictor(pair())
    batch = predictor({"a": A, "b": B, "key": np.array([7, 8])})
    assert predictor.session.thread_count == 1 and list(batch) == ["a", "b", "key", "sum", "whole"]
    np.testing.assert_array_equal(batch["sum"], A + B)
    renamed = onyx.ray.Predictor(pair(), {"a": "x", "b": "y"}, {"whole": "z"}, threads=2)({"x": A, "y": B})
    assert list(renamed) == ["x", "y", "z"] and (renamed["z"] == B).all()


def test_sessions_travel_as_bytes():
    session = pickle.loads(pickle.dumps(onyx.InferenceSession(pair(), threads=1)))
    np.testing.assert_array_equal(session.run(["whole"], {"a": A.astype(np.float16), "b": B.astype(np.float16)})[0], B)


def test_dask_gives_what_one_process_gives():
    pytest.importorskip("dask.distributed")
    done = subprocess.run([sys.executable, ROOT / "tools" / "cluster", "dask", "--count", "512"], capture_output=True, text=True)
    assert done.returncode == 0 and "largest difference" in done.stdout, done.stdout + done.stderr[-2000:]
