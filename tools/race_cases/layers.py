"""Normalizations, attention, resampling, detection, recurrence, signals, trees and texts."""

import numpy as np
from onnx import TensorProto

from .case import LAYER, SMALL, Case, model, noise, one, several

HALVES = ("float32", "float64", "float16")


def normalizations():
    """What divides by a norm or a sum."""
    for kind in HALVES + ("bfloat16",):
        yield several("LayerNormalization", "197×384", {"x": (1, 197, 384), "s": (384,), "b": (384,)}, kind, {"axis": -1})
        yield several("RMSNormalization", "197×384", {"x": (1, 197, 384), "s": (384,)}, kind, {"axis": -1}, opset=23)
        yield one("Softmax", "12×197×197", (12, 197, 197), kind, {"axis": -1})
        yield one("LogSoftmax", "64×1000", (64, 1000), kind, {"axis": -1})
        yield several("InstanceNormalization", "200 k", {"x": LAYER, "s": (64,), "b": (64,)}, kind, opset=22)
        yield several("GroupNormalization", "200 k, 8 groups", {"x": LAYER, "s": (64,), "b": (64,)}, kind, {"num_groups": 8})
        rest = {"s": (64,), "b": (64,), "m": (64,), "v": (64,)}
        yield several("BatchNormalization", "200 k", {"x": LAYER, **rest}, kind, constants=rest, bounds=(0.5, 2), opset=15)
        yield several("BatchNormalization", "200 k, run-time statistics", {"x": LAYER, **rest}, kind, bounds=(0.5, 2), opset=15)
        yield one("MeanVarianceNormalization", "200 k", LAYER, kind)
        yield one("LRN", "200 k", LAYER, kind, {"size": 5})
    yield several(
        "BatchNormalization", "200 k, training", {"x": LAYER, **rest}, bounds=(0.5, 2), attributes={"training_mode": 1}, outputs=3, opset=15
    )
    for axis in (1, 2):
        yield one("Softmax", f"200 k, axis {axis}", LAYER, attributes={"axis": axis})
        yield one("LpNormalization", f"200 k, axis {axis}", LAYER, attributes={"axis": axis}, opset=22)
    yield one("Softmax", "1 k", SMALL, attributes={"axis": -1})


def attention():
    """Attention of the standard, plain, causal, with grouped heads, with one new row."""
    forms = {"12 heads, 197": ((1, 12, 197, 64),) * 3, "causal, 128": ((1, 12, 128, 64),) * 3,
                "grouped, 128": ((1, 16, 128, 64), (1, 4, 128, 64), (1, 4, 128, 64)),
             "one row of 1024": ((1, 16, 1, 64), (1, 16, 1024, 64), (1, 16, 1024, 64))}  # fmt: skip
    for label, (q, k, v) in forms.items():
        for kind in ("float32", "float16"):
            attributes = {"is_causal": 1} if label.startswith("causal") else {}
            yield several("Attention", label, {"q": q, "k": k, "v": v}, kind, attributes, opset=23)
    yield several("RotaryEmbedding", "12 heads, 128", {"x": (1, 12, 128, 64), "c": (1, 128, 32), "s": (1, 128, 32)}, opset=23)


