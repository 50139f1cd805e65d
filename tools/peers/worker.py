"""One peer in a process of its own: `worker.py RUNTIME`, commands and answers as lines of JSON on stdin and stdout.

It imports nothing but the runtime and NumPy, so that its memory is the peer's. Every peer is called the cheapest way it
offers from outside: ONNX Runtime by a bound session (inputs and outputs stay where they are), OpenVINO by its C
interface on one infer request with its own input and output tensors.
"""
import ctypes
import glob
import importlib.util
import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np


class ONNXRuntime:
    """A session with all inputs and outputs bound."""

    def __init__(self):
        import onnxruntime

        self.module, self.keep = onnxruntime, None

    def load(self, path, threads, inputs):
        """Returns a function that runs the model once."""
        module = self.module
        options = module.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
        session = module.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        binding = session.io_binding()
        for name, value in inputs.items():
            binding.bind_ortvalue_input(name, module.OrtValue.ortvalue_from_numpy(value))
        for output in session.get_outputs():
            if output.type == "tensor(float)" and all(isinstance(size, int) for size in output.shape):
                value = module.OrtValue.ortvalue_from_shape_and_type(output.shape, np.float32)
                binding.bind_ortvalue_output(output.name, value)
            else:
                binding.bind_output(output.name, "cpu")
        # What `session.run_with_iobinding(binding)` calls, without its wrapper, which takes a microsecond.
        inner, bound, run_options = session._sess.run_with_iobinding, binding._iobinding, module.RunOptions()
        self.keep = session, binding
        return lambda: inner(bound, run_options)

    def drop(self):
        """Frees the model."""
        self.keep = None


class Bounds(ctypes.Structure):
    """Least and greatest size of a dimension, or of a rank."""

    _fields_ = [("least", ctypes.c_int64), ("greatest", ctypes.c_int64)]


class PartialShape(ctypes.Structure):
    """`ov_partial_shape_t`."""

    _fields_ = [("rank", Bounds), ("dims", ctypes.POINTER(Bounds))]


class FixedShape(ctypes.Structure):
    """`ov_shape_t`."""

    _fields_ = [("rank", ctypes.c_int64), ("dims", ctypes.POINTER(ctypes.c_int64))]


class OpenVINO:
    """A compiled model and one infer request, by the C interface of the `openvino` package."""

    # `ov_element_type_e`
    ELEMENTS = {"bool": 1, "float16": 3, "float32": 4, "float64": 5, "int8": 7, "int16": 8, "int32": 9, "int64": 10}

    def __init__(self):
        folder = Path(importlib.util.find_spec("openvino").origin).parent / "libs"
        for name in ("libtbb.so*", "libopenvino.so*"):
            for path in glob.glob(str(folder / name)):
                ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
        self.library = ctypes.CDLL(glob.glob(str(folder / "libopenvino_c.*"))[0])
        self.library.ov_get_last_err_msg.restype = ctypes.c_char_p
        self.core, self.keep = self.make("ov_core_create"), []

    def call(self, name, *arguments):
        """Calls a function of the C interface; a status other than 0 is an error."""
        if getattr(self.library, name)(*arguments):
            text = (self.library.ov_get_last_err_msg() or b"").decode(errors="replace").strip()
            raise RuntimeError(f"{name}: {text.splitlines()[-1] if text else 'failed'}")

    def make(self, name, *arguments, after=()):
        """The object that a function writes to its last fixed parameter."""
        made = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(made), *after)
        return made

    def reshape(self, model, inputs):
        """Gives the model the shapes of its inputs."""
        names = (ctypes.c_char_p * len(inputs))(*[name.encode() for name in inputs])
        shapes = (PartialShape * len(inputs))()
        keep = []
        for shape, value in zip(shapes, inputs.values()):
            dims = (Bounds * max(value.ndim, 1))(*[Bounds(size, size) for size in value.shape])
            keep.append(dims)
            shape.rank, shape.dims = Bounds(value.ndim, value.ndim), dims
        self.call("ov_model_reshape", model, names, shapes, ctypes.c_size_t(len(inputs)))

    def load(self, path, threads, inputs):
        """Returns a function that runs the model once, in float32."""
        model = self.make("ov_core_read_model", self.core, path.encode(), None)
        self.reshape(model, inputs)
        config = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": str(threads), "PERFORMANCE_HINT": "LATENCY"}
        texts = [ctypes.c_char_p(text.encode()) for pair in config.items() for text in pair]
        compile_model = self.library.ov_core_compile_model
        # The parameters before the variable ones.
        compile_model.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
        compiled = self.make("ov_core_compile_model", self.core, model, b"CPU", len(texts), after=texts)
        request = self.make("ov_compiled_model_create_infer_request", compiled)
        for index, value in enumerate(inputs.values()):
            dims = (ctypes.c_int64 * max(value.ndim, 1))(*value.shape)
            address = value.ctypes.data_as(ctypes.c_void_p)
            element = self.ELEMENTS[value.dtype.name]
            tensor = self.make("ov_tensor_create_from_host_ptr", element, FixedShape(value.ndim, dims), address)
            self.call("ov_infer_request_set_input_tensor_by_index", request, ctypes.c_size_t(index), tensor)
        infer = self.library.ov_infer_request_infer
        infer.argtypes = [ctypes.c_void_p]
        self.keep = [("request", request), ("compiled", compiled), ("model", model)]

        def run():
            if infer(request):
                raise RuntimeError("ov_infer_request_infer failed")

        return run

    def drop(self):
        """Frees the model."""
        frees = {"request": "ov_infer_request_free", "compiled": "ov_compiled_model_free", "model": "ov_model_free"}
        for kind, handle in self.keep:
            getattr(self.library, frees[kind])(handle)
        self.keep = []


