"""Reductions, softmaxes, positions of extremes, running sums and sorting."""

import numpy as np

from differential_cases.case import draws

REDUCTIONS = """
    ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
""".split()


@draws(*REDUCTIONS)
def reduce(d):
    """Axes as an input or attribute, as the version has them; none at all, empty ones and negative ones."""
    exact = d.op in ("ReduceMax", "ReduceMin")
    shape = d.shape(0 if d.chance(0.1) else 1, empty=0.06)
    style = "any" if exact else {"ReduceLogSum": "positive", "ReduceProd": "unit", "ReduceLogSumExp": "plain"}.get(d.op, "dyadic")
    x = d.tensor(0, shape, style)
    axes = d.axes(len(shape), negative=0.4 if d.version >= 11 else 0)
    attributes = d.attributes(keepdims=d.integer(0, 1), noop_with_empty_axes=d.integer(0, 1))
    if "axes" in d.schema.attributes:
        if axes:
            attributes["axes"] = axes
        return d.case([x], attributes, atol=1e-6)
    given = None if d.chance(0.2) else d.ints(axes)
    return d.case([x, given], attributes, atol=1e-6)


@draws("ArgMax", "ArgMin")
def extreme(d):
    """Ties are frequent; no NaN, on which nothing is said."""
    shape = d.shape(1, empty=0)
    x = d.tensor(0, shape, "plain")
    if d.chance(0.5):
        x = np.asarray(np.round(x.astype(np.float64))).astype(x.dtype)
    return d.case(
        [x],
        d.attributes(axis=d.axis(len(shape), 0.4 if d.version >= 11 else 0), keepdims=d.integer(0, 1), select_last_index=d.integer(0, 1)),
    )


@draws("Softmax", "LogSoftmax", "Hardmax")
def softmax(d):
    """Before version 13 the axis flattens."""
    shape = d.shape(1, empty=0.03)
    style = "plain" if d.op == "Hardmax" or d.chance(0.8) else "any"
    x = d.tensor(0, shape, style)
    if style == "plain" and d.chance(0.2):
        x = (x.astype(np.float64) * 30).astype(x.dtype)
    return d.case([x], d.attributes(axis=d.axis(len(shape), 0.4 if d.version >= 11 else 0)), atol=1e-6)


@draws("CumSum", "CumProd")
def running(d):
    """Along one axis."""
    shape = d.shape(1)
    x = d.tensor(0, shape, "dyadic" if d.op == "CumSum" else "unit")
    axis = d.type(d.schema.inputs[1].type_str)
    return d.case([x, np.array(d.axis(len(shape)), axis)], d.attributes(exclusive=d.integer(0, 1), reverse=d.integer(0, 1)), atol=1e-6)


@draws("TopK")
def top(d):
    """Distinct values in most draws, because the order of equal ones is free before version 11."""
    shape = d.shape(1, empty=0.02)
    axis = d.axis(len(shape), 0.4 if d.version >= 11 else 0)
    x = d.tensor(0, shape, "plain")
    if d.version < 11 or x.dtype.kind == "f":
        x = np.asarray(d.rng.permutation(x.size).reshape(shape) - x.size // 2).astype(x.dtype)
    k = d.integer(0 if d.chance(0.1) else min(1, shape[axis]), shape[axis])
    attributes = d.attributes(axis=axis, largest=d.integer(0, 1)) | d.attributes({"sorted": 1})
    if "axis" not in attributes:
        k = min(k, shape[-1])
    if d.version < 10:
        return d.case([x], {**attributes, "k": k}, outputs=2)
    return d.case([x, d.ints([k])], attributes, outputs=2)


@draws("Unique")
def unique(d):
    """Of all elements or of slices."""
    shape = d.shape(1, 3, empty=0.02)
    x = d.tensor(0, shape, "plain")
    if x.dtype.kind == "f":
        x = np.asarray(np.round(x)).astype(x.dtype)
    return d.case([x], d.attributes(axis=d.axis(len(shape)), sorted=d.integer(0, 1)), outputs=d.integer(1, 4))


@draws("NonZero")
def nonzero(d):
    """All ranks from 1."""
    x = d.tensor(0, d.shape(1), "plain")
    if x.dtype.kind not in "Ob":
        x = np.asarray(np.where(d.rng.random(x.shape) < 0.4, np.zeros_like(x), x))
    return d.case([x])


@draws("LpNormalization")
def lp(d):
    """Norms 1 and 2."""
    shape = d.shape(1, empty=0.02)
    return d.case([d.tensor(0, shape, "plain")], d.attributes(axis=d.axis(len(shape)), p=d.integer(1, 2)), atol=1e-6)
