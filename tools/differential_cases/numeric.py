"""Derivatives by differences of the reference evaluator in float64: the voice on Gradient, which no other runtime has."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

STEP = 1e-5


def forward(model, names, y):
    """The part of a model that makes the value `y` of the named ones, all in float64."""
    nodes = [node for node in model.graph.node if node.op_type != "Gradient" and not set(node.output) & set(names)]
    constants = [numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    wide = [value.astype(np.float64) if value.dtype.kind == "f" else value for value in constants]
    return helper.make_model(
        helper.make_graph(
            nodes,
            "forward",
            [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in names],
            [helper.make_tensor_value_info(y, TensorProto.DOUBLE, None)],
            [numpy_helper.from_array(value, tensor.name) for value, tensor in zip(wide, model.graph.initializer)],
        ),
        opset_imports=[helper.make_opsetid("", next(one.version for one in model.opset_import if not one.domain))],
        ir_version=10,
    )


def differences(model, values):
    """The derivatives of the sum of `y` with respect to each of `xs`, by central differences."""
    from onnx.reference import ReferenceEvaluator

    node = next(node for node in model.graph.node if node.op_type == "Gradient")
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    xs = [name.decode() for name in attributes["xs"]]
    names = xs + [name.decode() for name in attributes.get("zs", [])]
    known = {**{tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}, **values}
    at = {name: np.array(known[source], np.float64) for name, source in zip(names, node.input)}
    evaluator = ReferenceEvaluator(forward(model, names, attributes["y"].decode()))

    def total():
        return float(np.sum(evaluator.run(None, at)[0]))

    found = []
    for name, source in zip(xs, node.input):
        gradient = np.zeros(at[name].shape)
        for place in np.ndindex(gradient.shape):
            middle, sides = at[name][place], []
            for sign in (1, -1):
                at[name][place] = middle + sign * STEP
                sides.append(total())
            at[name][place] = middle
            gradient[place] = (sides[0] - sides[1]) / (2 * STEP)
        found.append(gradient.astype(known[source].dtype))
    return found