class Tract:
    """tract's Python package, which runs on one thread."""

    def __init__(self):
        import tract

        self.module = tract

    def load(self, path, threads, inputs):
        """Returns a function that runs the model once."""
        module = self.module
        try:
            loaded = module.onnx().load(path)
            for place, value in enumerate(inputs.values()):
                kind = f"{value.dtype.kind}{value.dtype.itemsize * 8}" if value.dtype.kind != "b" else "bool"
                loaded.set_input_fact(place, ",".join([*map(str, value.shape), kind]))
            model = loaded.into_model()
        except module.TractError:  # names of dimensions inside the graph then contradict the sizes: set the names instead
            import onnx

            graph = onnx.load(path, load_external_data=False).graph
            dims = [dim.dim_param for value in graph.input for dim in value.type.tensor_type.shape.dim]
            model = module.onnx().load(path).into_model()
            model.transform(module.SetSymbols({name: 1 for name in dims if name}))
        runnable = model.into_runnable()
        values = list(inputs.values())
        return lambda: runnable.run(values)

    def drop(self):
        """Nothing is kept."""


RUNTIMES = {"ort": ONNXRuntime, "ov": OpenVINO, "tract": Tract}


def peak_megabytes():
    """The largest resident size of this process so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(run, seconds):
    """The median milliseconds of a run; short runs are timed many at once."""
    for _ in range(3):
        run()
    clock = time.perf_counter
    begin = clock()
    run()
    batch = range(max(1, min(1000, int(5e-5 / max(clock() - begin, 1e-7)))))
    times, end = [], clock() + seconds
    while len(times) < 3 or clock() < end:
        begin = clock()
        for _ in batch:
            run()
        times.append((clock() - begin) / len(batch))
    return statistics.median(times) * 1e3


def pace(run, rate, seconds):
    """Median and processor milliseconds of a run when they come `rate` times a second."""
    times, count = [], max(2, int(rate * seconds))
    processor, start = time.process_time(), time.perf_counter()
    for index in range(count):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
        time.sleep(max(0.0, start + (index + 1) / rate - time.perf_counter()))
    return {"median_ms": statistics.median(times) * 1e3, "cpu_ms": (time.process_time() - processor) / count * 1e3}


class Server:
    """Answers commands about one model at a time."""

    def __init__(self, runtime):
        self.peer, self.run = RUNTIMES[runtime](), None

    def load(self, path, threads, inputs):
        """Loads a model and runs it once; `inputs` names files of NumPy by input."""
        values = {name: np.load(file) for name, file in inputs.items()}
        start = time.perf_counter()
        self.run = self.peer.load(path, threads, values)
        loaded = time.perf_counter()
        self.run()
        done = time.perf_counter()
        self.values = values
        for _ in range(3):
            self.run()
        return {"load_ms": (loaded - start) * 1e3, "first_run_ms": (done - loaded) * 1e3, "peak_rss_mb": peak_megabytes()}

    def measure(self, seconds):
        """Times runs one after another."""
        return {"median_ms": measure(self.run, seconds)}

    def pace(self, rate, seconds):
        """Times runs with pauses."""
        return pace(self.run, rate, seconds)

    def drop(self):
        """Forgets the model."""
        self.run = None
        self.peer.drop()
        return {}


def main():
    """Says hello with the memory that the runtime takes before it has a model, then answers until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a runtime prints must not mix with the answers
    server = Server(sys.argv[1])
    print(json.dumps({"import_rss_mb": peak_megabytes()}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(server, command.pop("do"))(**command)
        except Exception as error:  # whatever a runtime throws is the answer
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
