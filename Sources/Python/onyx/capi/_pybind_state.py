"""The same names under another one that onnxruntime has for them."""

from .onnxruntime_pybind11_state import *  # noqa: F403
