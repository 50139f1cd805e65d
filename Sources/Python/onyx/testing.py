"""What tests of models check."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ._model import Model
from ._session import InferenceSession


def assert_supported(model: Any) -> None:
    """Fails unless Onyx has every operator of a model: a path, bytes, or an `onnx.ModelProto`."""
    coverage = Model(model).coverage()
    if not coverage.is_supported:
        raise AssertionError(f"Onyx lacks {', '.join(coverage.missing)}.\n{coverage}")


def assert_close(actual: Any, expected: Any, rtol: float = 1e-3, atol: float = 1e-5, name: str = "the value") -> None:
    """Fails unless two values have the same types and shapes, and numbers that differ by at most atol + rtol · |expected|."""
    if isinstance(expected, (list, tuple)):
        assert isinstance(actual, (list, tuple)) and len(actual) == len(expected), f"{name} has {len(actual)} elements, not {len(expected)}"
        for index, (one, other) in enumerate(zip(actual, expected)):
            assert_close(one, other, rtol, atol, f"{name}[{index}]")
        return
    if isinstance(expected, dict):
        assert isinstance(actual, dict) and actual.keys() == expected.keys(), f"{name} has other keys: {actual}"
        for key in expected:
            assert_close(actual[key], expected[key], rtol, atol, f"{name}[{key!r}]")
        return
    if expected is None:
        assert actual is None, f"{name} is {actual!r}, not None"
        return
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{name} has the shape {list(actual.shape)}, not {list(expected.shape)}"
    if expected.dtype.kind in "OUS":
        np.testing.assert_array_equal(actual, expected, err_msg=name)
        return
    assert actual.dtype == expected.dtype, f"{name} has elements of type {actual.dtype}, not {expected.dtype}"
    if expected.dtype.kind == "V":  # What ml_dtypes has; its numbers are exact in float32.
        actual, expected = actual.astype(np.float32), expected.astype(np.float32)
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol, err_msg=name)


class OnyxCase:
    """Models and backend cases to run in tests, as the fixture `onyx_case` gives it."""

    def __call__(self, folder: str | os.PathLike[str], rtol: float = 1e-3, atol: float = 1e-5, **options: Any) -> int:
        """Runs a backend case: a folder with model.onnx and test_data_set_*; returns how many data sets there were.

        Needs the onnx package, which reads the files of a data set.
        """
        folder = Path(folder)
        sets = sorted(folder.glob("test_data_set_*"))
        assert sets, f"{folder} has no test_data_set_*"
        with InferenceSession(folder / "model.onnx", **options) as session:
            for directory in sets:
                inputs = [_read(path) for path in _numbered(directory, "input")]
                expected = [_read(path) for path in _numbered(directory, "output")]
                feed = {port.name: value for port, value in zip(session.get_inputs(), inputs) if value is not None}
                for port, actual, wanted in zip(session.get_outputs(), session.run(None, feed), expected, strict=True):
                    assert_close(actual, wanted, rtol, atol, f"the output '{port.name}' of {directory.name}")
        return len(sets)

    assert_supported = staticmethod(assert_supported)
    assert_close = staticmethod(assert_close)


def _numbered(directory: Path, kind: str) -> list[Path]:
    return sorted(directory.glob(f"{kind}_*.pb"), key=lambda path: int(path.stem.rpartition("_")[2]))


def _read(path: Path) -> Any:
    """A tensor, sequence or optional of a file, which says its type itself or not."""
    import onnx
    from onnx import numpy_helper

    content = path.read_bytes()
    try:
        return numpy_helper.to_array(onnx.TensorProto.FromString(content))
    except Exception:
        pass
    try:
        return numpy_helper.to_list(onnx.SequenceProto.FromString(content))
    except Exception:
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(content))


__all__ = ["OnyxCase", "assert_close", "assert_supported"]
