"""If, Loop and Scan around small bodies that use values from outside."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from differential_cases.case import draws

FLOAT = TensorProto.FLOAT


def info(name, kind=FLOAT):
    """A value of any shape."""
    return helper.make_tensor_value_info(name, kind, None)


@draws("If")
def branch(d):
    """Branches that read the condition alone, with results of different sizes."""
    graphs = []
    for name in ("then", "else"):
        data = d.tensor(np.dtype(np.float32), (d.integer(1, 3),) if d.chance(0.5) else (2,), "plain")
        node = helper.make_node("Constant", [], [f"{name}_out"], value=numpy_helper.from_array(data))
        graphs.append(helper.make_graph([node], name, [], [info(f"{name}_out")]))
    return d.case([np.array(d.chance(0.5))], {"then_branch": graphs[0], "else_branch": graphs[1]})


@draws("Loop")
def loop(d):
    """A running sum with a scanned output that stops by count or by its value."""
    trips, limit = d.integer(0, 5), float(d.integer(1, 40))
    nodes = [
        helper.make_node("Add", ["state", "state"], ["next"]),
        helper.make_node("Constant", [], ["limit"], value=helper.make_tensor("l", FLOAT, [], [limit])),
        helper.make_node("ReduceSum", ["next"], ["total"], keepdims=0),
        helper.make_node("Less", ["total", "limit"], ["go"]),
        helper.make_node("Identity", ["next"], ["scanned"]),
    ]
    body = helper.make_graph(
        nodes,
        "body",
        [info("i", TensorProto.INT64), info("keep", TensorProto.BOOL), info("state")],
        [info("go", TensorProto.BOOL), info("next"), info("scanned")],
    )
    first = d.tensor(np.dtype(np.float32), (d.integer(1, 3),), "positive")
    count = np.array(trips, np.int64) if d.chance(0.8) else None
    go = np.array(d.chance(0.9)) if count is not None and d.chance(0.6) else np.array(True)
    return d.case([count, go, first], {"body": body}, outputs=2)


@draws("Scan")
def scan(d):
    """A running sum over an axis, in both directions."""
    if d.version < 9:
        return None
    nodes = [helper.make_node("Add", ["state", "item"], ["next"]), helper.make_node("Mul", ["next", "item"], ["scanned"])]
    body = helper.make_graph(nodes, "body", [info("state"), info("item")], [info("next"), info("scanned")])
    shape = (d.integer(1, 4), d.integer(1, 4))
    axis = d.integer(0, 1)
    state = d.tensor(np.dtype(np.float32), (shape[1 - axis],), "dyadic")
    attributes = {
        "body": body,
        "num_scan_inputs": 1,
        "scan_input_axes": [axis],
        "scan_input_directions": [d.integer(0, 1)],
        "scan_output_axes": [d.integer(0, 1)],
        "scan_output_directions": [d.integer(0, 1)],
    }
    return d.case([state, d.tensor(np.dtype(np.float32), shape, "dyadic")], attributes, outputs=2, atol=1e-5)
