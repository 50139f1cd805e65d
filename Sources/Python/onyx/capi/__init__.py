"""Modules of onnxruntime that code imports by name."""

from . import _pybind_state, onnxruntime_inference_collection, onnxruntime_pybind11_state

MODULES = ("capi", "capi._pybind_state", "capi.onnxruntime_pybind11_state", "capi.onnxruntime_inference_collection")

__all__ = ["MODULES", "_pybind_state", "onnxruntime_inference_collection", "onnxruntime_pybind11_state"]
