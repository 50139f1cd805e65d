"""Code that was written for onnxruntime, on Onyx."""

import subprocess
import sys
import textwrap

import onnxruntime
import onyx
import pytest

# By their use in 66 packages of PyPI that import onnxruntime; the rest of its names raise with a reason.
USED = """InferenceSession SessionOptions get_available_providers GraphOptimizationLevel get_device ExecutionMode __version__
set_default_logger_severity OrtValue RunOptions NodeArg ModelMetadata IOBinding disable_telemetry_events get_all_providers
capi.onnxruntime_pybind11_state.Fail capi.onnxruntime_pybind11_state.InvalidArgument capi.onnxruntime_pybind11_state.NoSuchFile
capi.onnxruntime_pybind11_state.InvalidProtobuf capi.onnxruntime_pybind11_state.InvalidGraph capi.onnxruntime_pybind11_state.NotImplemented
capi.onnxruntime_pybind11_state.RuntimeException capi._pybind_state.get_available_providers""".split()


def find(module, path):
    for name in path.split("."):
        module = getattr(module, name)
    return module


@pytest.mark.parametrize("name", USED)
def test_names_that_packages_use_are_there(name):
    assert find(onnxruntime, name) is not None and find(onyx, name) is not None


def public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


# Devices, other providers, and tuning of onnxruntime's kernels: docs/from-onnxruntime.md.
LACKING = {
    "InferenceSession": """create_ortvalue_from_shape_and_type get_input_epdevices get_input_memory_infos get_output_memory_infos
        get_provider_graph_assignment_info get_tuning_results release_captured_graph run_with_ortvaluevector set_ep_dynamic_options
        set_tuning_results""",
    "SessionOptions": """add_external_initializers_from_files_in_memory add_provider add_provider_for_devices
        clear_ep_context_data_read_func set_ep_context_data_read_func set_load_cancellation_flag set_provider_selection_policy
        set_provider_selection_policy_delegate use_per_session_threads""",
    "RunOptions": "",
    "OrtValue": "as_sparse_tensor",
    "IOBinding": "",
    "NodeArg": "",
}


@pytest.mark.parametrize("name", LACKING)
def test_objects_have_all_but_what_is_listed(name):
    ours, theirs = getattr(onyx, name), getattr(onnxruntime, name)
    if name.endswith("Options"):
        ours, theirs = ours(), theirs()
    assert public(theirs) - public(ours) <= set(LACKING[name].split())


def test_names_of_the_module_that_are_lacking_have_a_reason():
    internal = {"contextlib", "import_capi_exception", "onnxruntime_validation", "package_name", "version"}
    for name in public(onnxruntime) - public(onyx) - internal:
        with pytest.raises(AttributeError) as failure:
            getattr(onyx, name)
        assert "has no attribute" not in str(failure.value), f"{name} is lacking without a reason"


def run(text):
    return subprocess.run([sys.executable, "-c", textwrap.dedent(text)], capture_output=True, text=True)


def test_code_that_imports_the_other_name(digits):
    done = run(f"""
        import onyx
        onyx.install_as_onnxruntime()
        onyx.install_as_onnxruntime()
        import importlib.util, onnxruntime, onnxruntime as ort, numpy as np
        from onnxruntime import InferenceSession, SessionOptions
        from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument, NoSuchFile
        from onnxruntime.capi import _pybind_state as C
        import onnxruntime.capi.onnxruntime_pybind11_state as state
        assert InferenceSession is onyx.InferenceSession and NoSuchFile is onyx.NoSuchFile and state.InvalidArgument is InvalidArgument
        assert [int(part) for part in ort.__version__.split(".")][:2] >= [1, 20] and C.get_available_providers() == ["CPUExecutionProvider"]
        assert importlib.util.find_spec("onnxruntime") is not None
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = ort.InferenceSession({digits!r}, sess_options=options, providers=ort.get_available_providers())
        print(session.run([session.get_outputs()[0].name], {{session.get_inputs()[0].name: np.zeros((1, 1, 28, 28), np.float32)}})[0].shape)
        try:
            from onnxruntime import quantization
        except ImportError as error:
            pass
        else:
            raise SystemExit("quantization is there")
        try:
            ort.SparseTensor
        except AttributeError as error:
            assert "dense" in str(error)
    """)
    assert done.returncode == 0 and done.stdout.strip() == "(1, 10)", done.stderr


def test_the_other_name_is_not_taken_from_onnxruntime():
    done = run("import onnxruntime, onyx\nonyx.install_as_onnxruntime()")
    assert done.returncode == 1 and "RuntimeError: onnxruntime was imported before" in done.stderr
