"""Options of sessions and runs, with onnxruntime's names."""

from __future__ import annotations

import enum
import warnings
from typing import Any

from . import _onyx
from ._errors import NotImplemented

__all__ = ["ExecutionMode", "ExecutionOrder", "GraphOptimizationLevel", "RunOptions", "SessionOptions"]


class GraphOptimizationLevel(enum.IntEnum):
    """How far a graph is rewritten. Onyx has three levels: none, canonical forms (BASIC), and all."""

    ORT_DISABLE_ALL = 0
    ORT_ENABLE_BASIC = 1
    ORT_ENABLE_EXTENDED = 2
    ORT_ENABLE_LAYOUT = 3
    ORT_ENABLE_ALL = 99


class ExecutionMode(enum.IntEnum):
    """Onyx runs nodes one after the other, each on all threads; the choice changes nothing."""

    ORT_SEQUENTIAL = 0
    ORT_PARALLEL = 1


class ExecutionOrder(enum.IntEnum):
    """The order of nodes that do not wait for each other; it changes no result."""

    DEFAULT = 0
    PRIORITY_BASED = 1
    MEMORY_EFFICIENT = 2


_OPTIMIZATIONS = {
    GraphOptimizationLevel.ORT_DISABLE_ALL: "none",
    GraphOptimizationLevel.ORT_ENABLE_BASIC: "canonical",
    GraphOptimizationLevel.ORT_ENABLE_EXTENDED: "full",
    GraphOptimizationLevel.ORT_ENABLE_LAYOUT: "full",
    GraphOptimizationLevel.ORT_ENABLE_ALL: "full",
}

# Options of onyx.h, which InferenceSession takes as keywords and SessionOptions as "onyx.NAME".
ONYX_OPTIONS = (
    "threads",
    "memory_budget",
    "tensor_limit",
    "node_limit",
    "nesting_limit",
    "iteration_limit",
    "deadline",
    "seed",
    "optimization",
    "instruction_set",
    "precision",
    "winograd",
    "flush_denormals",
    "weight_cache",
    "disable_kernel",
    "disable_rewrite",
)

# Entries that choose how, not what, onnxruntime computes.
_ENTRIES_WITHOUT_EFFECT = (
    "session.intra_op",
    "session.inter_op",
    "session.use_env_allocators",
    "session.use_device_allocator",
    "session.use_ort_model_bytes",
    "session.disable_prepacking",
    "session.dynamic_block_base",
    "session.force_spinning_stop",
    "session.qdq",
    "session.disable_quant_qdq",
    "session.enable_quant_qdq",
    "session.disable_double_qdq",
    "session.disable_aot_function_inlining",
    "session.strict_shape_type_inference",
    "session.allow_released_opsets_only",
    "session.disable_cpu_ep_fallback",
    "session.model_external_initializers_file_folder_path",
    "memory.",
    "mlas.",
    "optimization.",
    "ep.",
    "session.save_",
)


