"""Operators that work element by element: of one input, of two that broadcast, of many."""

import numpy as np

from differential_cases.case import draws
from differential_cases.draw import is_float

UNARY = """
    Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf IsNaN
    LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh
    ThresholdedRelu Size
""".split()
BINARY = """
    Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal Greater GreaterOrEqual Less LessOrEqual Mul Or PRelu Sub Xor
""".split()


@draws(*UNARY)
def unary(d):
    """Attributes are floats near their defaults, or flags."""
    values = {name: d.pick((0.5, 1.0, 0.1, 1.5, -0.25)) for name in ("alpha", "beta", "gamma", "lambd", "bias")}
    attributes = d.attributes(
        **values, detect_negative=d.integer(0, 1), detect_positive=d.integer(0, 1), approximate=d.pick(("none", "tanh"))
    )
    if d.op == "Celu" and attributes.get("alpha", 1) <= 0:
        attributes["alpha"] = 2.0
    if d.op == "Shrink":
        attributes = {name: abs(value) if name == "lambd" else value for name, value in attributes.items()}
    # 1 + tanh loses digits where it is small.
    return d.case([d.tensor(0, d.shape())], attributes, atol=1e-6 if attributes.get("approximate") == "tanh" else 1e-7)


@draws(*BINARY)
def binary(d):
    """Integer division has no zero divisor; before version 7 shapes are equal, or `broadcast` stretches the second one."""
    attributes = {}
    one, two = d.broadcast(2) if d.version >= 7 else [d.shape()] * 2
    if d.version < 7 and d.op != "PRelu" and one and d.chance(0.6):
        start = d.integer(0, len(one) - 1)
        two = one[start : d.integer(start + 1, len(one))]
        attributes = {"broadcast": 1, **({} if start + len(two) == len(one) and d.chance(0.5) else {"axis": start})}
    if d.op == "PRelu":
        one = d.shape(1)
        two = tuple(1 if d.chance(0.3) else size for size in one[d.integer(0, len(one) - 1) :]) if d.version >= 7 else (1,)
    a, b = d.tensor(0, one), d.tensor(1, two)
    if d.op == "Div" and b.dtype.kind in "iu":
        b = np.where(b == 0, np.ones_like(b), b)
        if b.dtype.kind == "i":
            b = np.where(b == -1, np.ones_like(b), b)
    if d.op in ("Equal", "LessOrEqual", "GreaterOrEqual", "Less", "Greater") and one == two and a.size:
        b = np.where(d.rng.random(one) < 0.3, a, b)
    return d.case([a, np.asarray(b)], attributes)


@draws("Max", "Min", "Mean", "Sum")
def variadic(d):
    """One to four inputs."""
    count = d.integer(1, 4)
    shapes = d.broadcast(count) if d.version >= 8 else [d.shape()] * count
    return d.case([d.tensor(0, shape, "any" if d.op in ("Max", "Min") else "plain") for shape in shapes], atol=1e-6)


@draws("Pow")
def power(d):
    """Bases are positive or small integers, so that results stay in range; other exponents now and then."""
    one, two = d.broadcast(2) if d.version >= 7 else [d.shape()] * 2
    base = d.tensor(0, one, "positive" if d.chance(0.6) else "plain")
    exponent = d.tensor(1, two, "plain")
    if exponent.dtype.kind in "iu":
        exponent = np.asarray(np.abs(exponent.astype(np.int64)) % 4).astype(exponent.dtype)
    elif d.chance(0.3):
        exponent = np.full(two, d.pick((0, 0.5, 1, 2, 3, -1, -2)), exponent.dtype)
    if is_float(exponent.dtype) and not is_float(base.dtype):
        exponent = np.abs(np.round(exponent.astype(np.float64))).clip(0, 3).astype(exponent.dtype)
    return d.case([base, exponent])


@draws("Mod")
def modulo(d):
    """Floats need fmod before version 28; there is no zero divisor of integers."""
    one, two = d.broadcast(2)
    a, b = d.tensor(0, one), d.tensor(1, two)
    if b.dtype.kind in "iu":
        b = np.where(np.isin(b, (0, -1) if b.dtype.kind == "i" else (0,)), np.full_like(b, 3), b)
    fmod = 1 if is_float(a.dtype) else d.integer(0, 1)
    return d.case([a, np.asarray(b)], {"fmod": fmod} if fmod or d.chance(0.5) else {})


@draws("BitShift")
def shift(d):
    """Shifts by less than the width."""
    one, two = d.broadcast(2)
    a = d.tensor(0, one)
    bits = 8 * a.dtype.itemsize
    by = np.asarray(d.rng.integers(0, bits, two)).astype(a.dtype)
    return d.case([a, by], {"direction": d.pick(("LEFT", "RIGHT"))})


