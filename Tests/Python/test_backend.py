"""The runner of the onnx package on `onyx.backend`."""

import warnings

import numpy as np
import onnx.backend.test
import onyx
import onyx.backend
import pytest
from onnx import helper

from onyx.testing import assert_close

EXCLUDED = {
    # Numbers that are drawn have no expected value; `onyx test` checks their types and shapes, as a test below does.
    "test_bernoulli.*": "random numbers",
    # docs/differential.md: the expected outputs take the unrounded length; PyTorch, onnxruntime and Onyx that of the tensor.
    "test_resize_downsample_scales_(linear|cubic)_align_corners_cpu": "ONNX's reference",
    # A sum of the reference in float32 leaves 2e-7 where 0 is right, and the runner allows 1e-7.
    "test_dft_inverse(_opset19)?_cpu": "ONNX's reference",
    # The runner takes len() of each element of a sequence, and these have no axes. It passes as a case, below.
    "test_loop16_seq_none_cpu": "the runner",
}

with warnings.catch_warnings():
    # The reference of some cases overflows while the runner computes what it expects.
    warnings.simplefilter("ignore")
    runner = onnx.backend.test.BackendTest(onyx.backend.OnyxBackend, __name__)

for pattern in EXCLUDED:
    runner.exclude(f"^{pattern}$")
# The networks of OnnxBackendRealModelTest would be downloaded; Onyx has no other device than the CPU.
for suite, cases in runner.test_cases.items():
    if "Real" not in suite:
        globals()[suite] = cases
        for name in [name for name in vars(cases) if name.startswith("test_") and not name.endswith("_cpu")]:
            delattr(cases, name)


def case_of(name):
    """One of ONNX's cases."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return next(case for case in onnx.backend.test.loader.load_model_tests(kind="node") if case.name == name)


def test_random_numbers_have_the_right_type_and_shape():
    for name in ("test_bernoulli", "test_bernoulli_double", "test_bernoulli_seed"):
        case = case_of(name)
        (inputs, (expected,)) = case.data_sets[0]
        (drawn,) = onyx.backend.run_model(case.model, inputs)
        assert drawn.shape == expected.shape and drawn.dtype == expected.dtype and set(np.unique(drawn)) <= {0, 1}


def test_sequences_of_scalars():
    case = case_of("test_loop16_seq_none")
    (inputs, (expected,)) = case.data_sets[0]
    (actual,) = onyx.backend.run_model(case.model, inputs)
    assert_close(actual, expected)


def test_nodes_are_run_alone():
    node = helper.make_node("Concat", ["a", "b"], ["c"], axis=0)
    a, b = np.ones((1, 2), np.float32), np.zeros((2, 2), np.float32)
    np.testing.assert_array_equal(onyx.backend.run_node(node, [a, b])[0], np.concatenate([a, b]))
    np.testing.assert_array_equal(onyx.backend.run_node(helper.make_node("Neg", ["x"], ["y"]), a, opset_version=13)[0], -a)
    assert onyx.backend.supports_device("CPU") and onyx.backend.supports_device("CPU:0") and not onyx.backend.supports_device("CUDA")
    model = onnx.load(str(__import__("conftest").ROOT / "models" / "digits" / "model.onnx"))
    assert onyx.backend.is_compatible(model)
    with pytest.raises(ValueError):
        onyx.backend.prepare(model, "CUDA")
    with pytest.raises(onyx.NotImplemented):
        onyx.backend.run_node(helper.make_node("Nonsense", ["x"], ["y"], domain="com.example"), a, opset_version=1)
