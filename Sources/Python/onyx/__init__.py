"""Onyx: runs ONNX models on CPUs, and shows what their attention does.

`InferenceSession` has onnxruntime's interface: `import onyx as onnxruntime` is enough for most code, and `install_as_onnxruntime()` serves
code that imports the other name. What Onyx lacks raises with the reason.
"""

from __future__ import annotations

import os
from typing import Any

from . import _onyx
from ._attention import Attention, BlockAttention
from ._binding import IOBinding, OrtValue
from ._drop_in import ONNXRUNTIME_VERSION, install_as_onnxruntime, reason_for
from ._errors import (
    BudgetExceeded,
    EngineError,
    EPFail,
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    ModelLoaded,
    NoModel,
    NoSuchFile,
    NotImplemented,
    OnyxError,
    RuntimeException,
)
from ._model import Coverage, Model, Summary
from ._options import ExecutionMode, ExecutionOrder, GraphOptimizationLevel, RunOptions, SessionOptions
from ._session import InferenceSession, ModelMetadata, NodeArg, get_all_providers, get_available_providers
from ._types import configure
from . import capi

__version__: str = _onyx.version()

configure()
# A fork waits for the runs that go on, so that no lock of the library is held in the child; there, sessions start threads of their own.
os.register_at_fork(before=_onyx._before_fork, after_in_child=_onyx._after_fork_in_child)


def get_device() -> str:
    """ "CPU"."""
    return "CPU"


def get_version_string() -> str:
    """The version of Onyx."""
    return __version__


def get_build_info() -> str:
    """What runs."""
    return f"Onyx {__version__}"


def set_default_logger_severity(severity: int) -> None:
    """Nothing: Onyx writes no log."""


def set_default_logger_verbosity(verbosity: int) -> None:
    """Nothing: Onyx writes no log."""


def set_seed(seed: int) -> None:
    """Raises: seed=… of InferenceSession sets the seed of a session's random operators."""
    raise NotImplemented("Give InferenceSession the seed: InferenceSession(path, seed=1).")


def enable_telemetry_events() -> None:
    """Nothing: Onyx has no telemetry."""


def disable_telemetry_events() -> None:
    """Nothing: Onyx has no telemetry."""


def __getattr__(name: str) -> Any:
    reason = reason_for(name)
    raise AttributeError(reason or f"module 'onyx' has no attribute '{name}'")


__all__ = [
    "ONNXRUNTIME_VERSION",
    "Attention",
    "BlockAttention",
    "BudgetExceeded",
    "Coverage",
    "EPFail",
    "EngineError",
    "ExecutionMode",
    "ExecutionOrder",
    "Fail",
    "GraphOptimizationLevel",
    "IOBinding",
    "InferenceSession",
    "InvalidArgument",
    "InvalidGraph",
    "InvalidProtobuf",
    "Model",
    "ModelLoaded",
    "ModelMetadata",
    "NoModel",
    "NoSuchFile",
    "NodeArg",
    "NotImplemented",
    "OnyxError",
    "OrtValue",
    "RunOptions",
    "RuntimeException",
    "SessionOptions",
    "Summary",
    "__version__",
    "capi",
    "disable_telemetry_events",
    "enable_telemetry_events",
    "get_all_providers",
    "get_available_providers",
    "get_build_info",
    "get_device",
    "get_version_string",
    "install_as_onnxruntime",
    "set_default_logger_severity",
    "set_default_logger_verbosity",
    "set_seed",
]
