"""Matrix products, convolutions, pools and their quantized forms."""

import numpy as np

from .case import LAYER, Case, model, noise, one, several


def products():
    """MatMul, Gemm, Einsum."""
    shapes = {"512³": ((512, 512), (512, 512)), "1×2048×1000": ((1, 2048), (2048, 1000)), "197×384×1536": ((197, 384), (384, 1536)),
              "12 × 197×64×197": ((12, 197, 64), (12, 64, 197)), "8×4096×4096": ((8, 4096), (4096, 4096)), "33×77×55": ((33, 77), (77, 55))}  # fmt: skip
    for label, (left, right) in shapes.items():
        yield several("MatMul", label, {"a": left, "b": right})
        yield several("MatMul", f"{label}, constant", {"a": left, "b": right}, constants=["b"])
    for kind in ("float64", "float16", "bfloat16", "int32", "int64", "uint32"):
        yield several("MatMul", "197×384×384", {"a": (197, 384), "b": (384, 384)}, kind)
        yield several("MatMul", "12 × 197×64×197", {"a": (12, 197, 64), "b": (12, 64, 197)}, kind)
    for kind in ("float32", "float64", "float16"):
        for turned in (0, 1):
            right = (1000, 512) if turned else (512, 1000)
            yield several("Gemm", f"64×512×1000, transB {turned}", {"a": (64, 512), "b": right, "c": (1000,)}, kind, {"transB": turned})
    equations = {"bhid,bhjd->bhij": ((1, 12, 197, 64),) * 2, "bhij,bhjd->bhid": ((1, 12, 197, 197), (1, 12, 197, 64)), "bij,bjk->bik": ((8, 64, 64),) * 2,
                 "bchw,bc->bhw": (LAYER, (1, 64)), "bnqd,bnkd->bnqk": ((2, 8, 128, 64),) * 2, "blhd,bshd->bhls": ((1, 96, 8, 64),) * 2,
                 "ij->ji": ((448, 448),), "ii->i": ((448, 448),), "ij->": ((448, 448),), "i,j->ij": ((448,), (448,)), "bchw->bc": (LAYER,)}  # fmt: skip
    for equation, operands in equations.items():
        yield several("Einsum", equation, {"abc"[index]: shape for index, shape in enumerate(operands)}, attributes={"equation": equation})


def convolutions():
    """Conv and ConvTranspose, with constant and with run-time weights."""
    forms = {
        "3×3, 64": (LAYER, (64, 64, 3, 3), {"pads": [1] * 4}), "1×1, 64 → 256": (LAYER, (256, 64, 1, 1), {}),
        "depthwise 3×3": (LAYER, (64, 1, 3, 3), {"group": 64, "pads": [1] * 4}), "depthwise 7×7": (LAYER, (64, 1, 7, 7), {"group": 64, "pads": [3] * 4}),
        "depthwise 31×31": ((1, 32, 28, 28), (32, 1, 31, 31), {"group": 32, "pads": [15] * 4}),
        "groups 8": (LAYER, (64, 8, 3, 3), {"group": 8, "pads": [1] * 4}), "dilation 2": (LAYER, (64, 64, 3, 3), {"pads": [2] * 4, "dilations": [2, 2]}),
        "dilation 12": ((1, 256, 28, 28), (256, 256, 3, 3), {"pads": [12] * 4, "dilations": [12, 12]}), "5×5": (LAYER, (32, 64, 5, 5), {"pads": [2] * 4}),
        "7×7, stride 2, 3 channels": ((1, 3, 224, 224), (64, 3, 7, 7), {"pads": [3] * 4, "strides": [2, 2]}),
        "1×7": (LAYER, (64, 64, 1, 7), {"pads": [0, 3, 0, 3]}), "3×3, batch 8": ((8, 64, 28, 28), (64, 64, 3, 3), {"pads": [1] * 4}),
        "1-D, 64 × 3": ((1, 64, 3000), (64, 64, 3), {"pads": [1, 1]}), "3-D": ((1, 16, 16, 28, 28), (16, 16, 3, 3, 3), {"pads": [1] * 6}),
    }  # fmt: skip
    for label, (x, w, attributes) in forms.items():
        yield several("Conv", label, {"x": x, "w": w}, attributes=attributes, constants=["w"])
    for label in ("3×3, 64", "1×1, 64 → 256", "depthwise 3×3", "groups 8"):
        x, w, attributes = forms[label]
        yield several("Conv", f"{label}, run-time weights", {"x": x, "w": w}, attributes=attributes)
        for kind in ("float64", "float16", "bfloat16"):
            yield several("Conv", label, {"x": x, "w": w}, kind, attributes, constants=["w"])
    turned = {"2×2, stride 2": ((1, 128, 28, 28), (128, 64, 2, 2), {"strides": [2, 2]}),
                "4×4, stride 2": ((1, 64, 28, 28), (64, 64, 4, 4), {"strides": [2, 2], "pads": [1] * 4}),
              "3×3": ((1, 64, 28, 28), (64, 64, 3, 3), {"pads": [1] * 4}),
                "depthwise 4×4, stride 2": ((1, 64, 28, 28), (64, 1, 4, 4), {"group": 64, "strides": [2, 2], "pads": [1] * 4})}  # fmt: skip
    for label, (x, w, attributes) in turned.items():
        yield several("ConvTranspose", label, {"x": x, "w": w}, attributes=attributes, constants=["w"])
        yield several("ConvTranspose", f"{label}, run-time weights", {"x": x, "w": w}, attributes=attributes)


