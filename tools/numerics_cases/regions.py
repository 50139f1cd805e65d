"""Sets, boxes, and what is read at positions."""

import torch.nn.functional as F

from .line import Given, Line, inf, nan

NATIVE = ("float16", "float32", "float64")
MANY = [nan, 1.0, nan, -0.0, 0.0, inf, -inf]
SETS = [
    Line("Unique", [Given(MANY)], types=NATIVE, outputs=4, by="reference", note="PyTorch counts each NaN, ONNX Runtime finds one number"),
    Line("Unique", [Given(MANY)], types=NATIVE, outputs=4, by="reference", attributes={"sorted": 0}, note="the first of −0 and 0 stays"),
]

APART = Given([[[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0], [4.0, 4.0, 5.0, 5.0]]])
MOST, OVERLAP = Given([3], "int64"), Given([0.5], "float32")


def boxes(places, scores, *least, note=""):
    """A selection of three boxes."""
    inputs = [places, Given([[scores]]), MOST, OVERLAP, *least]
    return Line("NonMaxSuppression", inputs, types=("float32",), by="reference", note=note)


BOXES = [
    boxes(APART, [nan, 0.5, 0.75], note="NaN is the least score"),
    boxes(APART, [nan, 0.5, 0.75], Given([0.0], "float32"), note="and above no threshold"),
    boxes(APART, [inf, -inf, 0.75]),
    boxes(
        Given([[[nan, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]]),
        [0.9, 0.8, 0.7],
        note="a box with NaN overlaps none",
    ),
]

IMAGE = [[[[1.0, 2.0], [3.0, 4.0]]]]
MODES = {"linear": "bilinear", "nearest": "nearest", "cubic": "bicubic"}


def sampled(x, expected=None, note="", **attributes):
    """Samples at x and in the middle; of PyTorch, where it and Onyx agree."""
    rest = {k: v for k, v in attributes.items() if k != "mode"}
    mode = MODES[attributes.get("mode", "linear")]
    return Line(
        "GridSample",
        [Given(IMAGE), Given([[[[x, 0.0], [0.0, 0.0]]]])],
        types=("float32", "float64"),
        attributes={"align_corners": 1, **attributes},
        torch=lambda image, grid: F.grid_sample(image, grid, mode=mode, align_corners=True, **rest),
        by="Onyx" if expected else "PyTorch",
        expected=[Given([[[expected]]])] if expected else None,
        note=note,
    )


POSITIONS = [
    sampled(nan, [0.0, 2.5], "NaN lies outside, which reads zeros; PyTorch has NaN"),
    sampled(nan, mode="nearest"),
    sampled(nan, padding_mode="border", note="outside on the left"),
    sampled(nan, padding_mode="reflection"),
    sampled(inf, padding_mode="border"),
    sampled(-inf, padding_mode="border"),
    sampled(1e30),
    sampled(1e30, padding_mode="border"),
]


def region(place, image, expected=None, note="", **attributes):
    """A region in two bins."""
    return Line(
        "RoiAlign",
        [Given(image), Given([place]), Given([0], "int64")],
        types=("float32", "float64"),
        attributes={"output_height": 1, "output_width": 2, "sampling_ratio": 1, **attributes},
        by="Onyx" if expected else "reference",
        expected=[Given([[[expected]]])] if expected else None,
        note=note,
    )


REGIONS = [
    region([0.5, 0.5, 1.5, 1.5], [[[[1.0, nan], [3.0, 4.0]]]], note="NaN reaches the samples that it has a share of"),
    region([0.0, 0.0, 1e30, 1.0], IMAGE, note="samples outside are 0"),
    region([nan, 0.0, 1.0, 1.0], IMAGE, [nan, nan], note="the reference has no result"),
]

SECTIONS = [
    ("Sets", "NaNs are one element, the largest; −0 and 0 are one.", SETS),
    ("Boxes", "", BOXES),
    ("Positions and regions", "A sample at no number lies outside; a region of no number is NaN.", [*POSITIONS, *REGIONS]),
]
