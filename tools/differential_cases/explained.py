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


def explanation(name, case, rows):
    """Why a case differs, when there is an entry for each voice that Onyx differs from; nothing otherwise."""
    failing = {voice for (voice, _), row in rows.items() if outcome(row) != "pass"}
    reasons = []
    for voice in sorted(failing):
        found = next((one for one in KNOWN if name in one.operators and one.voice == voice and one.holds(case)), None)
        if found is None:
            return None
        reasons.append(f"{voice}: {found.reason}")
    return "; ".join(reasons)


def single_aligned(case):
    """Whether an aligned grid has an axis of one element."""
    return attribute(case, "align_corners") == 1 and 1 in np.asarray(case.inputs[1]).tolist()[2:]


known("AffineGrid", "reference", "an aligned axis of one element stands at −1; in PyTorch, as in Onyx, at 0; the text does not say", single_aligned)
known("AffineGrid", "ort", "an aligned axis of one element stands at 1; in PyTorch, as in Onyx, at 0; the text does not say", single_aligned)
known(
    "Attention",
    "ort",
    "is_causal is ignored where an additive mask of integers is given",
    lambda case: attribute(case, "is_causal") == 1 and input_at(case, 3) is not None and case.inputs[3].dtype.kind in "iu",
)
known("Attention", "reference", "qk_matmul_output_mode 0 shows the products after softcap", lambda case: attribute(case, "softcap", 0) > 0)
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
known("Cast CastLike", "ort", "float32 to integers of 2 and 4 bits is rounded; the text cuts", lambda case: sub_byte(case))
known(
    "Cast CastLike",
    "ort",
    "numbers become text by way of float32, whole ones without their point; Onyx writes the shortest text of the type, as Python does",
    lambda case: case.types.get("T2", np.dtype(bool)).kind == "O" and any(is_float(value.dtype) for value in arrays(case)),
)
known("Cast CastLike", "ort", "float8e8m0 has no sign: what is negative is read as positive", lambda case: "float8_e8m0fnu" in names(case))
known("Cast", "reference", "float8e8m0 of what is negative, NaN or out of range is open", lambda case: "float8_e8m0fnu" in names(case))
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
known("DeformConv", "reference", "computes in the narrow type and rounds after each step", narrow)
known(
    "DequantizeLinear",
    "reference",
    "gives float8e8m0, which the text does not allow as output; Onyx refuses a scale of that type without output_dtype",
    lambda case: case.inputs[1].dtype.name == "float8_e8m0fnu",
)
known("Dropout", "ort", "the mask of inference is false in versions 7 and 10; the text keeps all", lambda case: case.outputs == 2)
known(
    "GRU LSTM RNN",
    "reference",
    "ignores activations, clip, sequence_lens, input_forget, direction or layout, or rounds after each step",
    lambda case: True,
)
known("GlobalMaxPool GlobalAveragePool", "reference", "the axes are counted wrongly unless there are two spatial ones", lambda case: case.inputs[0].ndim != 4)
known("GridSample", "reference", "computes in the type of integers, booleans and complex numbers", lambda case: not is_float(case.inputs[0].dtype))
known("Hardmax", "reference", "before version 13 the axis flattens, which the reference lacks", lambda case: case.version < 13)
known("LRN", "reference", "sums only as many channels as the batch has samples", lambda case: case.inputs[0].shape[0] < case.inputs[0].shape[1])
known("LabelEncoder", "reference", "a NaN among the keys is not found, which the text wants", lambda case: has(case, np.isnan))
known("LabelEncoder", "ort", "in version 2 a NaN among the keys is not found, which the text wants", lambda case: case.version < 4 and has(case, np.isnan))
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
known("Loop", "reference", "scanned scalars are stacked with an axis of 1, and without steps the rank is lost", lambda case: True)
known("LpNormalization", "reference", "p = 1 sums without absolute values, and a norm of 0 divides", lambda case: True)
known("LpPool", "reference", "the count of padded elements divides", lambda case: narrow(case) or any(attribute(case, "pads", [])))
known("OptionalGetElement OptionalHasElement", "reference", "Optional wraps its content in a list", lambda case: bool(case.before))
known("PRelu", "reference", "multiplies 0 by the slope: NaN for an infinite one", odd)
known("QLinearConv", "reference", "one spatial axis is not squeezed, or is read as two", lambda case: case.inputs[0].ndim == 3)
known("QLinearMatMul", "reference", "float8 is not scaled", lambda case: any(name.startswith("float8") for name in names(case)))
known("QuantizeLinear", "reference", "an infinity becomes an integer by overflow; the text saturates", odd)
known("RMSNormalization", "reference", "Y has the type of X; the text gives it that of scale", lambda case: len({x.dtype for x in arrays(case)}) > 1)
known("ReduceMean", "ort", "the mean of nothing is 0 for floating types; the reference and Onyx give NaN", lambda case: 0 in case.inputs[0].shape)
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
known("RoiAlign", "reference", "version 10 is computed with half_pixel", lambda case: case.version == 10)
known("Shape", "reference", "an end before the first axis counts from the end again", lambda case: attribute(case, "end", 0) < -case.inputs[0].ndim)
known("Shrink", "reference", "limits of integers overflow", lambda case: case.inputs[0].dtype.kind in "iu")
known("Shrink", "ort", "limits of integers overflow", lambda case: case.inputs[0].dtype.kind in "iu")
known("Slice", "ort", "the largest integer as the end of a step backwards means the whole axis", lambda case: backwards_to_largest(case))
known("Slice", "reference", "a start before the first element with a step backwards", lambda case: case.version < 13)
known("StringNormalizer", "reference", "takes off accents", lambda case: True)
known("StringSplit", "ort", "an empty text has no parts, blanks behind the last split are taken off", lambda case: True)
known("CastMap", "ort", "numbers become text with six digits, and 0.f where there is none; the text does not say", lambda case: True)
known("DictVectorizer", "reference", "has no axis for the batch, which ONNX Runtime and the converters expect", lambda case: True)
known("ImageDecoder", "reference", "does not convert between grey and colour", lambda case: True)
known("TreeEnsemble", "reference", "post_transform is ignored", lambda case: attribute(case, "post_transform", 0) != 0)
known("TreeEnsemble", "ort", "SOFTMAX and LOGISTIC are exchanged, and a single score is left as it is", lambda case: attribute(case, "post_transform", 0) != 0)
known("TreeEnsembleRegressor", "reference", "a target that no leaf names is the limit of the type", lambda case: True)
known("TreeEnsembleClassifier", "ort", "of two classes one is taken for the opposite of the other where a leaf names only one", lambda case: True)
known("TreeEnsembleClassifier", "reference", "a single class among the leaves is taken for the positive one of two", lambda case: True)


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
