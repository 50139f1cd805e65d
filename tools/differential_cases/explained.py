"""Differences that are known, with their reasons: which voice is wrong about which cases, or means what the text leaves open.

A difference is explained when each voice that Onyx differs from has an entry that holds for the case; the other voice then agrees.
"""

from dataclasses import dataclass

import numpy as np

from differential_cases.draw import is_float
from differential_cases.verdict import outcome

NARROW = ("float16", "bfloat16")


@dataclass
class Explained:
    """A voice that does not count for the cases of some operators for which `holds`, and why."""

    operators: tuple
    voice: str
    holds: object
    reason: str


KNOWN = []


def known(operators, voice, reason, holds=lambda case: True):
    """Adds an entry."""
    KNOWN.append(Explained(tuple(operators.split()), voice, holds, reason))


def arrays(case):
    """All arrays among the inputs."""
    values = [item for value in [*case.inputs, *case.outer.values()] for item in (value if isinstance(value, list) else [value])]
    return [value for value in values if isinstance(value, np.ndarray)]


def attribute(case, name, usual=None):
    """An attribute, or what stands for it."""
    return case.attributes.get(name, usual)


def has(case, *tests):
    """Whether an element of a floating input is NaN, infinite, or whatever the functions of NumPy ask."""
    return any(test(value.astype(np.float64)).any() for value in arrays(case) if is_float(value.dtype) for test in tests)


def odd(case):
    """Whether an element is NaN or infinite."""
    return has(case, np.isnan, np.isinf)


def input_at(case, place):
    """An input, None where there is none."""
    return case.inputs[place] if place < len(case.inputs) else None


def narrow(case):
    """Whether a type is float16 or bfloat16."""
    return any(kind.name in NARROW for kind in case.types.values())


def same_padding(case):
    """Whether `auto_pad` asks for as many windows as there are strides."""
    return str(attribute(case, "auto_pad", "")).startswith("SAME")


def dilated(case):
    """Whether a dilation is larger than 1."""
    return any(size > 1 for size in attribute(case, "dilations", []))


def kernel(case):
    """The extents of the window."""
    return list(attribute(case, "kernel_shape", case.inputs[1].shape[2:] if isinstance(input_at(case, 1), np.ndarray) else []))


def short_kernel(case):
    """Whether a stride is larger than the window, so that the padding of `auto_pad` would be negative."""
    sizes, strides, dilations = kernel(case), attribute(case, "strides", []), attribute(case, "dilations", [])
    spans = [(size - 1) * (dilations[place] if dilations else 1) + 1 for place, size in enumerate(sizes)]
    return any(stride > span for stride, span in zip(strides, spans))


def constant_group(case):
    """Whether the elements of one of the groups of MeanVarianceNormalization are equal."""
    return not np.all(np.std(case.inputs[0].astype(np.float64), axis=tuple(attribute(case, "axes", (0, 2, 3)))))


def classes(case):
    """The number of classes."""
    return max(len(attribute(case, f"classlabels_{kind}", [])) for kind in ("ints", "int64s", "strings"))


def names(case):
    """The names of all element types of a case."""
    return {kind.name for kind in case.types.values()}


def sub_byte(case):
    """Whether a type has 2 or 4 bits."""
    return bool(names(case) & {"int2", "uint2", "int4", "uint4", "float4_e2m1fn"})


def no_steps(case):
    """Whether a loop ends before its first step."""
    return not bool(np.asarray(case.inputs[1]).ravel()[0]) or case.inputs[0] is not None and np.asarray(case.inputs[0]).ravel()[0] < 1


def backwards_to_largest(case):
    """Whether a step backwards ends at the largest integer."""
    return any(step < 0 and end >= 2**31 - 1 for end, step in zip(np.ravel(case.inputs[2]), np.ravel(case.inputs[4])))