@draws("Where")
def where(d):
    """Three shapes that broadcast."""
    shapes = d.broadcast(3)
    return d.case([d.tensor(place, shape) for place, shape in enumerate(shapes)])


@draws("Clip")
def clip(d):
    """Limits as inputs from version 11 on, as attributes before; the lower one may be above the upper one."""
    x = d.tensor(0, d.shape())
    low, high = sorted(d.pick((-3, -1, 0, 1, 2, 5)) for _ in range(2))
    if d.chance(0.08):
        low, high = high, low
    if d.version < 11:
        return d.case([x], d.attributes(min=float(low), max=float(high)))
    if x.dtype.kind == "u":
        low, high = abs(low), abs(high)
    limits = [None if d.chance(0.25) else np.array(limit, x.dtype) for limit in (low, high)]
    return d.case([x, *limits])


@draws("Cast", "CastLike")
def cast(d):
    """All pairs of types; values that the target cannot hold are left to the special draws of floats alone."""
    import onnx.helper as helper

    source = d.input_type(0)
    target = d.type("T2")
    narrow = target.kind in "iu" or target.name.startswith(("int", "uint"))
    x = d.tensor(0, d.shape(), "positive" if narrow and not source.kind == "b" else "any")
    if source.kind == "O":
        x = d.rng.choice(np.array(["1", "0", "2.5", "-3", "1e3", "NaN", "INF"] if not narrow else ["1", "2", "3"], object), x.shape)
    more = d.attributes(saturate=d.integer(0, 1)) if target.name.startswith("float8") else {}
    if d.op == "CastLike":
        return d.case([x, d.tensor(1, (1,), "plain")], more)
    to = helper.np_dtype_to_tensor_dtype(target)
    if d.version < 6:
        import onnx

        to = onnx.TensorProto.DataType.Name(to)
    return d.case([x], {"to": to, **more})


@draws("BitCast")
def bitcast(d):
    """To a type of the same width."""
    import onnx.helper as helper

    def bits(kind):
        return next(
            (size for size, names in ((2, ("int2", "uint2")), (4, ("int4", "uint4", "float4_e2m1fn"))) if kind.name in names),
            8 * kind.itemsize,
        )

    source = d.input_type(0)
    target = d.type("T2", lambda kind: bits(kind) == bits(source) and kind.kind not in "bO")
    return d.case([d.tensor(0, d.shape())], {"to": helper.np_dtype_to_tensor_dtype(target)})


@draws("Dropout")
def dropout(d):
    """Inference; in training, from version 12 on, what is drawn is judged by the mask and its share."""
    if d.version >= 12 and d.chance(0.3):
        return trained_dropout(d)
    x = d.tensor(0, d.shape())
    inputs, attributes = [x], {}
    if d.version >= 12:
        inputs += [d.tensor(1, (), "fraction") if d.chance(0.5) else None, np.array(False) if d.chance(0.5) else None]
    else:
        attributes = d.attributes(ratio=0.3, is_test=1)
        if d.version < 7:
            attributes["is_test"] = 1
    return d.case(inputs, attributes, outputs=d.integer(1, 2) if d.version >= 7 else 1)


def trained_dropout(d):
    """What is kept is divided by the share that is kept; the rest is 0."""
    x, ratio = d.tensor(0, d.pick(((0,), (3, 4), (40, 50))), "positive"), np.array(d.pick((0.0, 0.25, 0.5, 0.9)), d.type("T1"))
    dropped = float(ratio)

    def judge(outputs):
        y, mask = (value.astype(np.float64) for value in outputs)
        if outputs[0].dtype != x.dtype or y.shape != x.shape or outputs[1].dtype != np.bool_:
            return "a type or a shape is wrong"
        wanted = x.astype(np.float64) * mask / (1 - dropped)
        if not np.allclose(y, wanted, rtol={1: 0.3, 2: 2e-2}.get(x.dtype.itemsize, 1e-5), equal_nan=True):
            return "what is kept is not divided by the share that is kept"
        if x.size and abs(mask.mean() - (1 - dropped)) > 6 * np.sqrt(dropped * (1 - dropped) / x.size) + 1e-9:
            return f"a share of {mask.mean()} is kept, expected {1 - dropped}"
        return None

    return d.case([x, ratio, np.array(True)], d.attributes(seed=d.integer(0, 99)), outputs=2, promise=judge)


@draws("SwiGLU")
def swiglu(d):
    """A gate and a value, in one input or in two; as the schema has it."""
    shape = d.shape(1)
    inputs = [d.tensor(place, shape, "plain") for place in range(len(d.schema.inputs))]
    return d.case(inputs, d.attributes(alpha=d.pick((1.0, 1.702))))
