"""Onyx under the name of onnxruntime, for code that imports that name."""

from __future__ import annotations

import importlib.machinery
import sys
import types
from typing import Any

ONNXRUNTIME_VERSION = "1.32.0"
"""The version of onnxruntime whose names and results Onyx is compared with."""

_REASONS = {
    "quantization": "onnxruntime.quantization rewrites models; use it from onnxruntime, and run what it writes with Onyx.",
    "transformers": "onnxruntime.transformers rewrites models; use it from onnxruntime, and run what it writes with Onyx.",
    "tools": "The tools of onnxruntime are not here.",
    "training": "Onyx does not train.",
    "ModelCompiler": "Onyx compiles nothing ahead of a session.",
    "set_global_thread_pool_sizes": "Each session has threads of its own: InferenceSession(path, threads=2).",
    "set_default_logger_callback": "Onyx writes no log.",
    "copy_tensors": "All tensors are in the memory of the CPU.",
    "preload_dlls": "Onyx has nothing to load beforehand.",
    "print_debug_info": "Onyx says its version by get_build_info().",
}
# Groups of names with one reason.
_GROUPS = {
    "Onyx takes dense tensors.": "SparseTensor OrtSparseFormat",
    "Onyx has no LoRA adapters.": "LoraAdapter AdapterFormat",
    "Onyx runs on CPUs only, and has no devices and no execution providers to choose or to load.": """OrtDevice OrtDeviceMemoryType
        OrtDeviceVendorId OrtEpAssignedNode OrtEpAssignedSubgraph OrtEpContextData OrtEpContextDataBuffer OrtEpDevice
        OrtExecutionProviderDevicePolicy OrtHardwareDevice OrtHardwareDeviceType OrtMemoryInfoDeviceType OrtSyncStream
        cuda_version get_ep_devices has_collective_ops register_execution_provider_library unregister_execution_provider_library""",
    "Onyx asks the C library for memory; memory_budget=... of InferenceSession limits what a run may take.": """OrtMemoryInfo OrtArenaCfg
        OrtMemType OrtAllocatorType create_and_register_allocator create_and_register_allocator_v2""",
    "Onyx reads ONNX files and compiles nothing ahead of a session.": """OrtCompileApiFlags ModelPackage ModelPackageComponentContext
        ModelPackageContext ModelPackageOptions ModelPackageWriteMode OrtExternalInitializerInfo""",
    "io_binding() of a session makes one.": "SessionIOBinding",
}
_REASONS.update({name: reason for reason, names in _GROUPS.items() for name in names.split()})


def reason_for(name: str) -> str | None:
    """Why Onyx lacks a name of onnxruntime; None for what onnxruntime has not either."""
    return _REASONS.get(name)


def install_as_onnxruntime() -> types.ModuleType:
    """Makes `import onnxruntime` give Onyx, in this process, for code that was not written for it. Returns the module.

    To be called before that code is imported. The module says onnxruntime's version, against which others compare. Raises RuntimeError
    when onnxruntime was imported before.
    """
    import onyx

    from . import capi

    present = sys.modules.get("onnxruntime")
    if present is not None and not getattr(present, "_is_onyx", False):
        raise RuntimeError("onnxruntime was imported before. Call onyx.install_as_onnxruntime() first.")
    module = types.ModuleType("onnxruntime", onyx.__doc__)
    module.__dict__.update({name: getattr(onyx, name) for name in onyx.__all__})
    module.__dict__.update(
        _is_onyx=True,
        __version__=ONNXRUNTIME_VERSION,
        __path__=[],
        __spec__=importlib.machinery.ModuleSpec("onnxruntime", None, is_package=True),
        capi=capi,
    )

    def missing(name: str) -> Any:
        raise AttributeError(reason_for(name) or f"module 'onnxruntime', which is Onyx, has no attribute '{name}'")

    module.__dict__["__getattr__"] = missing
    sys.modules["onnxruntime"] = module
    for name in capi.MODULES:
        sys.modules["onnxruntime." + name] = sys.modules["onyx." + name]
    return module
