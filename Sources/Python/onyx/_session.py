"""Sessions with onnxruntime's interface, and what they can besides."""

from __future__ import annotations

import asyncio
import json
import os
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import _onyx
from ._attention import Attention, BlockAttention
from ._binding import IOBinding, OrtValue
from ._errors import InvalidArgument, NotImplemented
from ._model import Coverage, Summary
from ._options import ONYX_OPTIONS, RunOptions, SessionOptions
from ._types import TENSOR, onnxruntime_type

__all__ = ["InferenceSession", "ModelMetadata", "NodeArg", "get_all_providers", "get_available_providers"]

PROVIDER = "CPUExecutionProvider"

_warned: set[str] = set()


class NodeArg(NamedTuple):
    """An input or output of a model."""

    name: str
    """Its name."""
    type: str
    """ "tensor(float)", "seq(tensor(int64))"; "" where the model does not say it."""
    shape: list[int | str | None]
    """A number, the name of a symbol, or None for each axis; empty where the rank is not known."""

    def __str__(self) -> str:
        return f"NodeArg(name='{self.name}', type='{self.type}', shape={self.shape})"


class ModelMetadata:
    """What a model file says of itself."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.producer_name: str = facts["producer"]
        self.producer_version: str = facts["producerVersion"]
        self.domain: str = facts["domain"]
        self.version: int = facts["version"]
        self.description: str = facts["documentation"]
        self.graph_name: str = facts["graph"]
        self.custom_metadata_map: dict[str, str] = facts["properties"]
        self.ir_version: int = facts["irVersion"]
        self.opsets: dict[str, int] = facts["opsets"]

    @property
    def graph_description(self) -> str:
        """Raises: Onyx does not keep it."""
        raise NotImplemented("Onyx does not keep the description of a graph; 'description' is that of the model.")


def get_available_providers() -> list[str]:
    """["CPUExecutionProvider"]: by that name code for onnxruntime finds Onyx."""
    return [PROVIDER]


get_all_providers = get_available_providers


def _check_providers(providers: Any, stacklevel: int) -> None:
    for provider in providers or ():
        name = provider[0] if isinstance(provider, (tuple, list)) else provider
        if name != PROVIDER and name not in _warned:
            _warned.add(name)
            warnings.warn(f"Onyx runs on CPUs and goes on without the provider '{name}'.", stacklevel=stacklevel + 1)


class InferenceSession(_onyx.Session):
    """A model that is ready to run.

    path_or_bytes: a path, a `pathlib.Path`, the bytes of a model, or an `onnx.ModelProto`.
    sess_options: threads and optimizations.
    providers, provider_options: taken for the sake of onnxruntime's callers. Onyx is the one provider; others are told of once.
    threads, memory_budget, tensor_limit, node_limit, nesting_limit, iteration_limit, deadline, seed, optimization, instruction_set, precision,
    winograd, flush_denormals, weight_cache, disable_kernel, disable_rewrite: options of Onyx, as onyx.h has them.

    Several threads may run a session at once. It can be pickled (by its path, or with its bytes), and goes on in forked processes.
    """

    def __init__(
        self,
        path_or_bytes: str | bytes | os.PathLike[str] | Any,
        sess_options: SessionOptions | None = None,
        providers: Sequence[str | tuple[str, dict[Any, Any]]] | None = None,
        provider_options: Sequence[dict[Any, Any]] | None = None,
        **options: Any,
    ) -> None:
        if sess_options is not None and not isinstance(sess_options, SessionOptions):
            raise TypeError(f"sess_options are no SessionOptions but {type(sess_options).__name__}.")
        if options.pop("disabled_optimizers", None):
            raise NotImplemented("Onyx has none of onnxruntime's optimizers; disable_rewrite=… turns one of its own off.")
        options.pop("enable_fallback", None)
        unknown = [name for name in options if name not in ONYX_OPTIONS]
        if unknown:
            raise TypeError(f"InferenceSession has no option '{unknown[0]}'. Besides onnxruntime's there are: {', '.join(ONYX_OPTIONS)}.")
        _check_providers(providers, stacklevel=2)
        self._sess_options = sess_options or SessionOptions()
        self._options = self._sess_options._onyx_options() + [_text_option(*item) for item in options.items()]
        folder = self._sess_options._entries.get("session.model_external_initializers_file_folder_path")
        self._open(_source(path_or_bytes), folder)

    def _open(self, source: str | bytes, folder: str | None) -> None:
        self._source, self._folder = source, folder
        if isinstance(source, str):
            self._open_path(os.fsencode(source), self._options)
        else:
            self._open_bytes(source, folder, self._options)
        self._model_path: str = source if isinstance(source, str) else ""
        self._input_ports = self._ports(True)
        self._output_ports = self._ports(False)
        self._unnamed = {f"{port[0]}.{axis}" for port in self._input_ports for axis in range(len(port[4] or ()))}

    # ---- What the model is ----

    def get_inputs(self) -> list[NodeArg]:
        """The inputs without a default, in the order of the model."""
        return [_node_arg(port, self._unnamed) for port in self._input_ports if not port[5]]

    def get_outputs(self) -> list[NodeArg]:
        """The outputs in the order of the model."""
        return [_node_arg(port, self._unnamed) for port in self._output_ports]

    def get_overridable_initializers(self) -> list[NodeArg]:
        """The inputs that have a default."""
        return [_node_arg(port, self._unnamed) for port in self._input_ports if port[5]]

    def get_modelmeta(self) -> ModelMetadata:
        """Producer, version and properties of the model file."""
        return ModelMetadata(json.loads(self._report("metadata")))

    def summary(self) -> Summary:
        """Nodes, shapes, parameters, multiply-accumulates, modules and attention blocks; as a text by `str()`, as a page in notebooks."""
        return Summary(json.loads(self._report("summary")), self._report("summary_text"))

    def coverage(self) -> Coverage:
        """The operators of the model, for which element types Onyx has them and for which it is fast."""
        return Coverage(json.loads(self._report("coverage")), self._report("coverage_text"))

    def get_session_options(self) -> SessionOptions:
        """The options that the session was made with."""
        return self._sess_options

    def get_providers(self) -> list[str]:
        """["CPUExecutionProvider"]."""
        return [PROVIDER]

    def get_provider_options(self) -> dict[str, dict[str, str]]:
        """No options of the one provider."""
        return {PROVIDER: {}}

    def set_providers(self, providers: Any = None, provider_options: Any = None) -> None:
        """Nothing: Onyx is the one provider; others are told of once."""
        _check_providers(providers, stacklevel=2)

    def disable_fallback(self) -> None:
        """Nothing: there is no other provider to fall back to."""

    def enable_fallback(self) -> None:
        """Nothing: there is no other provider to fall back to."""

    def end_profiling(self) -> str:
        """Raises: Onyx writes no onnxruntime profile."""
        raise NotImplemented("Onyx writes no onnxruntime profile. 'onyx profile MODEL' of the command line times each step.")

    def get_profiling_start_time_ns(self) -> int:
        """Raises: Onyx writes no onnxruntime profile."""
        return int(self.end_profiling())

    # ---- Runs ----

    async def _run_later(self, names: Any, feed: Any, options: RunOptions, fetch: Any) -> list[Any]:
        # Once the thread has begun it cannot be interrupted, but the run ends before its next step.
        work = asyncio.get_running_loop().run_in_executor(None, lambda: self.run(names, feed, options, fetch=fetch))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            options.terminate = True
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()
            raise

    def run_async(
        self,
        output_names: Sequence[str] | None,
        input_feed: dict[str, Any],
        callback: Callable[[Any, Any, str], None] | None = None,
        user_data: Any = None,
        run_options: RunOptions | None = None,
        *,
        fetch: Sequence[str] | str | None = None,
    ) -> Any:
        """`await session.run_async(None, feed)` runs the model on another thread and returns what `run` returns.

        Cancelling the task ends the run before its next step. With onnxruntime's `callback` nothing is to be awaited: it is called on
        another thread with the outputs, `user_data` and an error text, which is empty when all went well.
        """
        if callback is None:
            return self._run_later(output_names, input_feed, run_options or RunOptions(), fetch)
        import threading

        def work() -> None:
            try:
                results, error = self.run(output_names, input_feed, run_options, fetch=fetch), ""
            except Exception as failure:
                results, error = [], str(failure)
            callback(results, user_data, error)

        threading.Thread(target=work, name="onyx run_async").start()
        return None

    def run_with_ort_values(
        self, output_names: Sequence[str] | None, input_dict_ort_values: dict[str, OrtValue], run_options: RunOptions | None = None
    ) -> list[OrtValue]:
        """As `run`, of values to values."""
        return [OrtValue(result) for result in self.run(output_names, input_dict_ort_values, run_options)]

    def io_binding(self) -> IOBinding:
        """Inputs and outputs to bind, for `run_with_iobinding`."""
        return IOBinding(self)

    def run_with_iobinding(self, iobinding: IOBinding, run_options: RunOptions | None = None) -> None:
        """Runs the model on what is bound."""
        iobinding._run(run_options)

    def attention(self, input_feed: dict[str, Any]) -> Attention:
        """Runs the model once and returns its attention blocks with their gates and maps as arrays, in the order of the graph."""
        blocks = json.loads(self._attention(input_feed))
        names = list(dict.fromkeys(name for block in blocks for name in block["gates"] + block["maps"]))
        values: dict[str, np.ndarray] = {}
        if names:
            outputs = [self._output_ports[0][0]]
            values = dict(zip(outputs + names, self.run(outputs, input_feed, fetch=names)))
        return Attention(
            BlockAttention(block, [values[name] for name in block["gates"]], [values[name] for name in block["maps"]]) for block in blocks
        )

    # ---- As an object of Python ----

    def __enter__(self) -> InferenceSession:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made of: the path or the bytes of the model, the options, and what else the object was given."""
        if isinstance(self._source, str):
            return {**self.__dict__, "_source": os.path.abspath(self._source)}
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open(self._source, self._folder)

    def __repr__(self) -> str:
        if self.closed:
            return "<onyx.InferenceSession, closed>"
        name = os.path.basename(self._model_path) or "of bytes"
        return f"<onyx.InferenceSession {name}: {_list(self._input_ports)} → {_list(self._output_ports)}, {self.thread_count} threads>"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def _list(ports: list[Any]) -> str:
    return ", ".join(port[0] for port in ports[:3]) + (", …" if len(ports) > 3 else "")


def _text_option(name: str, value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return name, "true" if value else "false"
    return name, str(value)


def _source(given: Any) -> str | bytes:
    """A path or the bytes of a model."""
    if isinstance(given, (bytes, bytearray, memoryview)):
        return bytes(given)
    if isinstance(given, (str, os.PathLike)):
        return os.fspath(given)
    if hasattr(given, "SerializeToString"):
        return bytes(given.SerializeToString())
    if hasattr(given, "read"):
        return bytes(given.read())
    raise InvalidArgument(f"A model is a path, bytes or an onnx.ModelProto, not {type(given).__name__}.")


def _node_arg(port: tuple[Any, ...], unnamed: set[str]) -> NodeArg:
    name, text, kind, _, shape, _ = port
    extents = [None if isinstance(extent, str) and _is_unnamed(extent, unnamed) else extent for extent in shape or ()]
    return NodeArg(name, "" if text == "unknown" else onnxruntime_type(text), extents if kind == TENSOR else [])


def _is_unnamed(extent: str, unnamed: set[str]) -> bool:
    """Whether an extent is, or is computed of, one that the model gives no name; Onyx calls those "input.axis"."""
    return extent in unnamed or any(part in unnamed for part in re.split(r"[^\w.]+", extent))
