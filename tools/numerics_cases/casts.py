"""Conversions and quantization."""

import torch

from .line import FLOATS, SIGNED, UNSIGNED, Given, Line, inf, nan, onnx_type

WIDE = ("float32", "float64")
FLOAT8 = ("float8e4m3fn", "float8e5m2", "float8e4m3fnuz", "float8e5m2fnuz")


def cast(values, to, **more):
    return Line(
        "Cast",
        [Given(values)],
        attributes={"to": onnx_type(to), **more.pop("attributes", {})},
        **more,
    )


CASTS = [
    cast([2.9, -2.9, 0.5, -0.5, -0.0], "int32", torch=lambda x: x.to(torch.int32), note="towards zero"),
    *[
        cast(
            [nan, inf, -inf],
            t,
            types=FLOATS,
            by="Onyx",
            expected=[Given([0, "most", "least" if t in SIGNED else 0], t)],
            note="the standard leaves it open: saturates, and NaN is 0",
        )
        for t in SIGNED + UNSIGNED
    ],
    *[
        cast([1e10, -1e10], t, types=WIDE, by="Onyx", expected=[Given(["most", "least" if t in SIGNED else 0], t)])
        for t in SIGNED + UNSIGNED
        if "64" not in t
    ],
    cast([nan, inf, 0.0, -0.0, 0.25], "bool", torch=lambda x: x.to(torch.bool), note="NaN is not zero"),
    cast(
        [300, -1, 65536, -129],
        "int8",
        types=("int32", "int64"),
        torch=lambda x: x.to(torch.int8),
        note="integers keep their lowest bits",
    ),
    cast([300, -1, 65536], "uint8", types=("int32", "int64"), torch=lambda x: x.to(torch.uint8)),
    cast([300, -1], "uint16", types=("int32", "int64"), by="reference"),
    cast(
        [65519.0, 65520.0, -1e9, nan, 2.0**-25, 2.0**-24, 1.0009765625],
        "float16",
        types=WIDE,
        torch=lambda x: x.to(torch.float16),
        note="to the nearest, half to even; past 65519 infinite",
    ),
    cast([1.00390625, 1.01171875, 3.4e38, nan, -0.0], "bfloat16", types=("float32",), torch=lambda x: x.to(torch.bfloat16)),
    cast([1e39, 1e-46, nan, -0.0, 16777217.0], "float32", types=("float64",), torch=lambda x: x.to(torch.float32)),
    cast(
        [2147483647, 16777217, -16777219],
        "float32",
        types=("int32", "int64"),
        torch=lambda x: x.to(torch.float32),
        note="half to even",
    ),
    *[cast([1e6, -1e6, inf, nan], t, types=("float32",), by="reference", note="saturates") for t in FLOAT8],
    *[cast([1e6, -1e6, inf, nan], t, types=("float32",), by="reference", attributes={"saturate": 0}) for t in FLOAT8],
    Line(
        "BitCast",
        [Given([nan, 1.0])],
        types=("float32",),
        attributes={"to": onnx_type("int32")},
        by="IEEE 754",
        expected=[Given([2143289344, 1065353216], "int32")],
    ),
]

QUANTIZE = [
    *[
        Line(
            "QuantizeLinear",
            [Given([0.5, 1.5, 2.5, -0.5, 1e9, -1e9, inf, -inf]), Given(1.0), Given(0, t)],
            types=("float32",),
            by="ONNX",
            expected=[Given([0, 2, 2, 0, *["most", "least" if t in SIGNED else 0] * 2], t)],
            note="half to even, then saturates",
        )
        for t in ("int8", "uint8", "int16", "uint16")
    ],
    *[
        Line("QuantizeLinear", [Given([nan, 3.0, 5.0, -3.0, -5.0]), Given(2.0), Given(1, t)], types=("float32",), by="reference", note=n)
        for t, n in (("int8", "NaN is the least; the zero point is added after the tie"), ("uint8", ""))
    ],
    Line("DequantizeLinear", [Given([-128, 127, 0], "int8"), Given(0.5), Given(3, "int8")], types=("float32",), by="reference"),
    Line("DequantizeLinear", [Given([-128, 127, 0], "int8"), Given(inf), Given(0, "int8")], types=("float32",), by="reference"),
    Line("DequantizeLinear", [Given([-128, 127, 0], "int8"), Given(nan), Given(0, "int8")], types=("float32",), by="reference"),
    Line(
        "DynamicQuantizeLinear",
        [Given([0.0, 0.0])],
        types=("float32",),
        outputs=3,
        by="reference",
        note="a range of nothing has the scale 1/255",
    ),
]

SECTIONS = [
    (
        "Casts",
        "Towards zero to integers, to the nearest with half to even between floating types.",
        CASTS,
    ),
    (
        "Quantization",
        "x / scale is rounded half to even, the zero point added, the sum saturated.",
        QUANTIZE,
    ),
]