def explanation(name, case, rows):
    """Why a case differs, when there is an entry for each voice that Onyx differs from; nothing otherwise."""
    failing = {voice for (voice, _), row in rows.items() if outcome(row) != "pass"}
    reasons = []
    for voice in sorted(failing):
        found = next((one for one in KNOWN if name in one.operators and one.voice == voice and one.holds(case)), None)
        if found is None:
            return None
        reasons.append(f"{voice}: {found.reason}")
    return " / ".join(reasons)


def single_aligned(case):
    """Whether an aligned grid has an axis of one element."""
    return attribute(case, "align_corners") == 1 and 1 in np.asarray(case.inputs[1]).tolist()[2:]


known(
    "AffineGrid",
    "reference",
    "an aligned axis of one element stands at −1; in PyTorch, as in Onyx, at 0; the text does not say",
    single_aligned,
)
known(
    "AffineGrid", "ort", "an aligned axis of one element stands at 1; in PyTorch, as in Onyx, at 0; the text does not say", single_aligned
)
known(
    "Attention",
    "ort",
    "is_causal is ignored where a mask of integers or booleans is given, or with one query",
    lambda case: (
        attribute(case, "is_causal") == 1
        and (case.inputs[0].shape[-2] == 1 or input_at(case, 3) is not None and case.inputs[3].dtype.kind in "iub")
    ),
)
known("Attention", "reference", "qk_matmul_output_mode 0 shows the products after softcap", lambda case: attribute(case, "softcap", 0) > 0)
known(
    "Attention",
    "ort",
    "what is_causal masks shows as the lowest finite number in qk_matmul_output",
    lambda case: attribute(case, "is_causal") == 1 and case.outputs == 4,
)
known(
    "AveragePool LpPool MaxPool",
    "ort",
    "ceil_mode enlarges the output of auto_pad VALID; by the text's formulas it does not",
    lambda case: attribute(case, "auto_pad") == "VALID" and attribute(case, "ceil_mode") == 1,
)
known(
    "AveragePool LpPool MaxPool",
    "reference",
    "wrong sizes or places with ceil_mode, dilations, one spatial axis, uneven pads, or SAME_LOWER",
    lambda case: (
        len(set(attribute(case, "pads", []))) > 1
        or attribute(case, "ceil_mode") == 1
        or dilated(case)
        or case.inputs[0].ndim != 4
        or same_padding(case)
    ),
)
known("AveragePool", "reference", "version 1 is computed as with count_include_pad", lambda case: case.version == 1)
known(
    "AveragePool LpPool MaxPool",
    "reference",
    "auto_pad ignores dilations, though the text's pad_shape has them, or pads below zero where the stride is larger than the window",
    lambda case: same_padding(case) and (dilated(case) or short_kernel(case)),
)
known(
    "AveragePool LpPool MaxPool",
    "ort",
    "auto_pad ignores dilations in the size of the output or in the padding, or pads below zero where the stride is larger than the window",
    lambda case: same_padding(case) and (dilated(case) or short_kernel(case)),
)
known(
    "MaxPool",
    "reference",
    "NaN in a window is skipped unless it comes first; Onyx gives NaN as PyTorch does",
    lambda case: has(case, np.isnan),
)
known("MaxPool", "ort", "NaN is skipped, −∞ becomes the lowest finite number; Onyx gives NaN as PyTorch does", odd)
known("MaxPool", "reference", "indices start anew in each batch, or count along the wrong axes", lambda case: case.outputs == 2)
known("BatchNormalization", "reference", "before version 14 epsilon is added twice or not at all", lambda case: case.version < 14)
known(
    "BatchNormalization ConvTranspose DeformConv InstanceNormalization LayerNormalization STFT MelWeightMatrix GridSample",
    "reference",
    "computes in the narrow type and rounds after each step",
    narrow,
)
known("Cast CastLike", "reference", "infinities and NaN become text in lower case; the text writes INF and NaN", odd)
known(
    "Cast CastLike",
    "reference",
    "booleans become True and False; the text's numbers, as in ONNX Runtime, 1 and 0",
    lambda case: case.inputs[0].dtype == bool,
)
known(
    "Cast CastLike",
    "reference",
    "every text that is not empty is true; Onyx reads the number, and 0 is false",
    lambda case: case.inputs[0].dtype.kind in "OU" and case.types.get("T2") == np.dtype(bool),
)
known("CastLike", "ort", "−0 of an 8-bit float is true", lambda case: case.types.get("T2") == np.dtype(bool))
known("Cast CastLike", "ort", "float32 to integers of 2 and 4 bits is rounded; the text cuts", lambda case: sub_byte(case))
known(
    "Cast CastLike",
    "ort",
    "numbers become text by way of float32, whole ones without their point; Onyx writes the shortest text of the type, as Python does",
    lambda case: case.types.get("T2", np.dtype(bool)).kind == "O" and any(is_float(value.dtype) for value in arrays(case)),
)
known("Cast CastLike", "ort", "float8e8m0 has no sign: what is negative is read as positive", lambda case: "float8_e8m0fnu" in names(case))
known(
    "Cast CastLike",
    "reference",
    "float8e8m0 of what is negative, NaN or out of range is open",
    lambda case: "float8_e8m0fnu" in names(case),
)
known("Clip", "ort", "an infinity beyond the only limit becomes the largest finite number", lambda case: has(case, np.isinf))
known("Clip", "reference", "version 6 has the largest finite numbers as its limits", lambda case: case.version < 11 and has(case, np.isinf))
known("Col2Im", "ort", "one spatial axis with a dilation is read wrongly", lambda case: len(case.inputs[1]) == 1)
known(
    "ConvTranspose",
    "ort",
    "auto_pad: the size is not input · stride where the padding is below zero or output_padding is given",
    lambda case: same_padding(case),
)
known("ConvTranspose", "reference", "auto_pad: below zero the padding moves the result; Onyx starts at 0 as TensorFlow does", same_padding)
known(
    "ConvTranspose",
    "reference",
    "groups: the bias of the first group is added everywhere, and only one channel of each is written",
    lambda case: attribute(case, "group", 1) > 1,
)
known(
    "DequantizeLinear",
    "reference",
    "gives float8e8m0, which the text does not allow as output; Onyx refuses a scale of that type without output_dtype",
    lambda case: case.inputs[1].dtype.name == "float8_e8m0fnu",
)
known("Dropout", "ort", "the mask of inference is false in versions 7 and 10; the text keeps all", lambda case: case.outputs == 2)
known("Dropout", "reference", "takes a ratio of 1; the text says less than 1", lambda case: input_at(case, 1) is not None)
known(
    "GRU LSTM RNN",
    "reference",
    "ignores activations, clip, sequence_lens, input_forget, direction, layout or the first cell, or rounds after each step",
    lambda case: (
        narrow(case)
        or bool(set(case.attributes) & {"activations", "clip", "input_forget", "layout"})
        or attribute(case, "direction", "forward") != "forward"
        or input_at(case, 4) is not None
    ),
)
known(
    "GlobalMaxPool GlobalAveragePool",
    "reference",
    "the axes are counted wrongly unless there are two spatial ones",
    lambda case: case.inputs[0].ndim != 4,
)
known("Gather", "ort", "of texts with constant indices gives empty ones", lambda case: case.inputs[0].dtype.kind == "O")
known(
    "GridSample",
    "reference",
    "cubic with border clamps the position; PyTorch, ONNX Runtime and Onyx each of the sixteen elements",
    lambda case: attribute(case, "mode") in ("cubic", "bicubic") and attribute(case, "padding_mode") == "border",
)
known(
    "GroupNormalization",
    "ort",
    "float32 moments of nearly constant groups; Onyx is nearer to float64",
    lambda case: case.inputs[0].dtype == np.float32,
)
for voice in ("reference", "ort"):
    known(
        "HannWindow BlackmanWindow HammingWindow",
        voice,
        "a window of one element is 0, or divides by zero; Onyx gives 1 as PyTorch does",
        lambda case: case.inputs[0] == 1,
    )
