"""Seeded draws: element types of a schema, shapes, axes, and values with the odd ones among them."""

import ml_dtypes
import numpy as np
import onnx

from differential_cases.case import Case, numpy_type

WORDS = ("", "a", "A", "ab", "Ünï", "日本", "x y", "a,b", "0", "zebra", "The")
FLOATS = (np.float16, np.float32, np.float64, ml_dtypes.bfloat16)


def is_float(dtype):
    """Whether a type is a real floating one, the small ones of ml_dtypes included."""
    return dtype.kind == "f" or dtype.name.startswith(("bfloat", "float"))


class Draw:
    """All that is drawn for one case of one version of an operator."""

    def __init__(self, schema, opset, seed, types=None):
        self.schema, self.opset, self.rng = schema, opset, np.random.default_rng(seed)
        self.op, self.version, self.bound, self.wanted = schema.name, schema.since_version, {}, types

    def chance(self, share):
        """True in this share of the draws."""
        return self.rng.random() < share

    def pick(self, values):
        """One of the values."""
        return values[int(self.rng.integers(len(values)))]

    def integer(self, least, most):
        """An integer of least...most."""
        return int(self.rng.integers(least, most + 1))

    # Types

    def type(self, name, only=None):
        """The NumPy type of a type parameter such as "T" or of `tensor(int64)`, the same for the whole case; half of the draws
        that may take float32 do."""
        if name not in self.bound:
            constraint = next((one for one in self.schema.type_constraints if one.type_param_str == name), None)
            allowed = constraint.allowed_type_strs if constraint else [name]
            types = [dtype for dtype in map(numpy_type, allowed) if dtype is not None and (only is None or only(dtype))]
            wanted = [dtype for dtype in types if self.wanted is None or dtype.name in self.wanted] or types
            usual = np.dtype(np.float32)
            self.bound[name] = usual if usual in wanted and self.chance(0.35) else self.pick(wanted)
        return self.bound[name]

    def input_type(self, place):
        """The type of an input by its place; the last one of the schema may stand for many."""
        return self.type(self.schema.inputs[min(place, len(self.schema.inputs) - 1)].type_str)

    # Shapes

    def extent(self, empty=0.04):
        """The size of a dimension: mostly small, often 1, seldom 0."""
        return 0 if self.chance(empty) else self.pick((1, 1, 2, 3, 4, 5, 7, 9))

    def shape(self, least=0, most=4, empty=0.04, elements=600):
        """A shape with this many dimensions."""
        shape = [self.extent(empty) for _ in range(self.integer(least, most))]
        while np.prod(shape) > elements:
            shape[int(np.argmax(shape))] //= 2
        return tuple(shape)

    def broadcast(self, count, least=0):
        """Shapes that broadcast together."""
        whole = self.shape(least)
        if self.chance(0.3):
            return [whole] * count

        def one():
            kept = whole[self.integer(0, len(whole)) :] if self.chance(0.4) else whole
            return tuple(1 if self.chance(0.25) else size for size in kept)

        shapes = [one() for _ in range(count)]
        if self.chance(0.7):
            shapes[self.integer(0, count - 1)] = whole
        return shapes

    def axis(self, rank, negative=0.4):
        """An axis, in this share of the draws counted from the end."""
        axis = self.integer(0, rank - 1)
        return axis - rank if self.chance(negative) else axis

    def axes(self, rank, least=0, negative=0.4):
        """Different axes in any order."""
        count = self.integer(min(least, rank), rank)
        chosen = [int(axis) for axis in self.rng.permutation(rank)[:count]]
        return [axis - rank if self.chance(negative) else axis for axis in chosen]

    # Values

    def tensor(self, source, shape, style="any"):
        """An array for the input at a place, or of a type.

        Styles: any (with NaN, infinities, −0 and limits in a third of the draws), plain, dyadic (multiples of 1/8, whose
        sums and products are exact), unit (−1…1), positive, fraction (0…1).
        """
        dtype = np.dtype(self.input_type(source)) if isinstance(source, int) else np.dtype(source)
        if dtype.kind in "OSU":
            return self.rng.choice(np.array(WORDS, object), shape)
        if dtype.kind == "b":
            return np.asarray(self.rng.random(shape) < 0.5)
        if dtype.kind == "c":
            return np.asarray(self.rng.normal(size=shape) + 1j * self.rng.normal(size=shape)).astype(dtype)
        if is_float(dtype):
            return self.floats(dtype, shape, style)
        return self.integers(dtype, shape, style)

    def floats(self, dtype, shape, style):
        """Floating values of a style."""
        rng = self.rng
        if style == "dyadic":
            values = rng.integers(-32, 33, shape) / 8
        elif style in ("unit", "fraction", "positive"):
            low, high = {"unit": (-1, 1), "fraction": (0, 1), "positive": (0.1, 4)}[style]
            values = rng.uniform(low, high, shape)
        else:
            values = rng.normal(0, 2, shape)
        values = np.asarray(values)
        if style == "any" and self.chance(0.35):
            odd = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1.0, -1.0, 0.5, -2.5, 88.0, -88.0, 300.0, 1e-6])
            values = np.where(rng.random(shape) < 0.4, rng.choice(odd, shape), values)
        with np.errstate(all="ignore"):
            return np.asarray(values).astype(dtype)

    def integers(self, dtype, shape, style):
        """Integers of a style; the limits of the type among those of `any`."""
        limits = ml_dtypes.iinfo(dtype)
        low, high = int(limits.min), int(limits.max)
        span = (max(low, -9), min(high, 9)) if style != "positive" else (1, min(high, 9))
        values = self.rng.integers(span[0], span[1] + 1, shape)
        if style == "any" and self.chance(0.35):
            odd = [low, high, 0, 1, low + 1, high - 1]
            flat = [self.pick(odd) if self.chance(0.3) else int(value) for value in np.asarray(values).ravel()]
            return np.array(flat, np.uint64 if low == 0 else np.int64).reshape(shape).astype(dtype)
        return np.asarray(values).astype(dtype)

    def ints(self, values, dtype=np.int64):
        """A list of integers as an input."""
        return np.array(values, dtype).reshape(-1)

    def scalar(self, value, dtype=np.int64):
        """A number as an input without dimensions, now and then with one."""
        return np.array([value] if self.chance(0.2) else value, dtype)

    # Attributes

    def attributes(self, given=None, **optional):
        """Those of the attributes that this version has; each optional one is left out in a quarter of the draws."""
        kept = {name: value for name, value in optional.items() if not self.chance(0.25)}
        return {name: value for name, value in {**kept, **(given or {})}.items() if name in self.schema.attributes and value is not None}

    def takes(self, place):
        """Whether this version has an input at a place."""
        return place < len(self.schema.inputs)

    def case(self, inputs, attributes=None, **more):
        """The case with these inputs, None for one that is left out."""
        return Case(self.schema, self.opset, list(inputs), attributes or {}, dict(self.bound), **more)


def schemas(domain):
    """The schemas of a domain by operator, oldest first, without those that are withdrawn."""
    table = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain == domain:
            table.setdefault(schema.name, []).append(schema)
    return {name: sorted(found, key=lambda one: one.since_version) for name, found in sorted(table.items())}
