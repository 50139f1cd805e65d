"""Quantization, and operators on quantized numbers."""

import numpy as np

from differential_cases.case import draws
from differential_cases.draw import is_float


def scale_shape(d, shape):
    """A form of scales and the attributes that go with it: of the tensor, of an axis, of blocks."""
    if not shape or d.chance(0.4):
        return (), {}
    axis = d.axis(len(shape), 0.4 if d.version >= 13 else 0)
    if d.version < 13:
        return (), {}
    if d.version >= 21 and d.chance(0.4) and shape[axis] > 0:
        block = d.integer(1, shape[axis])
        blocks = list(shape)
        blocks[axis] = -(-shape[axis] // block)
        return tuple(blocks), {"axis": axis, "block_size": block}
    return (shape[axis],), {"axis": axis}


def steps(d, kind, shape):
    """Scales that are powers of two, so that halves are frequent."""
    return np.asarray(2.0 ** d.rng.integers(0 if np.dtype(kind).kind == "i" else -3, 2, shape)).astype(kind)


@draws("QuantizeLinear")
def quantize(d):
    """Rounds halves to even and saturates."""
    shape = d.shape(1, 3, empty=0.02)
    target = d.type("T2" if d.version < 21 else "T3" if d.version >= 23 else "T2")
    x = d.tensor(0, shape, "dyadic")
    if d.chance(0.3) and is_float(x.dtype):
        x = (x.astype(np.float64) * 100).astype(x.dtype)
    if x.dtype.kind == "f" and d.chance(0.15) and not target.name.startswith("float8"):
        x = np.where(d.rng.random(shape) < 0.3, np.array(d.pick((np.inf, -np.inf, -0.0)), x.dtype), x)
    sizes, attributes = scale_shape(d, shape)
    if d.version >= 24 and d.chance(0.2) and "precision" in d.schema.attributes:
        attributes["precision"] = 1
    zero = None
    if target.name != "uint8" or d.chance(0.7):
        zero = np.zeros(sizes, target) if "float" in target.name else d.tensor(target, sizes, "plain")
    return d.case([x, steps(d, d.input_type(1), sizes), zero], attributes)


@draws("DequantizeLinear")
def dequantize(d):
    """Every integer type; float8 without a zero point."""
    shape = d.shape(1, 3, empty=0.02)
    x = d.tensor(0, shape, "plain" if is_float(d.input_type(0)) else "any")
    sizes, attributes = scale_shape(d, shape)
    zero = (
        None if d.chance(0.3) else np.zeros(sizes, x.dtype) if x.dtype.name == "int32" or is_float(x.dtype) else d.tensor(0, sizes, "plain")
    )
    return d.case([x, steps(d, d.input_type(1), sizes), zero], attributes)


@draws("DynamicQuantizeLinear")
def dynamic(d):
    """Ranges with and without zero."""
    x = d.tensor(0, d.shape(1, empty=0), d.pick(("plain", "positive", "unit")))
    return d.case([x], outputs=3)


def quantized(d, place, shape):
    """A tensor with the scale and zero point of a whole one."""
    kind = d.input_type(place)
    return [d.tensor(kind, shape, "any"), np.array(d.pick((0.5, 0.02, 0.1)), np.float32), np.array(d.integer(1, 9), kind)]


@draws("QLinearMatMul")
def qlinear_matmul(d):
    """Scales of the whole; ties at halves are frequent in neither voice."""
    m, k, n = d.integer(1, 5), d.integer(1, 6), d.integer(1, 5)
    batch = d.shape(0, 1, 0)
    kind = d.type("T3")
    inputs = [*quantized(d, 0, (*batch, m, k)), *quantized(d, 3, (*batch, k, n)), np.array(0.37, np.float32), np.array(3, kind)]
    if d.version >= 21:
        scale = d.type("TS")
        inputs = [value.astype(scale) if place in (1, 4, 6) else value for place, value in enumerate(inputs)]
    return d.case(inputs)


@draws("QLinearConv")
def qlinear_conv(d):
    """Weights of the whole or by channel, with a bias or without."""
    from differential_cases.window import Window

    w = Window(d, most=2)
    group, per, out = d.pick((1, 1, 2)), d.integer(1, 3), d.integer(1, 3)
    x, weights = quantized(d, 0, (d.integer(1, 2), group * per, *w.spatial)), quantized(d, 3, (group * out, per, *w.kernel))
    if d.chance(0.5):
        weights[1] = np.full(group * out, 0.05, np.float32) * np.arange(1, group * out + 1, dtype=np.float32)
        weights[2] = np.full(group * out, weights[2], weights[0].dtype)
    inputs = [*x, *weights, np.array(0.37, np.float32), np.array(3, d.type("T3"))]
    if d.chance(0.5):
        inputs.append(d.rng.integers(-50, 50, group * out).astype(np.int32))
    return d.case(inputs, {**w.attributes(kernel=d.chance(0.6)), **({"group": group} if group > 1 else {})})
