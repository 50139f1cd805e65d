"""Sessions and values under the name where onnxruntime has them."""

from .._binding import IOBinding, OrtValue
from .._session import InferenceSession

__all__ = ["IOBinding", "InferenceSession", "OrtValue"]
