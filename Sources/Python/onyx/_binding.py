"""Values of onnxruntime's kind, and inputs and outputs that are bound to a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import InvalidArgument, NotImplemented
from ._types import dtype_of, number_of, number_of_name, type_name

if TYPE_CHECKING:
    from ._session import InferenceSession

__all__ = ["IOBinding", "OrtValue"]


def _on_cpu(device_type: str) -> None:
    if str(device_type).lower() != "cpu":
        raise NotImplemented(f"Onyx runs on CPUs; it has no memory of the device '{device_type}'.")


class OrtValue:
    """A tensor, sequence or map. Tensors are arrays in the memory of the CPU, and are not copied."""

    def __init__(self, content: Any) -> None:
        self._content: Any = content._content if isinstance(content, OrtValue) else content

    @classmethod
    def ortvalue_from_numpy(cls, numpy_obj: np.ndarray, device_type: str = "cpu", device_id: int = 0, vendor_id: int = -1) -> OrtValue:
        """The array as a value, over its memory."""
        _on_cpu(device_type)
        return cls(np.asarray(numpy_obj))

    @classmethod
    def ortvalue_from_numpy_with_onnx_type(cls, data: np.ndarray, onnx_element_type: int) -> OrtValue:
        """The array's memory as elements of an ONNX type of the same width."""
        dtype = dtype_of(onnx_element_type)
        if dtype.itemsize != data.dtype.itemsize:
            raise InvalidArgument(f"{data.dtype} has another width than {dtype}.")
        return cls(data.view(dtype))

    @classmethod
    def ortvalue_from_shape_and_type(
        cls, shape: Any, element_type: Any, device_type: str = "cpu", device_id: int = 0, vendor_id: int = -1
    ) -> OrtValue:
        """A tensor of zeros. `element_type` is a dtype or a number of TensorProto.DataType."""
        _on_cpu(device_type)
        return cls(np.zeros(tuple(shape), dtype_of(element_type) if isinstance(element_type, int) else np.dtype(element_type)))

    @classmethod
    def ort_value_from_sparse_tensor(cls, sparse_tensor: Any) -> OrtValue:
        """Raises: Onyx takes dense tensors."""
        raise NotImplemented("Onyx takes dense tensors; convert the sparse one.")

    @classmethod
    def from_dlpack(cls, data: Any, is_bool_tensor: bool = False) -> OrtValue:
        """A tensor of another library, over its memory."""
        array = np.from_dlpack(data)
        return cls(array.view(np.bool_) if is_bool_tensor else array)

    def __dlpack__(self, **arguments: Any) -> Any:
        return self.numpy().__dlpack__(**arguments)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.numpy().__dlpack_device__()

    def to_dlpack(self) -> Any:
        """A capsule for other libraries, over the memory of the tensor."""
        return self.numpy().__dlpack__()

    def numpy(self) -> np.ndarray:
        """The tensor as an array over its memory; raises for other values."""
        if not isinstance(self._content, np.ndarray):
            raise InvalidArgument(f"The value is a {self.data_type()}, no tensor.")
        return self._content

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        array = self.numpy()
        return array if dtype is None or dtype == array.dtype else array.astype(dtype)

    def shape(self) -> list[int]:
        """Extents of the tensor."""
        return list(self.numpy().shape)

    def element_type(self) -> int:
        """TensorProto.DataType of the tensor."""
        return number_of(self.numpy().dtype)

    def data_type(self) -> str:
        """ "tensor(float)", "seq(…)"."""
        if isinstance(self._content, np.ndarray):
            return f"tensor({type_name(number_of(self._content.dtype))})"
        if isinstance(self._content, (list, tuple)):
            inner = OrtValue(self._content[0]).data_type() if self._content else "tensor(float)"
            return f"seq({inner})"
        return "map" if isinstance(self._content, dict) else "optional" if self._content is None else type(self._content).__name__

    def is_tensor(self) -> bool:
        """Whether it is a tensor."""
        return isinstance(self._content, np.ndarray)

    def is_tensor_sequence(self) -> bool:
        """Whether it is a sequence of tensors."""
        return isinstance(self._content, (list, tuple)) and not any(isinstance(item, dict) for item in self._content)

    def is_sparse_tensor(self) -> bool:
        """False: tensors are dense."""
        return False

    def has_value(self) -> bool:
        """Whether it holds something."""
        return self._content is not None

    def data_ptr(self) -> int:
        """The address of the elements."""
        return self.numpy().ctypes.data

    def tensor_size_in_bytes(self) -> int:
        """Bytes of the elements."""
        return self.numpy().nbytes

    def device_name(self) -> str:
        """ "cpu"."""
        return "cpu"

    def update_inplace(self, np_arr: np.ndarray) -> None:
        """Writes the elements of an array of the same type and shape."""
        array = self.numpy()
        if np_arr.shape != array.shape or np_arr.dtype != array.dtype:
            raise InvalidArgument(f"The value is {array.dtype}{list(array.shape)}, the array {np_arr.dtype}{list(np_arr.shape)}.")
        array[...] = np_arr