class SessionOptions:
    """Options of a session.

    `intra_op_num_threads` (0: the processors of the machine or container) and `graph_optimization_level` choose what Onyx has, too; those
    that tell onnxruntime how to use memory and threads are kept and change nothing. `add_session_config_entry("onyx.NAME", text)` sets an
    option of Onyx: threads, memory_budget, tensor_limit, node_limit, nesting_limit, iteration_limit, deadline, seed, optimization,
    instruction_set, precision, winograd, flush_denormals, disable_kernel, disable_rewrite. What would change the result and is not there
    raises when it is set.
    """

    def __init__(self) -> None:
        self.intra_op_num_threads: int = 0
        self.inter_op_num_threads: int = 0
        self.graph_optimization_level: GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL
        self.execution_mode: ExecutionMode = ExecutionMode.ORT_SEQUENTIAL
        self.execution_order: ExecutionOrder = ExecutionOrder.DEFAULT
        self.enable_cpu_mem_arena: bool = True
        self.enable_mem_pattern: bool = True
        self.enable_mem_reuse: bool = True
        self.use_deterministic_compute: bool = True
        self.log_severity_level: int = -1
        self.log_verbosity_level: int = 0
        self.logid: str = ""
        self.profile_file_prefix: str = ""
        self._entries: dict[str, str] = {}

    @property
    def enable_profiling(self) -> bool:
        """Always False: see `onyx profile` of the command line."""
        return False

    @enable_profiling.setter
    def enable_profiling(self, value: bool) -> None:
        if value:
            raise NotImplemented("Onyx writes no onnxruntime profile. 'onyx profile MODEL' of the command line times each step.")

    @property
    def optimized_model_filepath(self) -> str:
        """Always empty: Onyx writes no optimized model."""
        return ""

    @optimized_model_filepath.setter
    def optimized_model_filepath(self, value: str) -> None:
        if value:
            raise NotImplemented("Onyx writes no optimized model: its optimized graphs hold operators of its own.")

    def add_session_config_entry(self, key: str, value: str) -> None:
        """Sets "onyx.NAME", or keeps an entry of onnxruntime that changes no result; warns of others."""
        if key == "session.load_model_format" and value.upper() == "ORT":
            raise NotImplemented("Onyx reads ONNX files, not those of the ORT format.")
        if key == "session.set_denormal_as_zero":
            self._entries["onyx.flush_denormals"] = "true" if value == "1" else "false"
            return
        if key.startswith("onyx."):
            if key[5:] not in ONYX_OPTIONS:
                raise NotImplemented(f"Onyx has no option '{key[5:]}'. There are: {', '.join(ONYX_OPTIONS)}.")
        elif not key.startswith(_ENTRIES_WITHOUT_EFFECT):
            warnings.warn(f"Onyx does not know the entry '{key}' and goes on without it.", stacklevel=2)
        self._entries[key] = str(value)

    def get_session_config_entry(self, key: str) -> str:
        """What was set for the key; raises for one that was not."""
        if key not in self._entries:
            raise RuntimeError(f"SessionOptions have no entry '{key}'.")
        return self._entries[key]

    def has_providers(self) -> bool:
        """False: the only one is Onyx."""
        return False

    def add_free_dimension_override_by_name(self, name: str, value: int) -> None:
        """Raises: Onyx makes a plan for each shape that it is given."""
        raise NotImplemented("Onyx makes a plan for each shape that it is given; a free dimension needs no override.")

    add_free_dimension_override_by_denotation = add_free_dimension_override_by_name

    def register_custom_ops_library(self, path: str) -> None:
        """Raises: operators of onnxruntime's libraries are compiled against its own interface."""
        raise NotImplemented("Onyx cannot load operators that are compiled against onnxruntime.")

    def add_initializer(self, name: str, value: Any) -> None:
        """Raises: write the initializer into the model."""
        raise NotImplemented("Onyx takes initializers from the model only.")

    def add_external_initializers(self, names: Any, values: Any) -> None:
        """Raises: write the initializers into the model."""
        raise NotImplemented("Onyx takes initializers from the model only.")

    def _onyx_options(self) -> list[tuple[str, str]]:
        """Options for the library."""
        level = GraphOptimizationLevel(self.graph_optimization_level)
        options = [("optimization", _OPTIMIZATIONS[level])]
        if self.intra_op_num_threads > 0:
            options.append(("threads", str(self.intra_op_num_threads)))
        options += [(key[5:], value) for key, value in self._entries.items() if key.startswith("onyx.")]
        return options


class RunOptions:
    """Options of a run. Setting `terminate` ends the runs that have them, from any thread."""

    def __init__(self) -> None:
        self.log_severity_level: int = -1
        self.log_verbosity_level: int = 0
        self.logid: str = ""
        self.tag: str = ""
        self.only_execute_path_to_fetches: bool = False
        self.training_mode: bool = False
        self._entries: dict[str, str] = {}
        self._control = _onyx.Control()
        self._is_terminated = False

    @property
    def terminate(self) -> bool:
        """Whether runs with these options end before their next step, with `BudgetExceeded`."""
        return self._is_terminated

    @terminate.setter
    def terminate(self, value: bool) -> None:
        if value:
            self._control.cancel()
        elif self._is_terminated:
            self._control = _onyx.Control()
        self._is_terminated = bool(value)

    def add_run_config_entry(self, key: str, value: str) -> None:
        """Kept; it changes nothing."""
        self._entries[key] = value

    def get_run_config_entry(self, key: str) -> str:
        """What was set for the key; raises for one that was not."""
        if key not in self._entries:
            raise RuntimeError(f"RunOptions have no entry '{key}'.")
        return self._entries[key]

    def add_active_adapter(self, adapter: Any) -> None:
        """Raises: Onyx has no adapters."""
        raise NotImplemented("Onyx has no LoRA adapters.")
