"""Optimizers: the domain ai.onnx.preview.training."""

import numpy as np

from differential_cases.case import draws

STATES = {"Adagrad": 1, "Momentum": 1, "Adam": 2}


@draws("Adagrad", "Momentum", "Adam")
def optimizer(d):
    """One or two parameters."""
    shapes, kind = [d.shape(0, 2) for _ in range(d.integer(1, 2))], d.type("T1")
    inputs = [np.array(0.1, kind), np.array(d.pick((0, 1, 5)), np.int64)]
    for style in ["plain", "plain"] + ["positive"] * STATES[d.op]:
        inputs += [d.tensor(np.dtype(np.float32), shape, style) for shape in shapes]
    if d.op == "Momentum":
        attributes = {"alpha": 0.9, "beta": 0.5, "mode": d.pick(("standard", "nesterov")), "norm_coefficient": d.pick((0.0, 0.01))}
    else:
        attributes = d.attributes(norm_coefficient=0.01, epsilon=1e-3, decay_factor=0.1, alpha=0.8, beta=0.9)
    d.bound["T3"] = np.dtype(np.float32)
    return d.case(inputs, attributes, outputs=len(shapes) * (1 + STATES[d.op]), atol=1e-6)
