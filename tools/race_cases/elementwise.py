"""Arithmetic, comparisons, logic, casts and functions of one element."""

import numpy as np

from .case import FLOATS, LARGE, LAYER, SIZES, SMALL, TYPES, Case, allows, element, model, noise, one, several

FUNCTIONS = """
    Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Log Mish Neg
    Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu
""".split()
BOUNDS = {"Acos": (-1, 1), "Asin": (-1, 1), "Atanh": (-1, 1), "Acosh": (1, 9), "Log": (0, 9), "Sqrt": (0, 9)}
NEWER = {"Swish": 24}
# Left and right operand: as they are, one number, a row of the last axis, one number for each channel, both stretched.
PATTERNS = {
    "200 k": (LAYER, LAYER), "200 k, scalar": (LAYER, ()), "200 k, row": (LAYER, (56,)), "200 k, channels": (LAYER, (1, 64, 1, 1)),
    "200 k, outer": ((448, 1), (1, 448)), "1 k": (SMALL, SMALL),
}  # fmt: skip
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def functions():
    """Functions of one element."""
    for op in FUNCTIONS:
        kinds = FLOATS + (("int32", "int64", "int8") if op in ("Abs", "Neg", "Sign", "Relu") else ())
        for kind in filter(lambda kind, op=op: allows(op, kind), kinds):
            yield one(op, "200 k", LAYER, kind, bounds=BOUNDS.get(op), opset=NEWER.get(op))
        yield one(op, "1 k", SMALL, bounds=BOUNDS.get(op), opset=NEWER.get(op))
    for op in ("Relu", "Exp", "Sigmoid"):
        yield one(op, "16 M", LARGE)
    for op in ("IsNaN", "IsInf"):
        yield from (one(op, "200 k", LAYER, kind, opset=20) for kind in FLOATS)
    yield one("Not", "200 k", LAYER, "bool")
    yield from (one("BitwiseNot", "200 k", LAYER, kind) for kind in INTEGERS)
    for kind in FLOATS + ("int8", "int64", "uint8"):
        yield clip(kind)
    yield several("PRelu", "200 k, channels", {"x": LAYER, "s": (64, 1, 1)})
    for kind in ("float32", "float16"):
        yield several("Dropout", "200 k, inference", {"x": LAYER}, kind)


def clip(kind):
    """Clip with constant bounds."""

    def build(kind):
        low, high = (np.array(bound, TYPES[kind]) for bound in (2, 6))
        return model("Clip", {"x": noise("Clip", LAYER, kind), "low": low, "high": high}, constants=("low", "high"))

    return Case("Clip", kind, "200 k", build)


def pairs():
    """Operators of two tensors with broadcasting."""
    for op in ("Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min"):
        attributes = {"fmod": 1} if op == "Mod" else {}
        for label, (left, right) in PATTERNS.items():
            yield several(op, label, {"a": left, "b": right}, "float32", attributes, bounds=(1, 4))
        for kind in ("float64", "float16", "bfloat16", "int32", "int64", "int8", "uint8"):
            if op == "Pow" and kind in ("int8", "uint8"):
                continue
            given = attributes if kind in FLOATS else {}
            yield several(op, "200 k", {"a": LAYER, "b": LAYER}, kind, given, bounds=(1, 4))
            yield several(op, "200 k, row", {"a": LAYER, "b": (56,)}, kind, given, bounds=(1, 4))
    for kind in ("float32", "float16", "int64"):
        yield several("Add", "16 M", {"a": LARGE, "b": LARGE}, kind)
    for op in ("Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"):
        for kind in FLOATS + INTEGERS:
            yield several(op, "200 k", {"a": LAYER, "b": LAYER}, kind)
        yield several(op, "200 k, scalar", {"a": LAYER, "b": ()})
    yield several("Equal", "200 k", {"a": LAYER, "b": LAYER}, "bool")
    for op in ("And", "Or", "Xor"):
        yield several(op, "200 k", {"a": LAYER, "b": LAYER}, "bool")
        yield several(op, "200 k, row", {"a": LAYER, "b": (56,)}, "bool")
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        yield from (several(op, "200 k", {"a": LAYER, "b": LAYER}, kind) for kind in INTEGERS)
    for kind in ("uint8", "uint16", "uint32", "uint64"):
        yield several("BitShift", "200 k", {"a": LAYER, "b": LAYER}, kind, {"direction": "LEFT"})


def others():
    """Several operands, selection and conversion."""
    for op in ("Sum", "Max", "Min", "Mean"):
        for kind in ("float32", "float64", "float16") + (("int64",) if op in ("Max", "Min") else ()):
            yield several(op, "200 k, three", {"a": LAYER, "b": LAYER, "c": LAYER}, kind)
        yield several(op, "200 k, three, row", {"a": LAYER, "b": (56,), "c": LAYER})
    for kind in ("float32", "float64", "float16", "int64", "uint8", "bool"):
        for label, shapes in {"200 k": (LAYER, LAYER, LAYER), "200 k, scalar": (LAYER, LAYER, ()), "200 k, row": ((56, 56), LAYER, (56,))}.items():
            yield where(kind, label, shapes)
    types = ("float32", "float64", "float16", "bfloat16", "int8", "int32", "int64", "uint8", "bool")
    for source in types:
        for target in types:
            if source != target:
                yield Case("Cast", source, f"200 k, to {target}", lambda kind, target=target: model(
                    "Cast", {"x": noise("Cast", LAYER, kind)}, {"to": element(target)}))  # fmt: skip
    for label, shape in SIZES.items():
        yield Case("Cast", "float32", f"{label}, to float16", lambda kind, shape=shape: model(
            "Cast", {"x": noise("Cast", shape, kind)}, {"to": element("float16")}))  # fmt: skip


def where(kind, label, shapes):
    """Where with a condition of its own shape."""

    def build(kind):
        condition, left, right = shapes
        return model("Where", {"c": noise("c", condition, "bool"), "a": noise("a", left, kind), "b": noise("b", right, kind)})

    return Case("Where", kind, label, build)


def cases():
    """All of them."""
    yield from functions()
    yield from pairs()
    yield from others()
