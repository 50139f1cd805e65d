"""What moves elements: shapes, copies, indices."""

import numpy as np

from .case import LAYER, LARGE, SMALL, Case, model, noise, one, several

WIDTHS = ("float32", "float16", "int64", "uint8")


def integers(*values):
    """A constant of int64."""
    return np.array(values, np.int64)


def copies():
    """Transpose, Concat, Split, Slice, Tile, Expand, Pad, and other copies of runs."""
    orders = {"N H W C": (LAYER, [0, 2, 3, 1]), "heads": ((8, 197, 6, 64), [0, 2, 1, 3]), "matrix": ((448, 448), [1, 0]),
              "matrices": ((12, 197, 64), [0, 2, 1]), "rank 6": ((2, 4, 14, 4, 14, 32), [0, 1, 3, 2, 4, 5]), "reverse": ((16, 28, 14, 32), [3, 2, 1, 0])}  # fmt: skip
    for label, (shape, order) in orders.items():
        for kind in WIDTHS:
            yield one("Transpose", f"200 k, {label}", shape, kind, {"perm": order})
    yield one("Transpose", "16 M, matrices", LARGE, attributes={"perm": [0, 2, 1]})
    for kind in WIDTHS:
        for axis in (0, 1, 3):
            yield several("Concat", f"2 × 100 k, axis {axis}", {"a": (2, 32, 28, 56), "b": (2, 32, 28, 56)}, kind, {"axis": axis})
        yield one("Split", "200 k, channels", LAYER, kind, {"axis": 1, "num_outputs": 2}, outputs=2)
        yield one("Split", "200 k, last axis", LAYER, kind, {"axis": 3, "num_outputs": 2}, outputs=2)
        for label, (start, end, axis, step) in {
            "crop": (4, 52, 3, 1),
            "every second": (0, 56, 3, 2),
            "backwards": (55, -57, 3, -1),
            "channels": (16, 48, 1, 1),
        }.items():
            fixed = {"s": integers(start), "e": integers(end), "a": integers(axis), "t": integers(step)}
            yield one("Slice", f"200 k, {label}", LAYER, kind, fixed=fixed, constants=fixed)
        yield one("Tile", "to 200 k", (1, 16, 28, 56), kind, fixed={"r": integers(1, 4, 2, 1)}, constants=["r"])
        yield one("Expand", "to 200 k, last axis", (64, 56, 1), kind, fixed={"s": integers(64, 56, 56)}, constants=["s"])
        yield one("Expand", "to 200 k, first axis", (1, 56, 56), kind, fixed={"s": integers(64, 56, 56)}, constants=["s"])
        for mode in ("constant", "reflect", "edge", "wrap"):
            yield one("Pad", f"200 k, {mode}", LAYER, kind, {"mode": mode}, fixed={"p": integers(0, 0, 2, 2, 0, 0, 2, 2)}, constants=["p"])
        yield one("DepthToSpace", "200 k", LAYER, kind, {"blocksize": 2})
        yield one("SpaceToDepth", "200 k", LAYER, kind, {"blocksize": 2})
        yield one("Trilu", "448×448", (448, 448), kind)
    for op, shape in (("Transpose", SMALL), ("Flatten", SMALL), ("Identity", SMALL), ("Shape", SMALL), ("Size", SMALL)):
        yield one(op, "1 k", shape)
    yield one("EyeLike", "448×448", (448, 448))
    yield one("CenterCropPad", "200 k", LAYER, fixed={"s": integers(48, 60)}, attributes={"axes": [2, 3]}, constants=["s"])
    yield several(
        "ReverseSequence", "56 × 64×56", {"x": (56, 64, 56)}, fixed={"n": np.arange(1, 65).clip(1, 56)}, attributes={"time_axis": 0, "batch_axis": 1}
    )
    yield Case("Range", "int64", "200 k", lambda kind: model("Range", {"a": np.array(0), "b": np.array(200000), "c": np.array(1)}))
    yield Case("ConstantOfShape", "float32", "200 k", lambda kind: model("ConstantOfShape", {"s": integers(*LAYER)}))


def indexed(op, label, shape, indices, kind="float32", more=None, **attributes):
    """A case with an input of indices, and with updates of the shape `more`."""

    def build(kind):
        inputs = {"x": noise("x", shape, kind), "i": indices}
        if more is not None:
            inputs["u"] = noise("u", more, kind)
        return model(op, inputs, attributes)

    return Case(op, kind, label, build)


def indices():
    """What reads or writes by index."""
    rng = np.random.default_rng(0)
    words, rows, square = rng.integers(0, 30000, (1, 197)), rng.integers(0, 448, 400), rng.integers(0, 448, (448, 448))
    points = rng.integers(0, 56, (20000, 2))
    for kind in WIDTHS:
        yield indexed("Gather", "197 of 30 000×384", (30000, 384), words, kind, axis=0)
        yield indexed("Gather", "400 of 448, axis 1", (448, 448), rows, kind, axis=1)
        yield indexed("GatherElements", "448×448, axis 1", (448, 448), square, kind, axis=1)
        yield indexed("GatherElements", "448×448, axis 0", (448, 448), square, kind, axis=0)
        yield indexed("GatherND", "20 k of 56×56×8", (56, 56, 8), points, kind)
        yield indexed("ScatterElements", "448×448, axis 1", (448, 448), square, kind, (448, 448), axis=1)
        yield indexed("ScatterND", "20 k of 56×56×8", (56, 56, 8), points, kind, (20000, 8))
    for reduction in ("add", "max"):
        yield indexed("ScatterElements", f"448×448, {reduction}", (448, 448), square, "float32", (448, 448), axis=0, reduction=reduction)
        yield indexed("ScatterND", f"20 k of 56×56×8, {reduction}", (56, 56, 8), points, "float32", (20000, 8), reduction=reduction)
    for kind in ("float32", "int64", "bool"):
        yield one("NonZero", "200 k", LAYER, kind, bounds=(0, 2) if kind == "int64" else None)
    for kind in ("float32", "int64"):
        yield indexed("Compress", "448×448, axis 0", (448, 448), rng.integers(0, 2, 448).astype(bool), kind, axis=0)
        yield indexed("Compress", "200 k, flat", (200704,), rng.integers(0, 2, 200704).astype(bool), kind)
    for axis in (-1, 0):
        yield Case("OneHot", "float32", f"2000 of 100, axis {axis}", lambda kind, axis=axis: model(
            "OneHot", {"i": rng.integers(0, 100, 2000), "d": np.array(100), "v": noise("v", (2,), kind)}, {"axis": axis}, constants=["d"]))  # fmt: skip


def cases():
    """All of them."""
    yield from copies()
    yield from indices()
