"""Onyx: runs ONNX models on CPUs, and shows what their attention does.

`InferenceSession` has onnxruntime's interface: `import onyx as onnxruntime` is enough for most code, and `install_as_onnxruntime()` serves
code that imports the other name. What Onyx lacks raises with the reason.
"""

from __future__ import annotations

import os
from typing import Any

from . import _attention, _binding, _errors, _images, _model, _onyx, _options, _session
from ._attention import *  # noqa: F403
from ._binding import *  # noqa: F403
from ._drop_in import ONNXRUNTIME_VERSION, install_as_onnxruntime, reason_for
from ._errors import *  # noqa: F403
from ._images import *  # noqa: F403
from ._model import *  # noqa: F403
from ._options import *  # noqa: F403
from ._session import *  # noqa: F403
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
    raise _errors.NotImplemented("Give InferenceSession the seed: InferenceSession(path, seed=1).")


def enable_telemetry_events() -> None:
    """Nothing: Onyx has no telemetry."""


def disable_telemetry_events() -> None:
    """Nothing: Onyx has no telemetry."""


def __getattr__(name: str) -> Any:
    reason = reason_for(name)
    raise AttributeError(reason or f"module 'onyx' has no attribute '{name}'")


__all__ = [
    "ONNXRUNTIME_VERSION",
    "__version__",
    "capi",
    "disable_telemetry_events",
    "enable_telemetry_events",
    "get_build_info",
    "get_device",
    "get_version_string",
    "install_as_onnxruntime",
    "set_default_logger_severity",
    "set_default_logger_verbosity",
    "set_seed",
]
__all__ += _attention.__all__
__all__ += _binding.__all__
__all__ += _errors.__all__
__all__ += _images.__all__
__all__ += _model.__all__
__all__ += _options.__all__
__all__ += _session.__all__
