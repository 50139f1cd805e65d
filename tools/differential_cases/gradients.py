"""Gradient: the domain ai.onnx.preview.training."""

import numpy as np
from onnx import helper

from differential_cases.case import draws

UNARY = ("Neg", "Exp", "Log", "Sqrt", "Sin", "Cos", "Tanh", "Sigmoid", "Relu", "Identity")
BINARY = ("Add", "Sub", "Mul", "Div")


def grown(d, shapes, count):
    """Nodes over values whose shapes are known by name; adds those that they make to `shapes`."""
    nodes = []

    def add(op, inputs, shape, **attributes):
        nodes.append(helper.make_node(op, inputs, [f"v{len(nodes)}"], **attributes))
        shapes[f"v{len(nodes) - 1}"] = shape
        return nodes[-1].output[0]

    def positive(name):
        return add("Exp", [add("Sin", [name], shapes[name])], shapes[name])

    for _ in range(count):
        name = d.pick(tuple(shapes))
        shape, form = shapes[name], d.integer(0, 5)
        if form == 0 and len(shape) == 2:
            others = [other for other, size in shapes.items() if len(size) == 2 and size[0] == shape[1]]
            if others:
                other = d.pick(others)
                add("MatMul", [name, other], (shape[0], shapes[other][1]))
                continue
        if form == 1 and shape:
            order = [int(axis) for axis in d.rng.permutation(len(shape))]
            add("Transpose", [name], tuple(shape[axis] for axis in order), perm=order)
        elif form in (2, 3):
            op = d.pick(UNARY)
            add(op, [positive(name) if op in ("Log", "Sqrt") else name], shape)
        else:
            fitting = [
                other for other, size in shapes.items() if all(1 in pair or pair[0] == pair[1] for pair in zip(size[::-1], shape[::-1]))
            ]
            op, other = d.pick(BINARY), d.pick(fitting)
            whole = np.broadcast_shapes(shape, shapes[other])
            add(op, [name, positive(other) if op == "Div" else other], whole)
    return nodes


@draws("Gradient")
def gradient(d):
    """Of graphs of one to eight nodes, with respect to one to three values; some are held constant."""
    kind, count = d.pick((np.dtype(np.float32), np.dtype(np.float64))), d.integer(1, 3)
    d.bound.update(T1=kind, T2=kind)
    whole = d.shape(0, 2, 0)
    shapes = {f"x{place}": whole if d.chance(0.6) else tuple(1 if d.chance(0.4) else size for size in whole) for place in range(count)}
    arrays = [d.tensor(kind, shape, "unit") for shape in shapes.values()]
    nodes = grown(d, shapes, d.integer(1, 5))
    y = nodes[-1].output[0]
    held = d.integer(0, count - 1) if d.chance(0.4) else 0
    names = [f"x{place}" for place in range(count)]
    attributes = {"xs": names[: count - held], "y": y, **({"zs": names[count - held :]} if held else {})}
    case = d.case(arrays, attributes, outputs=count - held, before=nodes, atol=1e-5 if kind == np.float32 else 1e-7, voice="differences")
    case.output_types = [helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(kind), None)] * (count - held)
    return case