def pools():
    """Pools of every size."""
    forms = {"2×2, stride 2": {"kernel_shape": [2, 2], "strides": [2, 2]}, "3×3, stride 2": {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4},
             "5×5": {"kernel_shape": [5, 5], "pads": [2] * 4}, "13×13": {"kernel_shape": [13, 13], "pads": [6] * 4},
                "28×28, stride 28": {"kernel_shape": [28, 28], "strides": [28, 28]}}  # fmt: skip
    for label, attributes in forms.items():
        for op in ("MaxPool", "AveragePool", "LpPool"):
            yield one(op, f"200 k, {label}", LAYER, attributes=attributes)
    for kind in ("float64", "float16", "int8", "uint8"):
        yield one("MaxPool", "200 k, 3×3, stride 2", LAYER, kind, forms["3×3, stride 2"])
        if kind.startswith("float"):
            yield one("AveragePool", "200 k, 3×3, stride 2", LAYER, kind, forms["3×3, stride 2"])
    yield one("MaxPool", "200 k, indices", LAYER, attributes=forms["2×2, stride 2"], outputs=2)
    for op in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        for kind in ("float32", "float16", "float64"):
            yield one(op, "200 k", LAYER, kind)
    plane = np.arange(4 * 28 * 28).reshape(1, 4, 28, 28)
    yield several("MaxUnpool", "28×28 → 56×56", {"x": (1, 64, 28, 28)}, attributes={"kernel_shape": [2, 2], "strides": [2, 2]},
                  fixed={"i": np.tile(plane[:, :1], (1, 64, 1, 1)) + (np.arange(64) * 3136).reshape(1, 64, 1, 1)})  # fmt: skip


def scales(*names):
    """Scales and zero points by name."""
    return {name: np.array(0.02, np.float32) if name.endswith("s") else np.array(3, np.uint8) for name in names}


def quantized():
    """Products of bytes and conversions to them."""
    point = {"xs": np.array(0.02, np.float32), "xz": np.array(3, np.uint8)}
    for kind in ("float32", "float16"):
        yield Case("QuantizeLinear", kind, "200 k", lambda kind: model(
            "QuantizeLinear", {"x": noise("q", LAYER, kind), "s": np.array(0.02, noise("q", (1,), kind).dtype), "z": point["xz"]}, constants=["s", "z"]))  # fmt: skip
    yield several("QuantizeLinear", "200 k, channels", {"x": LAYER}, attributes={"axis": 1},
                  fixed={"s": np.full(64, 0.02, np.float32), "z": np.zeros(64, np.int8)}, constants=["s", "z"])  # fmt: skip
    for kind in ("uint8", "int8"):
        yield Case("DequantizeLinear", kind, "200 k", lambda kind: model(
            "DequantizeLinear", {"x": noise("d", LAYER, kind), "s": point["xs"], "z": np.array(3, noise("d", (1,), kind).dtype)}, constants=["s", "z"]))  # fmt: skip
    yield one("DynamicQuantizeLinear", "200 k", LAYER, outputs=3)
    for kind in ("uint8", "int8"):
        yield Case("MatMulInteger", kind, "197×384×384", lambda kind: model(
            "MatMulInteger", {"a": noise("a", (197, 384), kind), "b": noise("b", (384, 384), "int8")}, constants=["b"]))  # fmt: skip
        yield Case("ConvInteger", kind, "3×3, 64", lambda kind: model(
            "ConvInteger", {"x": noise("x", LAYER, kind), "w": noise("w", (64, 64, 3, 3), kind)}, {"pads": [1] * 4}, constants=["w"]))  # fmt: skip
    for weights in ("int8", "uint8"):
        rest = {
            **scales("as", "az"),
            "b": noise("b", (384, 384), weights),
            "bs": np.array(0.01, np.float32),
            "bz": np.array(0, weights),
            **scales("ys", "yz"),
        }
        yield Case("QLinearMatMul", "uint8", f"197×384×384, {weights}", lambda kind, rest=rest: model(
            "QLinearMatMul", {"a": noise("a", (197, 384), kind), **rest}, constants=rest))  # fmt: skip
        rest = {
            **scales("xs", "xz"),
            "w": noise("w", (64, 64, 3, 3), weights),
            "ws": np.array(0.01, np.float32),
            "wz": np.array(0, weights),
            **scales("ys", "yz"),
        }
        yield Case("QLinearConv", "uint8", f"3×3, 64, {weights}", lambda kind, rest=rest: model(
            "QLinearConv", {"x": noise("x", LAYER, kind), **rest}, {"pads": [1] * 4}, constants=rest))  # fmt: skip


def cases():
    """All of them."""
    yield from products()
    yield from convolutions()
    yield from pools()
    yield from quantized()
