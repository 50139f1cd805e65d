"""Operators that draw random numbers: judged by type and shape, by ranges, and by statistics at five standard errors and more."""

import math

import numpy as np

from differential_cases.case import draws, element
from differential_cases.draw import is_float

FLOATS = ("float16", "float32", "float64", "bfloat16")
BOUND = 6  # standard errors: one draw in 500 million is farther away


def near(value, expected, error, what):
    """Why a statistic is wrong; nothing when it is within the bound."""
    return None if abs(value - expected) <= BOUND * error + 1e-9 else f"{what} is {value:.5g}, expected {expected:.5g} ± {error:.2g}"


def form(array, dtype, shape):
    """Why a type or a shape is wrong."""
    if array.dtype != dtype or array.shape != tuple(shape):
        return f"the tensor is {array.dtype}{list(array.shape)}, expected {dtype}{list(shape)}"
    return None


def resolution(dtype):
    """The largest relative rounding of a type."""
    return {"float16": 2**-10, "bfloat16": 2**-7}.get(dtype.name, 0)


def moments(values, mean, spread, fourth, dtype):
    """Why mean or variance are wrong; `fourth` is the fourth central moment over the square of the variance."""
    n = values.size
    if n < 50:
        return None
    blur = resolution(dtype) * (abs(mean) + spread)
    return near(values.mean(), mean, spread / math.sqrt(n) + blur, "the mean") or near(
        values.var(), spread**2, spread**2 * math.sqrt((fourth - 1) / n) + 2 * blur * (spread + abs(mean)), "the variance"
    )


def independent(values):
    """Why neighbours hang together."""
    n = values.size
    if n < 200 or values.std() == 0:
        return None
    centred = (values - values.mean()) / values.std()
    return near((centred[1:] * centred[:-1]).mean(), 0, 1 / math.sqrt(n), "the correlation of neighbours")


def size(d):
    """Seldom empty or small, mostly large enough for statistics."""
    return d.pick(((0, 3), (), (1,), (7,), (40, 50), (2, 3, 500), (3000,), (5, 1, 400)))


def promised(d, dtype, shape):
    """What a normal or uniform draw promises, with its attributes."""
    normal = d.op.startswith("RandomNormal")
    names, usual = (("mean", "scale"), (0.0, 1.0)) if normal else (("low", "high"), (0.0, 1.0))
    drawn = (d.pick((0.0, 1.0, -3.5)), d.pick((1.0, 0.25, 4.0))) if normal else (d.pick((0.0, -2.0)), d.pick((1.0, 3.0)))
    attributes = d.attributes(**dict(zip(names, drawn)))
    one, two = (attributes.get(name, value) for name, value in zip(names, usual))

    def judge(outputs):
        values = outputs[0].astype(np.float64).ravel()
        if wrong := form(outputs[0], dtype, shape):
            return wrong
        if not np.isfinite(values).all():
            return "a number is not finite"
        if normal:
            return moments(values, one, two, 3, dtype) or independent(values)
        rounding = resolution(dtype) * max(abs(one), abs(two))
        if values.size and (values.min() < one or values.max() > two + rounding or not rounding and values.max() >= two):
            return f"a number is outside {one}...{two}: {values.min()}, {values.max()}"
        return moments(values, (one + two) / 2, (two - one) / math.sqrt(12), 1.8, dtype) or independent(values)

    return attributes, judge


def seeded(d, attributes):
    """With a seed in half of the draws."""
    return {**attributes, **({"seed": float(d.integer(0, 1000))} if d.chance(0.5) else {})}


@draws("RandomNormal", "RandomUniform")
def made(d):
    """Of a shape that is an attribute."""
    dtype, shape = d.type("T"), size(d)
    attributes, judge = promised(d, dtype, shape)
    kept = {} if dtype == np.float32 and d.chance(0.5) else {"dtype": element(dtype)}
    return d.case([], seeded(d, {**attributes, **kept, "shape": list(shape)}), promise=judge)


@draws("RandomNormalLike", "RandomUniformLike")
def alike(d):
    """Of the shape of an input, and of its type unless another is named."""
    x = d.tensor(0, size(d), "plain")
    named = d.type("T2") if not is_float(x.dtype) or x.dtype.name not in FLOATS or d.chance(0.4) else None
    dtype = named or x.dtype
    attributes, judge = promised(d, dtype, x.shape)
    d.bound["T2"] = dtype
    return d.case([x], seeded(d, {**attributes, **({"dtype": element(named)} if named else {})}), promise=judge)


@draws("Bernoulli")
def bernoulli(d):
    """Probabilities 0, 1, one for all, or one for each element."""
    shape = size(d)
    x = d.tensor(0, shape, "fraction")
    if d.chance(0.5):
        x = np.full(shape, d.pick((0.0, 1.0, 0.25, 0.5)), x.dtype)
    named = d.type("T2") if d.chance(0.6) else None
    dtype = named or x.dtype
    d.bound["T2"] = dtype

    def judge(outputs):
        if wrong := form(outputs[0], dtype, shape):
            return wrong
        values, wanted = outputs[0].astype(np.float64), x.astype(np.float64)
        if not np.isin(values, (0, 1)).all() or (values[wanted == 0] != 0).any() or (values[wanted == 1] != 1).any():
            return "a number is neither 0 nor 1, or what is certain did not come"
        if values.size < 50:
            return None
        return near(values.mean(), wanted.mean(), math.sqrt((wanted * (1 - wanted)).mean() / values.size), "the mean")

    return d.case([x], seeded(d, {"dtype": element(named)} if named else {}), promise=judge)


@draws("Multinomial")
def multinomial(d):
    """Unnormalized logarithms of probabilities, impossible classes among them."""
    rows, classes, count = d.integer(1, 3), d.integer(1, 5), d.pick((1, 5, 2000))
    x = d.tensor(0, (rows, classes), "unit")
    if classes > 1 and d.chance(0.3):
        x[:, d.integer(0, classes - 1)] = -np.inf
    dtype = d.pick((np.dtype(np.int32), np.dtype(np.int64)))
    kept = {} if dtype == np.int32 and d.chance(0.5) else {"dtype": element(dtype)}
    d.bound["T2"] = dtype
    attributes = {**kept, **({} if count == 1 and d.chance(0.5) else {"sample_size": count})}

    def judge(outputs):
        if wrong := form(outputs[0], dtype, (rows, count)):
            return wrong
        share = np.exp(x.astype(np.float64))
        share /= share.sum(1, keepdims=True)
        for row in range(rows):
            if outputs[0][row].min() < 0 or outputs[0][row].max() >= classes:
                return "a class does not exist"
            for place in range(classes):
                part, expected = (outputs[0][row] == place).mean(), share[row, place]
                if expected == 0 and part:
                    return "an impossible class was drawn"
                if count > 50 and (
                    wrong := near(part, expected, math.sqrt(expected * (1 - expected) / count), f"the share of class {place}")
                ):
                    return wrong
        return None

    return d.case([x], seeded(d, attributes), promise=judge)
