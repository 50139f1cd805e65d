"""Values of the library, and what Python has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _onyx
from ._errors import InvalidArgument, NotImplemented

if TYPE_CHECKING:
    from ._session import InferenceSession

UNKNOWN, TENSOR, SEQUENCE, OPTIONAL, MAP = range(5)
STRING = 8

# By the numbers of TensorProto.DataType: Onyx's name, onnxruntime's name, the name of NumPy's or ml_dtypes' type.
_ELEMENTS = {
    1: ("float32", "float", "float32"),
    2: ("uint8", "uint8", "uint8"),
    3: ("int8", "int8", "int8"),
    4: ("uint16", "uint16", "uint16"),
    5: ("int16", "int16", "int16"),
    6: ("int32", "int32", "int32"),
    7: ("int64", "int64", "int64"),
    8: ("string", "string", "object"),
    9: ("bool", "bool", "bool"),
    10: ("float16", "float16", "float16"),
    11: ("float64", "double", "float64"),
    12: ("uint32", "uint32", "uint32"),
    13: ("uint64", "uint64", "uint64"),
    14: ("complex64", "complex64", "complex64"),
    15: ("complex128", "complex128", "complex128"),
    16: ("bfloat16", "bfloat16", "bfloat16"),
    17: ("float8e4m3fn", "float8e4m3fn", "float8_e4m3fn"),
    18: ("float8e4m3fnuz", "float8e4m3fnuz", "float8_e4m3fnuz"),
    19: ("float8e5m2", "float8e5m2", "float8_e5m2"),
    20: ("float8e5m2fnuz", "float8e5m2fnuz", "float8_e5m2fnuz"),
    21: ("uint4", "uint4", "uint4"),
    22: ("int4", "int4", "int4"),
    23: ("float4e2m1", "float4e2m1", "float4_e2m1fn"),
    24: ("float8e8m0", "float8e8m0", "float8_e8m0fnu"),
    25: ("uint2", "uint2", "uint2"),
    26: ("int2", "int2", "int2"),
    27: ("float6e2m3", "float6e2m3", "float6_e2m3fn"),
    28: ("float6e3m2", "float6e3m2", "float6_e3m2fn"),
}
_FIRST_OF_ML_DTYPES = 16
# Of these the library has the number in a byte, and ml_dtypes its low bits.
_PLAIN_TYPES = {21: np.dtype(np.uint8), 22: np.dtype(np.int8), 25: np.dtype(np.uint8), 26: np.dtype(np.int8)}

_number_of_name = {name: number for number, (name, _, _) in _ELEMENTS.items()}
_number_of_dtype = {dtype: number for number, (_, _, dtype) in _ELEMENTS.items() if number != STRING}

# By number; what ml_dtypes has is None until it is needed.
dtypes: list[np.dtype | None] = [None] * (max(_ELEMENTS) + 1)
for _number in range(1, _FIRST_OF_ML_DTYPES):
    if _number != STRING:
        dtypes[_number] = np.dtype(_ELEMENTS[_number][2])


def configure() -> None:
    """Tells the extension what it makes of results and of inputs."""
    from ._errors import exception

    _onyx._configure(
        types=tuple(None if number in _PLAIN_TYPES else dtype for number, dtype in enumerate(dtypes)),
        to_value=_input_value,
        to_object=object_of,
        to_exception=exception,
        refuse_feed=_refuse_feed,
    )


def _load_ml_dtypes(number: int) -> None:
    """Fetches the types that NumPy lacks."""
    name = _ELEMENTS[number][0]
    try:
        import ml_dtypes
    except ImportError as error:
        raise NotImplemented(f"NumPy has no {name}. Install ml_dtypes, which has it.") from error
    for other in range(_FIRST_OF_ML_DTYPES, len(dtypes)):
        kind = getattr(ml_dtypes, _ELEMENTS[other][2], None)
        if kind is not None:
            dtypes[other] = np.dtype(kind)
    if dtypes[number] is None:
        raise NotImplemented(f"This version of ml_dtypes has no {name}. Install a newer one.")
    configure()


def dtype_of(number: int) -> np.dtype:
    """The dtype of the elements of a tensor."""
    if number == STRING:
        return np.dtype(object)
    if dtypes[number] is None:
        _load_ml_dtypes(number)
    found = dtypes[number]
    assert found is not None
    return found


def number_of(dtype: Any) -> int:
    """The number that ONNX has for a dtype; raises for one that it has none for."""
    dtype = np.dtype(dtype)
    if dtype.kind in "OUSTV" and dtype.name not in _number_of_dtype:
        if dtype.kind == "V":
            raise InvalidArgument(f"ONNX has no elements of type {dtype}.")
        return STRING
    try:
        return _number_of_dtype[dtype.name]
    except KeyError:
        raise InvalidArgument(f"ONNX has no elements of type {dtype}.") from None


def type_name(number: int) -> str:
    """onnxruntime's name of an element type: "float", "int64"."""
    return _ELEMENTS[number][1]


def onyx_name(dtype: Any) -> str:
    """Onyx's name of the elements of a dtype: "float32"."""
    return _ELEMENTS[number_of(dtype)][0]


def number_of_name(name: str) -> int:
    """The number of an element type that onnxruntime or Onyx names so; 0 for others."""
    for number, names in _ELEMENTS.items():
        if name in names[:2]:
            return number
    return 0


