"""The pytest plugin, as a project that uses it sees it."""

import subprocess
import sys

import numpy as np
import onyx
import pytest
from conftest import ROOT, model
from onnx import helper

from onyx.testing import OnyxCase, assert_close, assert_supported


def test_a_project_uses_the_fixture(tmp_path):
    (tmp_path / "test_model.py").write_text(
        f"""
def test_case(onyx_case):
    assert onyx_case({str(ROOT / "models" / "digits")!r}) == 2
    onyx_case.assert_supported({str(ROOT / "models" / "digits" / "model.onnx")!r})

def test_wrong(onyx_case):
    onyx_case({str(ROOT / "models" / "digits")!r}, rtol=0, atol=0, precision="bf16")
"""
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    if not any(
        "pytest11" in point.group for point in __import__("importlib.metadata").metadata.entry_points(group="pytest11", name="onyx")
    ):
        command[3:3] = ["-p", "onyx.pytest_plugin"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1 and "1 failed, 1 passed" in done.stdout, done.stdout
    assert "the output 'logits' of test_data_set_0" in done.stdout


@pytest.mark.parametrize("folder", ["attention", "opsets"])
def test_the_models_of_the_repository_pass_as_cases(onyx_case, folder):
    cases = sorted(path.parent for path in (ROOT / "models" / folder).glob("**/model.onnx"))
    assert len(cases) > 1 and all(onyx_case(case, rtol=1e-3, atol=1e-4) >= 1 for case in cases)


def test_what_is_lacking_is_named():
    lacking = model(
        [helper.make_node("Nonsense", ["x"], ["y"], domain="com.example")],
        [("x", 1, [1])],
        [("y", 1, [1])],
        domains=[helper.make_opsetid("com.example", 1)],
    )
    with pytest.raises(AssertionError, match="com.example.Nonsense"):
        assert_supported(lacking)
    assert_supported(ROOT / "models" / "digits" / "model.onnx")


def test_differences_fail():
    one = np.ones(2, np.float32)
    assert_close([one, {"a": one}], [one, {"a": one}])
    for actual, expected in (
        (one * 2, one),
        (one.astype(np.float64), one),
        (one[:1], one),
        ([one], [one, one]),
        ({"b": one}, {"a": one}),
        (one, None),
        (np.array(["a"], dtype=object), np.array(["b"], dtype=object)),
    ):
        with pytest.raises(AssertionError):
            assert_close(actual, expected)
    with pytest.raises(AssertionError):
        OnyxCase()(ROOT / "docs")
    assert onyx.testing.OnyxCase is OnyxCase