def resampling():
    """Resize, GridSample, AffineGrid, Col2Im."""
    forms = {
        "nearest ×2": {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, "linear ×2": {"mode": "linear"},
        "linear ×2, align_corners": {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
        "linear ×2, asymmetric": {"mode": "linear", "coordinate_transformation_mode": "asymmetric"}, "cubic ×2": {"mode": "cubic"},
    }  # fmt: skip
    for label, attributes in forms.items():
        for kind in ("float32", "uint8", "float16") if "align" not in label else ("float32",):
            fixed = {"r": None, "s": np.array([1, 1, 2, 2], np.float32)}
            yield one("Resize", f"64×56×56, {label}", LAYER, kind, attributes, fixed=fixed, constants=["s"])
    for label, sizes, attributes in (("linear to 224×224", (224, 224), {"mode": "linear"}), ("linear to 28×28", (28, 28), {"mode": "linear"}),
                                     ("linear to 28×28, antialias", (28, 28), {"mode": "linear", "antialias": 1}), ("nearest to 75×75", (75, 75), {"mode": "nearest"})):  # fmt: skip
        fixed = {"r": None, "s": None, "n": np.array([1, 64, *sizes], np.int64)}
        yield one("Resize", f"64×56×56, {label}", LAYER, attributes=attributes, fixed=fixed, constants=["n"])
    for mode in ("linear", "nearest", "cubic"):
        yield several("GridSample", f"64×56×56, {mode}", {"x": LAYER, "g": (1, 56, 56, 2)}, attributes={"mode": mode}, bounds=(-1.1, 1.1), opset=20)
    yield several("AffineGrid", "4 × 56×56", {"t": (4, 2, 3)}, fixed={"n": np.array([4, 3, 56, 56])}, constants=["n"], opset=20)
    yield one("Col2Im", "64×56×56, 3×3", (1, 576, 3136), attributes={"pads": [1] * 4},
              fixed={"i": np.array([56, 56]), "b": np.array([3, 3])}, constants=["i", "b"])  # fmt: skip


def boxes(count, seed=0):
    """Boxes as two corners."""
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 1, (1, count, 2))
    return np.concatenate([corner, corner + rng.uniform(0.01, 0.2, (1, count, 2))], axis=2).astype(np.float32)


def detection():
    """Boxes and regions."""
    for count, classes in ((100, 1), (2000, 10), (3234, 90), (8400, 80), (20000, 1)):
        inputs = {
            "b": boxes(count),
            "s": noise("s", (1, classes, count), "float32", 0, 1),
            "m": np.array([100]),
            "i": np.array([0.5], np.float32),
            "t": np.array([0.3], np.float32),
        }
        yield Case(
            "NonMaxSuppression", "float32", f"{count} × {classes}", lambda kind, inputs=inputs: model("NonMaxSuppression", inputs, constants="mit")
        )
    # As torchvision exports it: classes lie apart, and nearly all boxes stay.
    inputs = {"b": boxes(1800) + np.arange(1800, dtype=np.float32)[:, None] // 20 * 2, "s": noise("s", (1, 1, 1800), "float32", 0, 1),
              "m": np.array([2**63 - 1]), "i": np.array([0.55], np.float32)}  # fmt: skip
    yield Case("NonMaxSuppression", "float32", "1800 × 1, all", lambda kind: model("NonMaxSuppression", inputs, constants="mi"))
    regions = boxes(200)[0] * 160
    for mode in ("avg", "max"):
        yield several("RoiAlign", f"200 of 64×50×50, {mode}", {"x": (1, 64, 50, 50)}, fixed={"r": regions, "b": np.zeros(200, np.int64)}, opset=16,
                      attributes={"output_height": 7, "output_width": 7, "sampling_ratio": 2, "spatial_scale": 0.25, "mode": mode})  # fmt: skip
    yield several("MaxRoiPool", "200 of 64×50×50", {"x": (1, 64, 50, 50)}, fixed={"r": np.concatenate([np.zeros((200, 1), np.float32), regions], 1)},
                  attributes={"pooled_shape": [7, 7], "spatial_scale": 0.25})  # fmt: skip
    yield several(
        "DeformConv",
        "64×32×32",
        {"x": (1, 64, 32, 32), "w": (64, 64, 3, 3), "o": (1, 18, 32, 32)},
        attributes={"pads": [1] * 4},
        constants=["w"],
        opset=19,
    )


def recurrent():
    """LSTM, GRU and RNN: a sequence, one step, a batch, both directions."""
    for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        for label, (steps, batch, inputs, hidden, directions) in {"100×1×128, 256": (100, 1, 128, 256, 1),
                "1×1×512, 512": (1, 1, 512, 512, 1), "20×32×128, 256": (20, 32, 128, 256, 1),
                                                                 "50×1×64, 64, both ways": (50, 1, 64, 64, 2)}.items():  # fmt: skip
            attributes = {"hidden_size": hidden, **({"direction": "bidirectional"} if directions == 2 else {})}
            shapes = {
                "x": (steps, batch, inputs),
                "w": (directions, gates * hidden, inputs),
                "r": (directions, gates * hidden, hidden),
                "b": (directions, 2 * gates * hidden),
            }
            yield several(op, label, shapes, attributes=attributes, constants="wrb", bounds=(-0.1, 0.1), opset=14)


def signals():
    """Fourier transforms."""
    for length, window, hop in ((16000, 400, 160), (16000, 512, 128), (48000, 1024, 256)):
        yield one("STFT", f"{length}, {window} by {hop}", (1, length, 1), attributes={"onesided": 1},
                  fixed={"h": np.array(hop), "w": np.hanning(window).astype(np.float32)}, constants="hw")  # fmt: skip
    for shape, axis in (((64, 1024, 1), 1), ((1, 1000, 2), 1), ((16, 256, 256, 1), 2)):
        yield one("DFT", f"{'×'.join(map(str, shape))}, axis {axis}", shape, fixed={"n": None, "a": np.array(axis)}, constants="a", opset=20)


def learned():
    """Models of ai.onnx.ml and texts."""
    for trees, depth, rows in ((100, 8, 10000), (100, 8, 1), (10, 4, 10000), (500, 6, 1000)):
        yield Case("TreeEnsembleRegressor", "float32", f"{trees} trees, depth {depth}, {rows} rows",
                   lambda kind, trees=trees, depth=depth, rows=rows: forest(trees, depth, rows))  # fmt: skip
    rng = np.random.default_rng(0)
    ml = {"domain": "ai.onnx.ml", "made": TensorProto.FLOAT}
    yield one(
        "LinearRegressor",
        "10 000×30",
        (10000, 30),
        attributes={"coefficients": rng.standard_normal(300).tolist(), "intercepts": [0.0] * 10, "targets": 10},
        **ml,
    )
    yield one("Scaler", "10 000×30", (10000, 30), attributes={"offset": [0.5] * 30, "scale": [2.0] * 30}, **ml)
    yield one("Normalizer", "10 000×30", (10000, 30), attributes={"norm": "L2"}, **ml)
    yield one("SVMRegressor", "1000×30, 200 vectors", (1000, 30), attributes={
        "coefficients": rng.standard_normal(200).tolist(), "support_vectors": rng.standard_normal(6000).tolist(), "n_supports": 200,
        "kernel_type": "RBF", "kernel_params": [0.1, 0.0, 3.0], "rho": [0.1]}, **ml)  # fmt: skip
    words = np.array([f"word{index % 997}" for index in range(20000)], object)
    yield Case("StringNormalizer", "string", "20 k", lambda kind: model("StringNormalizer", {"x": words}, {"case_change_action": "LOWER"}))
    yield Case("StringConcat", "string", "20 k", lambda kind: model("StringConcat", {"a": words, "b": words}))
    yield Case("LabelEncoder", "string", "20 k", lambda kind: model(
        "LabelEncoder", {"x": words}, {"keys_strings": [f"word{index}" for index in range(997)], "values_int64s": list(range(997))},
        domain="ai.onnx.ml", made=TensorProto.INT64))  # fmt: skip
    yield Case("TfIdfVectorizer", "int64", "1000×64", lambda kind: model("TfIdfVectorizer", {"x": noise("t", (1000, 64), "int64", 0, 200)}, {
        "mode": "TF", "min_gram_length": 1, "max_gram_length": 2, "max_skip_count": 1, "ngram_counts": [0, 100], "ngram_indexes": list(range(150)),
        "pool_int64s": list(range(200))}))  # fmt: skip


def forest(trees, depth, rows):
    """A random full forest of regression trees on 30 features."""
    rng = np.random.default_rng(trees * depth)
    inner, all_nodes = 2**depth - 1, 2 ** (depth + 1) - 1
    ids = np.tile(np.arange(all_nodes), trees)
    is_leaf = ids >= inner
    tree = np.repeat(np.arange(trees), all_nodes)
    attributes = {
        "n_targets": 1, "nodes_treeids": tree.tolist(), "nodes_nodeids": ids.tolist(),
        "nodes_modes": np.where(is_leaf, "LEAF", "BRANCH_LEQ").tolist(), "nodes_featureids": rng.integers(0, 30, len(ids)).tolist(),
        "nodes_values": rng.standard_normal(len(ids)).astype(np.float32).tolist(), "nodes_truenodeids": np.where(is_leaf, 0, 2 * ids + 1).tolist(),
        "nodes_falsenodeids": np.where(is_leaf, 0, 2 * ids + 2).tolist(), "target_treeids": tree[is_leaf].tolist(), "target_nodeids": ids[is_leaf].tolist(),
        "target_ids": [0] * int(is_leaf.sum()), "target_weights": rng.standard_normal(int(is_leaf.sum())).astype(np.float32).tolist(),
    }  # fmt: skip
    return model("TreeEnsembleRegressor", {"x": noise("x", (rows, 30), "float32")}, attributes, domain="ai.onnx.ml", made=TensorProto.FLOAT)


def cases():
    """All of them."""
    for family in (normalizations, attention, resampling, detection, recurrent, signals, learned):
        yield from family()