known(
    "GridSample",
    "reference",
    "computes in the type of integers, booleans and complex numbers",
    lambda case: not is_float(case.inputs[0].dtype),
)
known("Hardmax", "reference", "before version 13 the axis flattens, which the reference lacks", lambda case: case.version < 13)
known(
    "LRN",
    "reference",
    "sums only as many channels as the batch has samples",
    lambda case: case.inputs[0].shape[0] < case.inputs[0].shape[1],
)
known("LabelEncoder", "reference", "a NaN among the keys is not found, which the text wants", lambda case: has(case, np.isnan))
known(
    "LabelEncoder",
    "ort",
    "in version 2 a NaN among the keys is not found, which the text wants",
    lambda case: case.version < 4 and has(case, np.isnan),
)
known("LinearRegressor", "reference", "without intercepts gives NaN", lambda case: "intercepts" not in case.attributes)
known("LogSoftmax", "reference", "the logarithm of softmax: small shares become −∞", lambda case: True)
known("LogSoftmax", "ort", "float64 with NaN or ∞ in a row does not give NaN", odd)
known(
    "LogSoftmax Softmax Hardmax",
    "reference",
    "takes the axis behind the last one for one of length 1; Onyx refuses it as ONNX Runtime does",
    lambda case: case.version < 13 and attribute(case, "axis", 1) >= case.inputs[0].ndim,
)
known("Loop", "ort", "no steps: the scanned output has 0 for what the body does not declare; Onyx infers it", lambda case: no_steps(case))
known(
    "Loop",
    "reference",
    "scanned scalars are stacked with an axis of 1, and without steps the rank is lost",
    lambda case: no_steps(case) or isinstance(case.inputs[2], list) or case.outer != {},
)
known("LpNormalization", "reference", "p = 1 sums without absolute values", lambda case: attribute(case, "p", 2) == 1)
known("LpPool", "reference", "the count of padded elements divides", lambda case: narrow(case) or any(attribute(case, "pads", [])))
known("MatMulInteger", "ort", "over no elements the output is not written", lambda case: case.inputs[0].shape[-1] == 0)
known("MeanVarianceNormalization", "ort", "a variance of 0 divides; the text adds 1e-9", constant_group)
known(
    "Normalizer",
    "reference",
    "MAX divides by the largest magnitude; the text and ONNX Runtime by the maximum",
    lambda case: attribute(case, "norm", "MAX") == "MAX",
)
known(
    "MeanVarianceNormalization",
    "reference",
    "a variance is the difference of two means in the type of X, which cancels where a row is short",
    lambda case: case.inputs[0].dtype.itemsize <= 4,
)
known("OptionalGetElement OptionalHasElement", "reference", "Optional wraps its content in a list", lambda case: bool(case.before))
known("PRelu", "reference", "multiplies 0 by the slope: NaN for an infinite one", odd)
known("QLinearConv", "reference", "one spatial axis is not squeezed, or is read as two", lambda case: case.inputs[0].ndim == 3)
known("QLinearMatMul", "reference", "float8 is not scaled", lambda case: any(name.startswith("float8") for name in names(case)))
known(
    "QLinearMatMul",
    "reference",
    "multiplies the scales and divides by that of y in 16 bits; Onyx and ONNX Runtime in float32",
    lambda case: case.inputs[1].dtype.name in NARROW,
)
known("QuantizeLinear", "reference", "an infinity becomes an integer by overflow; the text saturates", odd)
known("QLinearConv", "reference", "a product at a half rounds another way in float32", lambda case: True)
known(
    "QuantizeLinear",
    "reference",
    "divides in float32 where the scale has a narrow type; the text divides in the type of the scale",
    lambda case: case.inputs[1].dtype.name in NARROW,
)
known("ReduceLogSumExp", "ort", "of integers adds a truncated logarithm to the maximum", lambda case: case.inputs[0].dtype.kind in "iu")
known("ReduceProd ReduceSum", "ort", "int32 saturates; the reference and Onyx wrap around", lambda case: case.inputs[0].dtype.kind in "iu")
known(
    "RMSNormalization",
    "reference",
    "Y has the type of X; the text gives it that of scale",
    lambda case: len({x.dtype for x in arrays(case)}) > 1,
)
known(
    "ReduceMean",
    "ort",
    "the mean of nothing is 0 for floating types; the reference and Onyx give NaN",
    lambda case: 0 in case.inputs[0].shape,
)
known("ReduceMean", "reference", "the mean of no integers is the least one", lambda case: 0 in case.inputs[0].shape)
known("ReduceMin ReduceMax", "ort", "NaN is skipped in float16 or where another element comes later", lambda case: has(case, np.isnan))
known("Resize Upsample", "reference", "the imaginary part is left out", lambda case: case.inputs[0].dtype.kind == "c")
known(
    "Resize",
    "reference",
    "align_corners takes the unrounded length of the output; PyTorch, ONNX Runtime and Onyx the length of the tensor",
    lambda case: attribute(case, "coordinate_transformation_mode") == "align_corners",
)
known("Resize", "reference", "version 10 is read as half_pixel", lambda case: case.version == 10)
known(
    "Resize",
    "ort",
    "an output as large as the input is copied whatever the scale; PyTorch and Onyx interpolate",
    lambda case: any(factor not in (0, 1) for value in arrays(case)[1:] for factor in np.ravel(value)),
)
known("Resize", "ort", "integers are cut or overflow; the reference and Onyx round", lambda case: case.inputs[0].dtype.kind in "iu")
known(
    "Resize",
    "reference",
    "pytorch_half_pixel puts an output of one element at −0.5; the text at 0",
    lambda case: attribute(case, "coordinate_transformation_mode") == "pytorch_half_pixel",
)
known(
    "Resize",
    "reference",
    "scales that float32 rounds: in float64 a position falls on the other side of an element's border",
    lambda case: (
        attribute(case, "mode") == "nearest" and any(value.dtype == np.float32 and 0 < value.size < 6 for value in arrays(case)[1:])
    ),
)
known(
    "Scan",
    "reference",
    "negative scan_output_axes and the lengths of version 8 are ignored",
    lambda case: case.version == 8 or any(axis < 0 for axis in attribute(case, "scan_output_axes", [])),
)
known(
    "ScatterND ScatterElements",
    "reference",
    "orders complex numbers; Onyx refuses min and max of them",
    lambda case: case.inputs[0].dtype.kind == "c",
)
known("Selu", "reference", "version 1 has alpha 1.6732 and gamma 1.0507", lambda case: case.version == 1)
known(
    "SequenceInsert", "reference", "places from the end, and the end itself, are taken wrongly", lambda case: input_at(case, 2) is not None
)
known("Sign", "ort", "NaN of float16 and float64 becomes 0", lambda case: has(case, np.isnan))
known(
    "SVMClassifier",
    "ort",
    "without vectors the second of two classes is named as soon as the larger score is above 0; Onyx names that of the larger score",
    lambda case: "support_vectors" not in case.attributes,
)
known(
    "SVMClassifier",
    "reference",
    "without vectors as ONNX Runtime; with them other steps of coupling the probabilities of pairs",
    lambda case: "support_vectors" not in case.attributes or "prob_a" in case.attributes,
)
known("Resize", "reference", "integers at a half are rounded another way", lambda case: case.inputs[0].dtype.kind in "iu")
known(
    "SVMClassifier",
    "reference",
    "of two classes with positive coefficients the second is named from 0.5 on",
    lambda case: classes(case) == 2,
)
known("RoiAlign", "reference", "version 10 is computed with half_pixel", lambda case: case.version == 10)
known(
    "Shape",
    "reference",
    "an end before the first axis counts from the end again",
    lambda case: attribute(case, "end", 0) < -case.inputs[0].ndim,
)
known("Shrink", "reference", "limits of integers overflow", lambda case: case.inputs[0].dtype.kind in "iu")
known("Shrink", "ort", "limits of integers overflow", lambda case: case.inputs[0].dtype.kind in "iu")
known("Slice", "ort", "the largest integer as the end of a step backwards means the whole axis", lambda case: backwards_to_largest(case))
known(
    "Slice",
    "reference",
    "a start before the first element with a step backwards begins at −1; the text clamps it to 0",
    lambda case: input_at(case, 4) is not None and any(step < 0 for step in np.ravel(case.inputs[4])),
)
known(
    "StringNormalizer",
    "reference",
    "stop words that differ in case stay, though is_case_sensitive is 0",
    lambda case: (
        attribute(case, "is_case_sensitive", 0) == 0 and "stopwords" in case.attributes and all(map(str.isascii, case.inputs[0].ravel()))
    ),
)
known(
    "StringNormalizer",
    "reference",
    "takes off accents",
    lambda case: any(not text.isascii() for text in case.inputs[0].ravel()),
)
known(
    "StringSplit",
    "ort",
    "an empty text has no parts, blanks behind the last split are taken off",
    lambda case: any(text == "" or text != text.strip() for text in case.inputs[0].ravel()),
)
known(
    "CastMap",
    "ort",
    "numbers become text with six digits, and 0.f where there is none; the text does not say",
    lambda case: attribute(case, "cast_to") == "TO_STRING",
)
known("DictVectorizer", "reference", "has no axis for the batch, which ONNX Runtime and the converters expect", lambda case: True)
known("ImageDecoder", "reference", "does not convert between grey and colour", lambda case: True)
known("TreeEnsemble", "reference", "post_transform is ignored", lambda case: attribute(case, "post_transform", 0) != 0)
known(
    "TreeEnsemble",
    "ort",
    "SOFTMAX and LOGISTIC are exchanged, and a single score is left as it is",
    lambda case: attribute(case, "post_transform", 0) != 0,
)
known(
    "TreeEnsembleRegressor TreeEnsemble",
    "reference",
    "MIN and MAX of a target that no leaf names are the limits of the type",
    lambda case: attribute(case, "aggregate_function") in ("MIN", "MAX", 2, 3),
)
known(
    "TreeEnsembleRegressor",
    "ort",
    "a target that no leaf names is left without its base value, SOFTMAX_ZERO of zeros divides by zero",
    lambda case: "base_values" in case.attributes or attribute(case, "post_transform") == "SOFTMAX_ZERO",
)
known(
    "Unique",
    "reference",
    "with an axis and without sorting, the places are taken along the wrong axis",
    lambda case: attribute(case, "sorted") == 0,
)
known(
    "Unsqueeze", "reference", "before version 13 negative axes are counted while others are already there", lambda case: case.version < 13
)
known(
    "TreeEnsembleClassifier",
    "ort",
    "of two classes one is taken for the opposite of the other where a leaf names only one",
    lambda case: classes(case) == 2 or len(set(attribute(case, "class_ids"))) == 1,
)
known(
    "TreeEnsembleClassifier",
    "ort",
    "of equal scores that of a class which a leaf names wins over one that none names",
    lambda case: 0 in attribute(case, "class_weights", ()),
)
known(
    "TreeEnsembleClassifier",
    "reference",
    "SOFTMAX_ZERO of zeros gives each class a half; Onyx equal shares",
    lambda case: attribute(case, "post_transform") == "SOFTMAX_ZERO" and 0 in attribute(case, "class_weights", ()),
)
known(
    "TreeEnsembleClassifier",
    "reference",
    "a single class among the leaves is taken for the positive one of two",
    lambda case: classes(case) == 2 or len(set(attribute(case, "class_ids"))) == 1,
)
