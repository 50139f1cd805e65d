"""Contestants that measure one model, and the rounds in which they take turns."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx

from . import idle

# Seconds for which a runtime's threads may keep a core busy after a run: the next contestant comes later.
SPINS = {"ort": 0.05}
WORKER = Path(__file__).with_name("worker.py")


def inputs_of(path):
    """Seeded noise for each input of a model, by name; a dynamic dimension is 1."""
    graph = onnx.load(path, load_external_data=False).graph
    weights = {tensor.name for tensor in graph.initializer}
    rng = np.random.default_rng(0)
    for value in graph.input:
        if value.name not in weights:
            tensor = value.type.tensor_type
            shape = [dim.dim_value or 1 for dim in tensor.shape.dim]
            kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
            draw = rng.standard_normal(shape) if kind.kind == "f" else rng.integers(0, 2, shape)
            yield value.name, np.asarray(draw).astype(kind)


class Inputs:
    """Inputs of a model as files, which every contestant reads before anything is timed."""

    def __init__(self, path):
        self.folder = tempfile.TemporaryDirectory(prefix="bench-peers-")
        self.files = {}
        for index, (name, value) in enumerate(inputs_of(path)):
            self.files[name] = f"{self.folder.name}/{index}.npy"
            np.save(self.files[name], value)


class Peer:
    """A runtime in a worker process, with one model at a time."""

    def __init__(self, runtime, threads):
        self.runtime, self.threads = runtime, threads
        environ = {**os.environ, "OMP_NUM_THREADS": str(threads), "RUST_BACKTRACE": "0"}
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.process = subprocess.Popen([sys.executable, str(WORKER), runtime], env=environ, **pipes)
        self.hello = self.answer()

    def answer(self):
        """The next line of the worker."""
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"its process ended ({self.process.wait()})"}
        if "error" in answer:
            raise RuntimeError(f"{self.runtime}: {answer['error']}")
        return answer

    def ask(self, **command):
        """Sends a command and returns its answer."""
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.answer()

    @property
    def pids(self):
        """The processes that work for this contestant and live on."""
        return [self.process.pid]

    def load(self, path, inputs):
        """Loads a model."""
        self.facts, self.times = {**self.ask(do="load", path=path, threads=self.threads, inputs=inputs.files), **self.hello}, []

    def measure(self, seconds):
        """One round; threads that wait for more work get time to end."""
        milliseconds = self.ask(do="measure", seconds=seconds)["median_ms"]
        time.sleep(SPINS.get(self.runtime, 0.005))
        return milliseconds

    def keep(self, one):
        """Lets a round count."""
        self.times.append(one)

    def result(self):
        """What was measured of the model."""
        return {**self.facts, "median_ms": statistics.median(self.times), "rounds_ms": self.times}

    def drop(self):
        """Forgets the model."""
        self.ask(do="drop")

    def close(self):
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Onyx:
    """Onyx on one model, a new process each round."""

    KEYS = ("median_ms", "load_ms", "first_run_ms", "peak_rss_mb", "cpu_ms", "gflops", "gbs")
    pids = ()

    def __init__(self, program, threads, isa=None):
        self.program, self.options = program, ["--threads", str(threads)] + (["--isa", isa] if isa else [])

    def load(self, path, inputs):
        """Chooses a model."""
        self.path, self.rounds = path, []
        self.inputs = [word for name, file in inputs.files.items() for word in ("--input", f"{name}={file}")]

    def bench(self, *more):
        """One process of `onyx bench`."""
        command = [self.program, "bench", self.path, *self.inputs, *self.options, *more, "--json"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"onyx: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def measure(self, seconds):
        """One round."""
        return self.bench("--seconds", str(seconds))

    def keep(self, one):
        """Lets a round count."""
        self.rounds.append(one)

    def result(self):
        """The medians over the rounds."""
        known = {key: [one[key] for one in self.rounds if one.get(key) is not None] for key in self.KEYS}
        medians = {key: statistics.median(values) for key, values in known.items() if values}
        return {**medians, "isa": self.rounds[0]["isa"], "rounds_ms": [one["median_ms"] for one in self.rounds]}

    def drop(self):
        """Nothing lives on."""

    def close(self):
        """Nothing lives on."""


def compete(path, contestants, rounds, seconds, placement):
    """Results of all contestants by name on one model, measured in turns; one that fails is named on stderr and left out."""
    inputs, running = Inputs(path), {}
    for name, contestant in contestants.items():
        try:
            contestant.load(path, inputs)
            running[name] = contestant
        except RuntimeError as error:
            print(f"{path}: {error}", file=sys.stderr)
    watch = idle.Watch(pid for contestant in running.values() for pid in contestant.pids)
    names = list(running)
    for turn in range(rounds):
        # Each one comes first, second, … equally often.
        place = turn % max(len(names), 1)
        for name in names[place:] + names[:place]:
            try:
                if name in running:
                    running[name].keep(placement.settled(lambda: running[name].measure(seconds)))
            except RuntimeError as error:
                print(f"{path}: {error}", file=sys.stderr)
                del running[name]
    result = {"contestants": {name: contestant.result() for name, contestant in running.items()}, "foreign": watch.share()}
    for contestant in running.values():
        contestant.drop()
    return result