class IOBinding:
    """Inputs and outputs that are bound to a session, for `run_with_iobinding`."""

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._inputs: dict[str, Any] = {}
        self._outputs: dict[str, np.ndarray | None] = {}
        self._results: list[Any] = []

    def bind_cpu_input(self, name: str, arr_on_cpu: Any) -> None:
        """Binds an array; it is read in each run, and must stay as it is while one goes on."""
        self._inputs[name] = arr_on_cpu

    def bind_ortvalue_input(self, name: str, ortvalue: OrtValue) -> None:
        """Binds a value."""
        self._inputs[name] = ortvalue

    def bind_input(self, name: str, device_type: str, device_id: int, element_type: Any, shape: Any, buffer_ptr: int) -> None:
        """Binds memory at an address of this process, which must live as long as the binding."""
        _on_cpu(device_type)
        self._inputs[name] = _array_at(buffer_ptr, element_type, shape)

    def bind_output(
        self,
        name: str,
        device_type: str = "cpu",
        device_id: int = 0,
        element_type: Any = None,
        shape: Any = None,
        buffer_ptr: int | None = None,
    ) -> None:
        """Asks for an output, which is written to `buffer_ptr` where one is given."""
        _on_cpu(device_type)
        self._outputs[name] = None if buffer_ptr is None else _array_at(buffer_ptr, element_type, shape)

    def bind_ortvalue_output(self, name: str, ortvalue: OrtValue) -> None:
        """Asks for an output, which is written to the memory of the value."""
        self._outputs[name] = ortvalue.numpy()

    def synchronize_inputs(self) -> None:
        """Nothing: all memory is the CPU's."""

    def synchronize_outputs(self) -> None:
        """Nothing: all memory is the CPU's."""

    def clear_binding_inputs(self) -> None:
        """Forgets the inputs."""
        self._inputs.clear()

    def clear_binding_outputs(self) -> None:
        """Forgets the outputs."""
        self._outputs.clear()
        self._results = []

    def get_outputs(self) -> list[OrtValue]:
        """The outputs of the last run, in the order in which they were bound."""
        return [OrtValue(result) for result in self._results]

    get_outputs_as_ortvaluevector = get_outputs

    def copy_outputs_to_cpu(self) -> list[Any]:
        """The outputs of the last run, as `run` returns them."""
        return list(self._results)

    def _run(self, run_options: Any) -> None:
        results = self._session.run(list(self._outputs) or None, self._inputs, run_options)
        for index, (name, target) in enumerate(self._outputs.items()):
            if target is None:
                continue
            if results[index].shape != target.shape or results[index].dtype != target.dtype:
                raise InvalidArgument(
                    f"The output '{name}' is {results[index].dtype}{list(results[index].shape)}, "
                    f"and {target.dtype}{list(target.shape)} was bound."
                )
            target[...] = results[index]
            results[index] = target
        self._results = results


def _array_at(address: int, element_type: Any, shape: Any) -> np.ndarray:
    """An array over memory of this process."""
    import ctypes

    if isinstance(element_type, str) and number_of_name(element_type):
        element_type = number_of_name(element_type)
    dtype = dtype_of(element_type) if isinstance(element_type, int) else np.dtype(element_type)
    count = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    memory = memoryview((ctypes.c_uint8 * count).from_address(address))
    array: np.ndarray = np.frombuffer(memory, dtype=np.uint8).view(dtype)
    return array.reshape(tuple(shape))
