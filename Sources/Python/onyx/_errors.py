"""Errors, with the names that onnxruntime has for them."""

from __future__ import annotations

__all__ = [
    "BudgetExceeded",
    "EPFail",
    "EngineError",
    "Fail",
    "InvalidArgument",
    "InvalidGraph",
    "InvalidProtobuf",
    "ModelLoaded",
    "NoModel",
    "NoSuchFile",
    "NotImplemented",
    "OnyxError",
    "RuntimeException",
]


class OnyxError(Exception):
    """What went wrong, at which node, and what to do about it. `code` is that of the command line and of onyx.h."""

    code = 70


class InvalidArgument(OnyxError, ValueError):
    """A wrong name, shape, type or option."""

    code = 64


class InvalidGraph(OnyxError):
    """The model or a tensor breaks the ONNX format or its rules."""

    code = 65


class InvalidProtobuf(InvalidGraph):
    """The file is no ONNX model."""


class NoSuchFile(OnyxError, FileNotFoundError):
    """A file is not there or cannot be read."""

    code = 66

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class NotImplemented(OnyxError, NotImplementedError):  # noqa: A001: the name is onnxruntime's
    """Valid ONNX, or a part of onnxruntime's interface, that Onyx lacks."""

    code = 69


class RuntimeException(OnyxError, RuntimeError):
    """A run failed."""


class BudgetExceeded(RuntimeException):
    """A budget of memory or time was exceeded, or the run was cancelled."""

    code = 75


class Fail(OnyxError):
    """For code that catches it: Onyx raises a more special one."""


class NoModel(OnyxError):
    """For code that catches it: Onyx raises a more special one."""


class EngineError(OnyxError):
    """For code that catches it: Onyx raises a more special one."""


class ModelLoaded(OnyxError):
    """For code that catches it: Onyx raises a more special one."""


class EPFail(OnyxError):
    """For code that catches it: Onyx raises a more special one."""


_classes = {64: InvalidArgument, 65: InvalidGraph, 66: NoSuchFile, 69: NotImplemented, 70: RuntimeException, 75: BudgetExceeded}


def exception(code: int, message: str) -> OnyxError:
    """The exception for a code of the library."""
    kind = _classes.get(code, RuntimeException)
    if code == 65 and ("is no ONNX model" in message or "is no valid ONNX model" in message):
        kind = InvalidProtobuf
    made = kind(message)
    made.code = code
    return made
