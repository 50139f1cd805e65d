"""Reductions, positions, running sums, and what is sorted."""

import numpy as np

from .case import LAYER, LARGE, SMALL, one

REDUCTIONS = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split()
AXES = {"first axis": ((64, 56, 56), [0]), "middle axis": (LAYER, [1]), "last axis": (LAYER, [3]), "plane": (LAYER, [2, 3]), "all": (LAYER, None),
        "first and last axis": ((64, 56, 56), [0, 2])}  # fmt: skip


def axes(values):
    """The input that names axes."""
    return {"axes": np.array(values, np.int64)} if values is not None else {}


def reductions():
    """Every reduction over every kind of axis, and each element type."""
    for name in REDUCTIONS:
        op = f"Reduce{name}"
        for label, (shape, over) in AXES.items():
            yield one(op, f"200 k, {label}", shape, fixed=axes(over), constants=["axes"], bounds=(1, 2))
        for kind in ("float64", "float16", "bfloat16", "int32", "int64") + (("int8", "uint8") if name in ("Max", "Min") else ()):
            for label in ("first axis", "last axis"):
                shape, over = AXES[label]
                yield one(op, f"200 k, {label}", shape, kind, fixed=axes(over), constants=["axes"], bounds=(1, 2))
        yield one(op, "1 k, last axis", SMALL, fixed=axes([1]), constants=["axes"], bounds=(1, 2))
    for op in ("ReduceSum", "ReduceMax", "ReduceMean"):
        yield one(op, "16 M, last axis", LARGE, fixed=axes([2]), constants=["axes"])
        yield one(op, "16 M, first axis", LARGE, fixed=axes([0]), constants=["axes"])


def positions():
    """ArgMax, ArgMin, TopK, Hardmax."""
    for op in ("ArgMax", "ArgMin"):
        for kind in ("float32", "float64", "float16", "int32", "int64", "int8", "uint8"):
            yield one(op, "64×1000, last axis", (64, 1000), kind, {"axis": 1})
        yield one(op, "200 k, channels", LAYER, attributes={"axis": 1})
        yield one(op, "64×1000, first axis", (64, 1000), attributes={"axis": 0})
        yield one(op, "64×1000, last axis, last index", (64, 1000), attributes={"axis": 1, "select_last_index": 1})
    for k, shape in ((5, (64, 1000)), (5, (1, 1000)), (100, (64, 1000)), (1000, (1, 20000)), (300, (8400, 4)), (1, (64, 1000))):
        k = min(k, shape[-1])
        for kind in ("float32", "float64", "int64") if k == 5 else ("float32",):
            yield one("TopK", f"{k} of {shape[0]}×{shape[1]}", shape, kind, fixed={"k": np.array([k], np.int64)}, constants=["k"], outputs=2)
    yield one(
        "TopK", "5 of 1000×64, first axis", (1000, 64), attributes={"axis": 0}, fixed={"k": np.array([5], np.int64)}, constants=["k"], outputs=2
    )
    for kind in ("float32", "float64", "float16"):
        yield one("Hardmax", "64×1000", (64, 1000), kind, {"axis": -1})


def running():
    """Running sums and what sorts."""
    for kind in ("float32", "float64", "int32", "int64"):
        for axis in (0, 1):
            yield one("CumSum", f"256×1024, axis {axis}", (256, 1024), kind, fixed={"axis": np.array(axis, np.int64)}, constants=["axis"])
    yield one("CumSum", "256×1024, reverse exclusive", (256, 1024), attributes={"reverse": 1, "exclusive": 1},
              fixed={"axis": np.array(1, np.int64)}, constants=["axis"])  # fmt: skip
    yield one("CumProd", "256×1024", (256, 1024), opset=26, bounds=(0.9, 1.1), fixed={"axis": np.array(1, np.int64)}, constants=["axis"])
    for kind in ("float32", "int64"):
        yield one("Unique", "20 k", (20000,), kind, outputs=1)


def cases():
    """All of them."""
    yield from reductions()
    yield from positions()
    yield from running()
