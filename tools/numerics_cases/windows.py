"""Products, convolutions, pools and resampling."""

import torch
import torch.nn.functional as F

from .line import Given, Line, inf, nan

PRODUCTS = [
    Line(
        "MatMul",
        [Given([[inf, 1.0], [nan, 0.0], [1.0, 2.0]]), Given([[0.0, 1.0], [1.0, 1.0]])],
        torch=torch.matmul,
        note="∞ · 0 is NaN: no product is left out",
    ),
    Line(
        "Gemm",
        [Given([[1.0, 2.0]]), Given([[3.0], [4.0]]), Given([[nan]])],
        by="Onyx",
        attributes={"beta": 0.0},
        expected=[Given([[11.0]])],
        note="beta 0 leaves C out, as in BLAS",
    ),
    Line("MatMulInteger", [Given([[255, 255]]), Given([[-128], [-128]], "int8")], types=("uint8",), by="reference"),
    Line("Conv", [Given([[[1.0, inf, 3.0, nan, 5.0, 6.0]]]), Given([[[1.0, 0.0]]])], torch=F.conv1d, by="reference"),
    Line(
        "Conv",
        [Given([[[[1.0, 2.0, 3.0], [4.0, nan, 6.0], [7.0, 8.0, 9.0]]]]), Given([[[[1.0, 1.0], [1.0, 1.0]]]])],
        torch=F.conv2d,
        note="NaN reaches the outputs whose windows hold it, and no others",
    ),
    Line("ConvTranspose", [Given([[[1.0, inf, 3.0]]]), Given([[[1.0, 0.0]]])], torch=F.conv_transpose1d),
]

POOLS = [
    Line(
        "MaxPool",
        [Given([[[1.0, nan, 2.0, -inf, -inf, inf]]])],
        torch=lambda x: F.max_pool1d(x, 2),
        attributes={"kernel_shape": [2], "strides": [2]},
        note="NaN is the largest; padding is below everything",
    ),
    Line(
        "MaxPool",
        [Given([[[[nan, 1.0, 2.0], [3.0, -inf, 4.0], [5.0, 6.0, 7.0]]]])],
        torch=lambda x: F.max_pool2d(x, 2, 1),
        attributes={"kernel_shape": [2, 2]},
    ),
    Line(
        "MaxPool",
        [Given([[[-inf, -inf]]])],
        torch=lambda x: F.max_pool1d(x, 2, 1, 1),
        attributes={"kernel_shape": [2], "pads": [1, 1]},
    ),
    Line(
        "AveragePool",
        [Given([[[1.0, nan, 2.0, 4.0, inf, -inf]]])],
        torch=lambda x: F.avg_pool1d(x, 2),
        attributes={"kernel_shape": [2], "strides": [2]},
    ),
    Line(
        "AveragePool",
        [Given([[[2.0, 4.0]]])],
        attributes={"kernel_shape": [2], "pads": [1, 1]},
        torch=lambda x: F.avg_pool1d(x, 2, 1, 1, count_include_pad=False),
        note="padding does not count",
    ),
    Line(
        "AveragePool",
        [Given([[[2.0, 4.0]]])],
        attributes={"kernel_shape": [2], "pads": [1, 1], "count_include_pad": 1},
        torch=lambda x: F.avg_pool1d(x, 2, 1, 1),
    ),
    Line(
        "GlobalMaxPool", [Given([[[[1.0, nan], [2.0, 3.0]], [[-inf, -inf], [-inf, -inf]]]])], torch=lambda x: x.amax((2, 3), True)
    ),
    Line(
        "GlobalAveragePool", [Given([[[[1.0, nan], [2.0, 3.0]], [[inf, 1.0], [1.0, 1.0]]]])], torch=lambda x: x.mean((2, 3), True)
    ),
    Line(
        "LpPool",
        [Given([[[3.0, 4.0, nan, 1.0]]])],
        attributes={"kernel_shape": [2], "strides": [2], "p": 2},
        torch=lambda x: F.lp_pool1d(x, 2, 2),
    ),
]

RESAMPLING = [
    Line(
        "Resize",
        [Given([[[1.0, nan, 3.0]]]), None, None, Given([1, 1, 6], "int64")],
        torch=lambda x, s: F.interpolate(x, 6, mode="nearest"),
        attributes={"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    ),
    Line(
        "Resize",
        [Given([[[1.0, 2.0, 4.0]]]), None, None, Given([1, 1, 6], "int64")],
        torch=lambda x, s: F.interpolate(x, 6, mode="linear"),
        attributes={"mode": "linear", "coordinate_transformation_mode": "half_pixel"},
    ),
    Line(
        "GridSample",
        [Given([[[[1.0, 2.0], [3.0, 4.0]]]]), Given([[[[inf, 0.0], [0.0, 0.0]]]])],
        torch=lambda x, g: F.grid_sample(x, g, align_corners=True),
        attributes={"align_corners": 1},
        types=("float32", "float64"),
        by="ONNX",
        expected=[Given([[[[0.0, 2.5]]]])],
        note="outside reads zeros; PyTorch has NaN at ∞",
    ),
]

SECTIONS = [
    (
        "Products and convolutions",
        "Every product is made: a zero weight does not hide an infinity.",
        PRODUCTS,
    ),
    ("Pools", "", POOLS),
    ("Resampling", "", RESAMPLING),
]