def onnxruntime_type(text: str) -> str:
    """onnxruntime's form of a type: "float32" is "tensor(float)", "map(int64,float32)" is "map(int64,tensor(float))"."""
    name, inner = _split(text)
    if name == "map":
        key, value = inner.split(",", 1)
        return f"map({type_name(_number_of_name[key])},{onnxruntime_type(value)})"
    if name in ("seq", "optional"):
        return f"{name}({onnxruntime_type(inner)})"
    return f"tensor({type_name(_number_of_name[text])})" if text in _number_of_name else text


def _split(text: str) -> tuple[str, str]:
    name, bracket, rest = text.partition("(")
    return (name, rest[:-1]) if bracket else (text, "")


# ---- What Python gives ----


def _input_value(session: InferenceSession, index: int, given: Any) -> _onyx.Value:
    name, text, kind, element, _, _ = session._input_ports[index]
    return value_of(given, text if kind != UNKNOWN else None, f"the input '{name}'", session._model_path or "")


def value_of(given: Any, text: str | None = None, what: str = "the value", where: str = "") -> _onyx.Value:
    """A value of the library for what Python gives: of the type that `text` names, or of the one that it has itself."""
    given = getattr(given, "_content", given)
    if isinstance(given, _onyx.Value):
        return given
    name, inner = _split(text or "")
    if name == "seq":
        if not isinstance(given, (list, tuple)):
            raise InvalidArgument(f"For {what} a list was asked for, and {type(given).__name__} was given.")
        return _onyx.sequence(inner, [value_of(item, inner, f"an element of {what}") for item in given])
    if name == "optional":
        return _onyx.optional(inner, None if given is None else value_of(given, inner, what))
    if name == "map":
        if not isinstance(given, dict):
            raise InvalidArgument(f"For {what} a dict was asked for, and {type(given).__name__} was given.")
        key, _, value = inner.partition(",")
        return _onyx.map(value_of(list(given.keys()), key, what), value_of(list(given.values()), value, what))
    if isinstance(given, dict) or given is None:
        raise InvalidArgument(f"For {what} an array was asked for, and {type(given).__name__} was given.")
    return _tensor(given, _number_of_name.get(name, 0), what)


def _tensor(given: Any, wanted: int, what: str) -> _onyx.Value:
    array = _array(given, wanted, what)
    if wanted == STRING or array.dtype.kind in "OUST" and not wanted:
        return _strings(array, what)
    number = number_of(array.dtype)
    if wanted and number != wanted:
        raise InvalidArgument(
            f"Unexpected input data type for {what}. Actual: (tensor({type_name(number)})), "
            f"expected: (tensor({type_name(wanted)})). Convert it with .astype()."
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if number in _PLAIN_TYPES:
        array = array.astype(_PLAIN_TYPES[number])
    if not array.flags.c_contiguous:
        array = np.ascontiguousarray(array)
    return _onyx.tensor(number, array.shape, array.reshape(-1).view(np.uint8))


def _array(given: Any, wanted: int, what: str) -> np.ndarray:
    if isinstance(given, np.ndarray):
        return given
    if wanted == STRING:
        return np.asarray(given, dtype=object)
    if isinstance(given, (bool, int, float, complex, list, tuple)):
        made = np.asarray(given)
        if not wanted or made.dtype == dtype_of(wanted):
            return made
        # Numbers of Python have no width: they are converted where nothing is lost but digits.
        target = dtype_of(wanted)
        if made.dtype.kind == "f" and target.kind in "iub" and made.size or made.dtype.kind in "OUST":
            raise InvalidArgument(f"For {what} elements of type {target} were asked for, and {made.dtype} was given.")
        converted = made.astype(target)
        if target.kind in "iu" and not np.array_equal(converted, made):
            raise InvalidArgument(f"For {what} elements of type {target} were asked for, and some do not fit.")
        return converted
    try:
        return np.asarray(given) if hasattr(given, "__array__") or not hasattr(given, "__dlpack__") else np.from_dlpack(given)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"For {what} an array was asked for, and {type(given).__name__} was given.") from error


def _strings(array: np.ndarray, what: str) -> _onyx.Value:
    texts = []
    for text in array.reshape(-1).tolist():
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        if not isinstance(text, str):
            raise InvalidArgument(f"For {what} strings were asked for, and {type(text).__name__} was given.")
        texts.append(text)
    return _onyx.strings(array.shape, texts)


def _refuse_feed(session: InferenceSession, feed: dict[str, Any]) -> None:
    """Raises for a feed that lacks an input or has another, as onnxruntime does."""
    names = [port[0] for port in session._input_ports]
    unknown = [name for name in feed if name not in names]
    if unknown:
        raise InvalidArgument(f"Invalid input name: {unknown[0]}. The inputs are {names}.")
    missing = [port[0] for port in session._input_ports if not port[5] and port[2] != OPTIONAL and port[0] not in feed]
    raise ValueError(f"Required inputs ({missing}) are missing from input feed ({list(feed)}).")


# ---- What Python gets ----


def object_of(value: _onyx.Value) -> Any:
    """An array for a tensor, a list for a sequence, a dict for a map, and None for an optional without content."""
    if value.kind == SEQUENCE:
        return [object_of(value.element(index)) for index in range(value.count)]
    if value.kind == OPTIONAL:
        return object_of(value.element(0)) if value.count else None
    if value.kind == MAP:
        keys, values = value.entries()
        return dict(zip(object_of(keys).tolist(), object_of(values).tolist()))
    if value.element_type == STRING:
        array = np.empty(value.shape, dtype=object)
        array.reshape(-1)[:] = value.strings()
        return array
    dtype = dtype_of(value.element_type)
    if value.element_type in _PLAIN_TYPES:
        return np.ndarray(value.shape, _PLAIN_TYPES[value.element_type], memoryview(value)).astype(dtype)
    return value.array()
