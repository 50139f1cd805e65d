"""A running onyx-serve, and what the checks ask it."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

import numpy
import onnx
from onnx import numpy_helper
from tritonclient import grpc as triton_grpc
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

DIGITS = "models/digits"
INFER = "/v2/models/digits/infer"
PROGRAMS = sys.argv[1]


def free_folder(links):
    """A folder of models: names to files or folders of the repository."""
    folder = tempfile.mkdtemp(prefix="onyx-serve-")
    for name, target in links.items():
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        os.symlink(os.path.abspath(target), f"{folder}/{name}")
    return folder


class Server:
    """A running onyx-serve on free ports."""

    def __init__(self, folder, *options, ready=True):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [f"{PROGRAMS}/onyx-serve", folder, "--port", "0", "--grpc-port", "0", *options], stderr=self.log)
        self.folder = folder
        deadline = time.monotonic() + 120
        while not (listening := [line for line in self.lines() if line["message"] == "Listening"]):
            assert self.process.poll() is None and time.monotonic() < deadline, self.lines()
            time.sleep(0.02)
        self.port, self.grpc_port = int(listening[0]["http"]), int(listening[0]["grpc"])
        while ready and self.get("/v2/health/ready")[0] != 200:
            assert time.monotonic() < deadline, self.get("/v2/health/ready")
            time.sleep(0.05)

    def lines(self):
        """The log: every line has to be a JSON object."""
        self.log.seek(0)
        return [json.loads(line) for line in self.log.read().splitlines()]

    def request(self, method, path, body=b"", headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, document, headers=None):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        status, answer, head = self.request("POST", path, body, headers)
        return status, json.loads(answer) if answer else None, head

    def metric(self, name):
        """The sum of a metric over its labels that match."""
        text = self.get("/metrics")[1].decode()
        found = [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(name, line)]
        return sum(found)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.process.poll() is None:
            code = self.stop()
            assert kind or code == 0, f"onyx-serve ended with {code}"
        if kind:
            print("\n".join(map(str, self.lines()[-20:])), file=sys.stderr)


def tensor(path):
    with open(path, "rb") as file:
        return numpy_helper.to_array(onnx.TensorProto.FromString(file.read()))


def inputs(library, names, arrays, **how):
    result = []
    for name, array in zip(names, arrays):
        item = library.InferInput(name, array.shape, np_to_triton_dtype(array.dtype))
        item.set_data_from_numpy(array, **how)
        result.append(item)
    return result


def close(a, b):
    """Within 1e-5 of the largest magnitude, as docs/attention.md has it."""
    return a.shape == b.shape and numpy.abs(a - b).max(initial=0) <= 1e-5 * max(1e-30, numpy.abs(b).max(initial=0)) + 1e-7


def digits(rows, seed=0):
    return numpy.random.default_rng(seed).random((rows, 1, 28, 28), dtype=numpy.float32)


def body(array, **more):
    return {"inputs": [{"name": "image", "shape": array.shape, "datatype": "FP32", "data": array.ravel().tolist()}], **more}


class Load:
    """Threads that ask without pause; what became of their requests."""

    def __init__(self, server, threads=4, remote=2):
        self.good, self.refused, self.bad, self.over = 0, 0, [], False
        self.lock = threading.Lock()
        self.document = json.dumps(body(digits(1))).encode()
        self.threads = [threading.Thread(target=self.ask, args=(server,)) for _ in range(threads)]
        self.threads += [threading.Thread(target=self.call, args=(server,)) for _ in range(remote)]
        for thread in self.threads:
            thread.start()

    def count(self, outcome):
        with self.lock:
            if outcome == "good":
                self.good += 1
            elif outcome == "refused":
                self.refused += 1
            else:
                self.bad.append(outcome)

    def ask(self, server):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        fresh = True
        while not self.over:
            try:
                connection.request("POST", INFER, self.document)
                answer = connection.getresponse()
                text = answer.read()
                self.count("good" if answer.status == 200 else f"{answer.status} {text}")
                fresh = False
                if answer.getheader("Connection") == "close":
                    connection.close()
                    fresh = True
            except ConnectionRefusedError:
                self.count("refused")
                return
            except (http.client.RemoteDisconnected, ConnectionError) as error:
                # An idle connection may be closed at any time; one that has begun to be answered may not.
                self.count(f"begun: {error!r}" if fresh else "refused")
                connection.close()
                fresh = True
            except http.client.HTTPException as error:
                self.count(f"torn: {error!r}")
                return

    def call(self, server):
        client = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        given = inputs(triton_grpc, ["image"], [digits(1)])
        while not self.over:
            try:
                client.infer("digits", given)
                self.count("good")
            except InferenceServerException as error:
                self.count("refused" if "UNAVAILABLE" in str(error.status()) else f"{error}")
                if "UNAVAILABLE" in str(error.status()):
                    return

    def end(self):
        self.over = True
        for thread in self.threads:
            thread.join()


def configured(**settings):
    folder = free_folder({"digits/model.onnx": f"{DIGITS}/model.onnx"})
    with open(f"{folder}/digits/config.json", "w") as file:
        json.dump(settings, file)
    return folder
