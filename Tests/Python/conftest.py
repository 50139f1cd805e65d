"""What the tests of the Python package share."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def models() -> Path:
    """The models of the repository."""
    return ROOT / "models"


@pytest.fixture(scope="session")
def digits(models) -> str:
    """A network that reads digits, with CBAM, SE and ECA."""
    return str(models / "digits" / "model.onnx")


@pytest.fixture
def image() -> np.ndarray:
    """Two images for `digits`."""
    return np.random.default_rng(0).random((2, 1, 28, 28), dtype=np.float32)


def model(nodes, inputs, outputs, initializers=(), opset=21, **more) -> bytes:
    """A model of nodes; inputs and outputs are (name, element type, shape)."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(*port) for port in inputs],
        [helper.make_tensor_value_info(*port) for port in outputs],
        initializer=[numpy_helper.from_array(array, name) for name, array in dict(initializers).items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *more.pop("domains", ())], ir_version=10, **more)
    return made.SerializeToString()


def identity(element: int = TensorProto.FLOAT, shape=("n",), op: str = "Identity") -> bytes:
    """A model of one node from x to y."""
    return model([helper.make_node(op, ["x"], ["y"])], [("x", element, shape)], [("y", element, shape)])


def attention_rows(models: Path):
    """(name, path, feed) of each attention block of the repository."""
    for path in sorted((models / "attention").glob("*/dynamo-static/model.onnx")):
        feed = {}
        for file in sorted((path.parent / "test_data_set_0").glob("input_*.pb")):
            tensor = onnx.load_tensor(str(file))
            feed[tensor.name] = numpy_helper.to_array(tensor)
        yield path.parents[1].name, path, feed
