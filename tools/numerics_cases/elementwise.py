"""Functions of one element, of two, and of more."""

import torch
import torch.nn.functional as F

from .line import SIGNED, UNSIGNED, Given, Line, inf, nan


def unary(op, values, function=None, **more):
    return Line(op, [Given(values)], torch=function, **more)


def binary(op, a, b, function=None, **more):
    return Line(op, [Given(a), Given(b)], torch=function, **more)


BITS = {"uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}


SIGNS = [
    unary("Abs", [nan, inf, -inf, -0.0, -1.5], torch.abs),
    unary("Neg", [nan, inf, -inf, 0.0, -0.0], torch.neg),
    unary(
        "Sign",
        [nan, inf, -inf, 0.0, -2.5],
        by="reference",
        note="PyTorch makes 0 of NaN",
    ),
    unary("Floor", [nan, inf, -inf, -0.0, -0.5, 0.5, 2.5], torch.floor),
    unary("Ceil", [nan, inf, -inf, -0.0, -0.5, 0.5, 2.5], torch.ceil),
    unary(
        "Round",
        [nan, inf, -inf, -0.0, -0.5, 0.5, 1.5, 2.5, -2.5],
        torch.round,
        note="half to even; −0.5 becomes −0",
    ),
    unary("Sqrt", [nan, inf, -inf, 0.0, -0.0, -1.0, 4.0], torch.sqrt),
    unary("Reciprocal", [nan, inf, -inf, 0.0, -0.0, 4.0], torch.reciprocal),
    unary("IsNaN", [nan, inf, -inf, 0.0], torch.isnan),
    unary("IsInf", [nan, inf, -inf, 0.0], torch.isinf),
    unary(
        "IsInf",
        [nan, inf, -inf, 0.0],
        torch.isposinf,
        attributes={"detect_negative": 0},
    ),
]

FUNCTIONS = [
    unary(
        "Exp",
        [nan, inf, -inf, -0.0, 1e5, -1e4],
        torch.exp,
        types=("bfloat16", "float32", "float64"),
    ),
    unary("Exp", [nan, inf, -inf, -0.0, 60000.0, -60000.0], torch.exp, types=("float16",)),
    unary("Log", [nan, inf, -inf, 0.0, -0.0, -1.0, 1.0], torch.log),
    unary("Sin", [nan, inf, -inf, 0.0, -0.0], torch.sin),
    unary("Cos", [nan, inf, -inf, 0.0, -0.0], torch.cos),
    unary("Tan", [nan, inf, -inf, 0.0, -0.0], torch.tan),
    unary("Asin", [nan, inf, 1.5, 0.0, -0.0], torch.asin),
    unary("Acos", [nan, inf, 1.5, -1.5, 1.0], torch.acos),
    unary("Atan", [nan, 0.0, -0.0], torch.atan),
    unary("Sinh", [nan, inf, -inf, 0.0, -0.0], torch.sinh),
    unary("Cosh", [nan, inf, -inf, 0.0, -0.0], torch.cosh),
    unary("Tanh", [nan, inf, -inf, 0.0, -0.0, 100.0, -100.0], torch.tanh),
    unary("Asinh", [nan, inf, -inf, 0.0, -0.0], torch.asinh),
    unary("Acosh", [nan, inf, 0.5, -inf, 1.0], torch.acosh),
    unary("Atanh", [nan, inf, 1.0, -1.0, 2.0, 0.0, -0.0], torch.atanh),
    unary("Erf", [nan, inf, -inf, 0.0, -0.0, 20.0, -20.0], torch.erf),
    unary("Sigmoid", [nan, inf, -inf, 0.0, -0.0, 100.0], torch.sigmoid),
]

ACTIVATIONS = [
    unary("Relu", [nan, inf, -inf, -1.0, 2.0], torch.relu),
    unary(
        "LeakyRelu",
        [nan, inf, -inf, 0.0, -8.0],
        lambda x: F.leaky_relu(x, 0.25),
        attributes={"alpha": 0.25},
    ),
    unary(
        "ThresholdedRelu",
        [nan, inf, -inf, 1.0, 2.0],
        by="reference",
        note="the text: what is not above alpha is 0; PyTorch keeps NaN",
    ),
    unary("Elu", [nan, inf, -inf, 0.0], F.elu),
    unary("Selu", [nan, inf, 0.0], F.selu),
    unary("Celu", [nan, inf, -inf, 0.0], F.celu),
    unary("HardSigmoid", [nan, inf, -inf, 5.0, -5.0], F.hardsigmoid, by="reference"),
    unary("HardSwish", [nan, inf, 4.0, -4.0], F.hardswish, note="−∞: see below"),
    unary("HardSwish", [-inf], F.hardswish, note="−∞ · 0"),
    unary("Gelu", [nan, inf, -inf, 0.0], F.gelu, by="reference", note="−∞ · 0"),
    unary(
        "Gelu",
        [nan, inf, -inf, 0.0],
        lambda x: F.gelu(x, approximate="tanh"),
        attributes={"approximate": "tanh"},
    ),
    unary("Mish", [nan, inf, -inf, 0.0], F.mish, note="−∞ · 0"),
    unary("Swish", [nan, inf, 0.0], F.silu, note="−∞ · 0 is NaN"),
    unary("Softplus", [nan, inf, -inf, 100.0], F.softplus),
    unary("Softsign", [nan, 0.0, 1.0, -3.0], F.softsign),
    unary("Softsign", [inf, -inf], F.softsign, note="∞ / ∞"),
    unary(
        "Shrink",
        [nan, inf, -inf, 0.5, -1.0],
        by="reference",
        types=("float16", "float32", "float64"),
        note="NaN lies between the limits; PyTorch keeps it",
    ),
    unary(
        "Shrink",
        [nan, 0.25, 2.0, -2.0],
        by="reference",
        attributes={"bias": nan},
        types=("float16", "float32", "float64"),
    ),
    Line(
        "PRelu",
        [Given([nan, inf, -inf, -8.0, 8.0]), Given([0.25])],
        torch=lambda x, s: F.prelu(x, s),
    ),
    Line(
        "Clip",
        [Given([nan, inf, -inf, 5.0]), Given(-1.0), Given(2.0)],
        torch=torch.clamp,
    ),
    Line(
        "Clip",
        [Given([0.0, 5.0]), Given(2.0), Given(-1.0)],
        torch=torch.clamp,
        note="least above most: most",
    ),
    Line(
        "Clip",
        [Given([1.0, 5.0]), Given(nan), Given(2.0)],
        torch=torch.clamp,
        note="a limit of NaN makes NaN of all",
    ),
]

ARITHMETIC = [
    binary("Add", [inf, inf, nan, -0.0, -0.0], [-inf, 1.0, 1.0, 0.0, -0.0], torch.add),
    binary("Sub", [inf, inf, nan, 0.0, -0.0], [inf, -inf, 1.0, 0.0, 0.0], torch.sub),
    binary("Mul", [inf, nan, inf, -0.0, -2.0], [0.0, 0.0, -1.0, 3.0, 0.0], torch.mul),
    binary("Div", [1.0, -1.0, 0.0, inf, nan, 1.0, 1.0], [0.0, 0.0, 0.0, inf, 1.0, -0.0, inf], torch.div),
    binary("Max", [nan, 1.0, inf, -inf, 2.0], [1.0, nan, nan, 1.0, inf], torch.maximum),
    binary("Min", [nan, 1.0, inf, -inf, 2.0], [1.0, nan, nan, 1.0, inf], torch.minimum),
    binary("Mean", [nan, inf, inf, 1.0], [1.0, -inf, 1.0, 2.0], lambda a, b: torch.stack([a, b]).mean(0)),
    binary("Sum", [nan, inf, inf, 1.0], [1.0, -inf, 1.0, 2.0], torch.add),
    binary("Pow", [nan, 1.0, 0.0, 0.0, -0.0, -8.0, -1.0, 2.0], [0.0, nan, 0.0, -1.0, -1.0, 0.5, inf, -inf], torch.pow),
    binary("Pow", [inf, -inf, -inf, 0.5, 2.0, nan], [-1.0, 3.0, 2.0, inf, inf, 1.0], torch.pow),
    binary(
        "Mod",
        [5.5, -5.5, 5.5, -0.0, inf, 1.0, nan, 1.0],
        [3.0, 3.0, -3.0, 3.0, 3.0, inf, 1.0, 0.0],
        torch.fmod,
        attributes={"fmod": 1},
        note="the sign of the dividend",
    ),
]

COMPARISONS = [
    binary("Equal", [nan, inf, 0.0, nan], [nan, inf, -0.0, 1.0], torch.eq),
    binary("Less", [nan, 1.0, -inf, -0.0], [1.0, nan, inf, 0.0], torch.lt),
    binary("LessOrEqual", [nan, 1.0, -inf, -0.0], [nan, nan, inf, 0.0], torch.le),
    binary("Greater", [nan, 1.0, inf, 0.0], [1.0, nan, -inf, -0.0], torch.gt),
    binary("GreaterOrEqual", [nan, 1.0, inf, 0.0], [nan, nan, -inf, -0.0], torch.ge),
    Line(
        "Where",
        [Given([1, 0], "bool"), Given([nan, 1.0]), Given([2.0, inf])],
        torch=torch.where,
    ),
]

INTEGERS = [
    unary("Abs", ["least", -1, "most"], types=SIGNED, by="reference", note="the least number has no opposite"),
    unary("Neg", ["least", -1, 5], types=SIGNED, by="reference"),
    binary("Add", ["most", 1], [1, 2], types=SIGNED, by="reference", note="wraps"),
    binary("Add", ["most", 1], [1, 2], types=UNSIGNED, by="reference"),
    binary("Sub", ["least", 5], [1, 2], types=SIGNED, by="reference"),
    binary("Sub", [0, 5], [1, 2], types=UNSIGNED, by="reference"),
    binary("Mul", ["most", 3], [2, 4], types=SIGNED, by="reference"),
    binary("Mul", ["most", 3], ["most", 4], types=UNSIGNED, by="reference"),
    binary(
        "Div",
        [7, -7, 7, -7],
        [2, 2, -2, -2],
        lambda a, b: torch.div(a, b, rounding_mode="trunc"),
        types=SIGNED,
        note="towards zero",
    ),
    binary("Mod", [7, -7, 7, -7], [3, 3, -3, -3], torch.remainder, types=SIGNED, note="the sign of the divisor"),
    binary(
        "Mod", [7, -7, 7, -7], [3, 3, -3, -3], torch.fmod, types=SIGNED, attributes={"fmod": 1}, note="the sign of the dividend"
    ),
    binary("Pow", [2, -3, 0], [3, 3, 0], torch.pow, types=("int32", "int64")),
    Line(
        "Div",
        [Given(["least", 5, 0]), Given([-1, 0, 0])],
        types=SIGNED,
        by="Onyx",
        expected=[Given(["least", 0, 0])],
        note="nothing traps: the least number over −1 wraps, a division by zero gives 0",
    ),
    Line("Div", [Given([5, 0]), Given([0, 0])], types=UNSIGNED, by="Onyx", expected=[Given([0, 0])]),
    Line("Mod", [Given(["least", 5, 0]), Given([-1, 0, 0])], types=SIGNED, by="Onyx", expected=[Given([0, 0, 0])]),
    Line("Mod", [Given([5, 0]), Given([0, 0])], types=UNSIGNED, by="Onyx", expected=[Given([0, 0])]),
    *[binary("BitShift", [1, 3], [BITS[t] - 1, 1], types=(t,), attributes={"direction": "LEFT"}, by="reference") for t in UNSIGNED],
    *[
        Line(
            "BitShift",
            [Given([1, 3]), Given([BITS[t], 200])],
            types=(t,),
            attributes={"direction": d},
            by="Onyx",
            expected=[Given([0, 0])],
            note="all bits are shifted out",
        )
        for t in UNSIGNED
        for d in ("LEFT", "RIGHT")
    ],
]

SECTIONS = [
    (
        "Signs, rounding and roots",
        "Bit for bit on every kernel row; a zero keeps the sign that IEEE 754 gives it.",
        SIGNS,
    ),
    (
        "Functions",
        "The values at the edges; between them see [accuracy](#accuracy).",
        FUNCTIONS,
    ),
    (
        "Activations",
        "NaN stays NaN, unless the text of the standard says otherwise. Infinities give what the formula gives, not its limit.",
        ACTIVATIONS,
    ),
    ("Arithmetic", "IEEE 754, rounded once to the type of the result.", ARITHMETIC),
    (
        "Comparisons and choices",
        "NaN equals nothing and is on no side; a choice copies bits.",
        COMPARISONS,
    ),
    (
        "Integers",
        "Sums, differences and products wrap. Nothing traps: what a processor cannot divide is 0, on every kernel row.",
        INTEGERS,
    ),
]
