"""Checks of what is asked and answered. Expected numbers are PyTorch's, as they stand beside the models."""

import asyncio
import glob
import gzip
import json
import os
import re
import socket
import zlib

import grpc
import numpy
from support import DIGITS, INFER, Server, body, close, digits, free_folder, inputs, tensor
from tritonclient import grpc as triton_grpc
from tritonclient import http as triton_http
from tritonclient.grpc import aio as triton_grpc_aio
from tritonclient.http import aio as triton_http_aio
from tritonclient.utils import InferenceServerException, triton_to_np_dtype


def check_models():
    """Every committed model with data of PyTorch's, by HTTP in bytes and in JSON, by gRPC, and by asyncio: PyTorch's numbers."""
    found = sorted(os.path.dirname(path) for path in glob.glob("models/**/test_data_set_0", recursive=True))
    names = {folder: folder.removeprefix("models/").replace("/", ".") for folder in found}
    count = 0
    with Server(free_folder({name: folder for folder, name in names.items()})) as server:
        over_http = triton_http.InferenceServerClient(f"127.0.0.1:{server.port}")
        over_grpc = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        assert over_http.is_server_live() and over_http.is_server_ready()
        assert over_grpc.is_server_live() and over_grpc.is_server_ready()
        assert over_grpc.get_server_metadata().name == over_http.get_server_metadata()["name"] == "onyx-serve"
        for folder, name in names.items():
            metadata = over_http.get_model_metadata(name)
            same = over_grpc.get_model_metadata(name, as_json=True)
            assert [port["name"] for port in metadata["inputs"]] == [port["name"] for port in same["inputs"]]
            assert metadata["versions"] == same["versions"] == ["1"] and over_grpc.is_model_ready(name) and over_http.is_model_ready(name, "1")
            ports = [port["name"] for port in metadata["inputs"]]
            for data in sorted(glob.glob(f"{folder}/test_data_set_*")):
                given = [tensor(path) for path in sorted(glob.glob(f"{data}/input_*.pb"))]
                expected = [tensor(path) for path in sorted(glob.glob(f"{data}/output_*.pb"))]
                binary = over_http.infer(name, inputs(triton_http, ports, given))
                text = over_http.infer(
                    name, inputs(triton_http, ports, given, binary_data=False),
                    outputs=[triton_http.InferRequestedOutput(port["name"], binary_data=False) for port in metadata["outputs"]])
                remote = over_grpc.infer(name, inputs(triton_grpc, ports, given), request_id="r1")
                assert remote.get_response().id == "r1"
                for port, array in zip(metadata["outputs"], expected):
                    for answer in (binary, text, remote):
                        result = answer.as_numpy(port["name"])
                        assert result.dtype == array.dtype and close(result, array), f"{name} {port['name']}"
                count += 1
        asyncio.run(ask_by_asyncio(server, names))
    print(f"  {len(names)} models, {count} data sets")


async def ask_by_asyncio(server, names):
    over_http = triton_http_aio.InferenceServerClient(f"127.0.0.1:{server.port}")
    over_grpc = triton_grpc_aio.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
    images = [digits(1, seed) for seed in range(16)]
    first = await asyncio.gather(*[over_http.infer("digits", inputs(triton_http, ["image"], [image])) for image in images])
    second = await asyncio.gather(*[over_grpc.infer("digits", inputs(triton_grpc, ["image"], [image])) for image in images])
    for a, b in zip(first, second):
        assert (a.as_numpy("logits") == b.as_numpy("logits")).all()
    assert len({answer.as_numpy("logits").tobytes() for answer in first}) == len(images)
    await over_http.close()
    await over_grpc.close()


def check_other_models():
    """The other committed models run, and HTTP, gRPC and the library give the same bytes."""
    found = sorted(glob.glob("models/kinds/*.onnx"))
    with Server(free_folder({os.path.basename(path): path for path in found})) as server:
        over_http = triton_http.InferenceServerClient(f"127.0.0.1:{server.port}")
        over_grpc = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        for path in found:
            name = os.path.basename(path).removesuffix(".onnx")
            ports = over_http.get_model_metadata(name)
            random = numpy.random.default_rng(1)
            given = [random.random([max(1, size) for size in port["shape"]], dtype=numpy.float32) for port in ports["inputs"]]
            names = [port["name"] for port in ports["inputs"]]
            first = over_http.infer(name, inputs(triton_http, names, given))
            second = over_grpc.infer(name, inputs(triton_grpc, names, given))
            for port in ports["outputs"]:
                a, b = first.as_numpy(port["name"]), second.as_numpy(port["name"])
                assert a.tobytes() == b.tobytes() and a.size > 0, name
    print(f"  {len(found)} models")


def check_skeletons():
    """The networks without their weights, one after the other by loading and unloading them."""
    paths = sorted(glob.glob("models/skeletons/**/*.onnx", recursive=True))
    folder = free_folder({})
    with Server(folder) as server:
        over_grpc = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        for path in paths:
            name = os.path.basename(path).removesuffix(".onnx")
            os.symlink(os.path.abspath(path), f"{folder}/{name}.onnx")
            over_grpc.load_model(name)
            ports = over_grpc.get_model_metadata(name).inputs
            given = [numpy.zeros([max(1, size) for size in port.shape], triton_to_np_dtype(port.datatype)) for port in ports]
            answer = over_grpc.infer(name, inputs(triton_grpc, [port.name for port in ports], given))
            assert answer.get_response().outputs, name
            over_grpc.unload_model(name)
            os.unlink(f"{folder}/{name}.onnx")
    print(f"  {len(paths)} models")


def check_protocol():
    """What the protocol says besides: types, versions, errors, compression, names of requests."""
    folder = free_folder({"digits": DIGITS, "named/2/model.onnx": f"{DIGITS}/model.onnx", "named/10/model.onnx": f"{DIGITS}/model.onnx"})
    with Server(folder, "--log-requests") as server:
        expected = json.loads(server.request("POST", INFER, json.dumps(body(digits(2))).encode())[1])
        assert expected["model_name"] == "digits" and expected["model_version"] == "1" and expected["outputs"][0]["shape"] == [2, 10]
        values = expected["outputs"][0]["data"]
        # The highest number is the usual version, and each can be asked for.
        assert server.post("/v2/models/named/infer", body(digits(2)))[1]["model_version"] == "10"
        assert server.post("/v2/models/named/versions/2/infer", body(digits(2)))[1]["model_version"] == "2"
        assert json.loads(server.get("/v2/models/named")[1])["versions"] == ["2", "10"]
        assert server.get("/v2/models/named/versions/3/ready")[0] == 404
        # Nested lists, keys in any order, names.
        nested = {"outputs": [{"name": "logits"}], "id": "x\u00e9\n", "inputs": [
            {"data": digits(2).tolist(), "shape": [2, 1, 28, 28], "datatype": "FP32", "name": "image"}]}
        status, answer, head = server.post(INFER, nested, {"X-Request-Id": "mine-1"})
        assert status == 200 and answer["id"] == "x\u00e9\n" and answer["outputs"][0]["data"] == values and head["X-Request-Id"] == "mine-1"
        # Packed bodies.
        packed = json.dumps(body(digits(2))).encode()
        for name, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
            status, answer, _ = server.post(INFER, pack(packed), {"Content-Encoding": name})
            assert status == 200 and answer["outputs"][0]["data"] == values, name
        status, answer, head = server.request("GET", "/v2/health/live")
        for name, unpack in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
            status, answer, head = server.request("POST", INFER, json.dumps(body(digits(64))).encode(), {"Accept-Encoding": name})
            assert head["Content-Encoding"] == name and json.loads(unpack(answer))["outputs"][0]["shape"] == [64, 10]
        client = triton_http.InferenceServerClient(f"127.0.0.1:{server.port}")
        for name in ("gzip", "deflate"):
            answer = client.infer(
                "digits", inputs(triton_http, ["image"], [digits(2)]), request_compression_algorithm=name,
                response_compression_algorithm=name)
            assert numpy.allclose(answer.as_numpy("logits").ravel(), values, rtol=1e-6)
        remote = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        for name in ("gzip", "deflate"):
            answer = remote.infer("digits", inputs(triton_grpc, ["image"], [digits(200)]), compression_algorithm=name)
            assert answer.as_numpy("logits").shape == (200, 10)
        lines = [line for line in server.lines() if line["message"] == "Request"]
        assert any(line["request"] == "mine-1" and line["outcome"] == "ok" for line in lines)


def check_malformed():
    """Requests that are none: each has its status and a sentence, and the server goes on."""
    image = body(digits(1))["inputs"][0]
    flat = image["data"]
    documents = [
        (400, b""), (400, b"{"), (400, b"[]"), (400, b"\xff\xfe"), (400, b'{"inputs": [}'), (400, b'{"inputs": []} x'), (400, {"inputs": []}),
        (400, {"inputs": [{**image, "name": "imge"}]}), (400, {"inputs": [image, image]}), (400, {"inputs": [{**image, "shape": [1, 1, 28, 29]}]}),
        (400, {"inputs": [{**image, "shape": [-1, 1, 28, 28]}]}), (400, {"inputs": [{**image, "shape": [2**62, 2**62]}]}),
        (400, {"inputs": [{**image, "shape": [10**6, 10**6]}]}), (400, {"inputs": [{**image, "datatype": "FP33"}]}),
        (400, {"inputs": [{**image, "datatype": "INT64"}]}), (400, {"inputs": [{**image, "datatype": "FP64"}]}),
        (400, {"inputs": [{**image, "data": flat[:-1]}]}), (400, {"inputs": [{**image, "data": flat + [1]}]}),
        (400, {"inputs": [{**image, "data": ["a"] * 784}]}), (400, {"inputs": [{**image, "data": 1}]}), (400, {"inputs": [{**image, "data": None}]}),
        (400, {"inputs": [{"name": "image"}]}), (400, {"inputs": [{**image, "parameters": {"binary_data_size": 12}}]}),
        (400, body(digits(1), outputs=[{"name": "nothing"}])), (400, body(digits(1), parameters={"timeout": "soon"})),
        (400, body(digits(1), parameters={"attention": "everything"})), (400, b'{"a":' * 5000), (400, b"[" * 100000),
        (400, b'{"id": "\\ud800"}'), (400, b'{"id": "a", "id": "b"}'), (400, b'{"inputs": [{"data": ' + b"[" * 1000 + b"]" * 1000 + b"}]}"),
        (501, {"inputs": [{**image, "parameters": {"shared_memory_region": "x"}}]}),
    ]
    with Server(free_folder({"digits": DIGITS}), "--max-request-bytes", "1000000", "--idle-timeout", "2", "--transfer-timeout", "2") as server:
        for status, document in documents:
            found, answer, _ = server.post(INFER, document)
            assert found == status and answer["error"], (status, found, answer, str(document)[:100])
        for status, method, path in [
            (404, "GET", "/"), (404, "GET", "/v2/x"), (404, "GET", "/v2/models/none"), (404, "POST", "/v2/models/none/infer"), (405, "GET", INFER),
            (405, "POST", "/v2/health/live"), (400, "GET", "/v2/models/%zz"), (404, "GET", "/v2/models/..%2f..%2fetc"), (404, "GET", "/v2/models//"),
        ]:
            found, answer, _ = server.request(method, path)
            assert found == status and json.loads(answer)["error"], (path, found)
        head = json.dumps({"inputs": [{**{k: image[k] for k in ("name", "shape", "datatype")}, "parameters": {"binary_data_size": 3136}}]}).encode()
        raw = digits(1).tobytes()
        assert server.post(INFER, head + raw, {"Inference-Header-Content-Length": str(len(head))})[0] == 200
        for length, bytes_behind in [(len(head), raw[:-1]), (len(head), raw + b"x"), (len(head) + 9000, raw), (-1, raw), ("x", raw), (5, raw)]:
            assert server.post(INFER, head + bytes_behind, {"Inference-Header-Content-Length": str(length)})[0] == 400, length
        for packed, encoding, status in [
            (b"no gzip", "gzip", 400), (gzip.compress(b"{}")[:-4], "gzip", 400), (gzip.compress(b" " * 200_000_000), "gzip", 413), (b"{}", "br", 415)]:
            assert server.post(INFER, packed, {"Content-Encoding": encoding})[0] == status, encoding
        assert server.post(INFER, b" " * 1_000_001)[0] == 413
        sent_in_pieces(server)
        for text in (b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nA" + b"a" * 200_000 + b": x\r\n\r\n",
                     b"POST " + INFER.encode() + b" HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
                try:
                    peer.sendall(text)
                    answer = peer.recv(100)
                except ConnectionError:
                    answer = b""
                assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), answer
        malformed_calls(server)
        assert server.post(INFER, body(digits(1)))[0] == 200


def sent_in_pieces(server):
    """Pipelined requests are answered in their order, and one byte at a time is a request too."""
    one = json.dumps(body(digits(1), id="one")).encode()
    request = b"POST " + INFER.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(one) + one
    with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
        peer.sendall(request * 5 + b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
        assert answer.count(b"HTTP/1.1 200 OK") == 6 and answer.endswith(b'{"live":true}'), answer[-200:]
    with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
        for byte in b"GET /v2/health/live HTTP/1.0\r\n\r\n":
            peer.sendall(bytes([byte]))
        assert b'{"live":true}' in b"".join(iter(lambda: peer.recv(65536), b""))
    # Chunks that pass the limit.
    with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
        peer.sendall(b"POST " + INFER.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(20):
                peer.sendall(b"186a0\r\n" + b" " * 100_000 + b"\r\n")
        except ConnectionError:
            pass
        assert b" 413 " in peer.recv(200)


def malformed_calls(server):
    channel = grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}")

    def call(method, message):
        function = channel.unary_unary(f"/inference.GRPCInferenceService/{method}", lambda x: x, lambda x: x)
        try:
            function(message, timeout=30)
            return grpc.StatusCode.OK
        except grpc.RpcError as error:
            assert error.details(), method
            return error.code()

    code = grpc.StatusCode
    assert call("ServerLive", b"") == code.OK
    assert call("ModelStatistics", b"") == call("ModelConfig", b"") == call("NoSuch", b"") == code.UNIMPLEMENTED
    assert call("ModelInfer", b"") == call("ModelInfer", b"\x0a\x04none") == code.NOT_FOUND
    for message in (b"\xff" * 20, b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x0a\x7f", b"\x00", b"\x0b", b"\x0a\x02\xff\xfe"):
        assert call("ModelInfer", message) == code.INVALID_ARGUMENT, message
    assert call("ModelInfer", b"\x0a\x06digits" + b"\x2a\x02\x0a\x01") == code.INVALID_ARGUMENT
    assert call("ModelInfer", bytes(1_000_001)) == code.RESOURCE_EXHAUSTED
    channel.close()
    client = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
    for array in (digits(1)[:, :, 1:], digits(1).astype(numpy.float64), digits(1)[0]):
        try:
            client.infer("digits", inputs(triton_grpc, ["image"], [array]))
            raise AssertionError("an image of another type was taken")
        except InferenceServerException as error:
            assert "INVALID_ARGUMENT" in error.status() and "image" in error.message(), error
    for text in (b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100, bytes(1000)):
        with socket.create_connection(("127.0.0.1", server.grpc_port), 30) as peer:
            try:
                peer.sendall(text)
                b"".join(iter(lambda: peer.recv(65536), b""))
            except ConnectionError:
                pass


def check_attention():
    """Gates and maps of a request beside its outputs: PyTorch's."""
    folder = free_folder({"cbam": "models/attention/cbam-512/torchscript-dynamic", "digits": DIGITS})
    with numpy.load("models/attention/cbam-512/gates.npz") as data:
        saved = {name: data[name] for name in data.files}
    given = tensor("models/attention/cbam-512/torchscript-dynamic/test_data_set_0/input_0.pb")
    with Server(folder) as server:
        over_http = triton_http.InferenceServerClient(f"127.0.0.1:{server.port}")
        over_grpc = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        port = over_http.get_model_metadata("cbam")["inputs"][0]["name"]
        usual = over_http.infer("cbam", inputs(triton_http, [port], [given]))
        first = over_http.infer("cbam", inputs(triton_http, [port], [given]), parameters={"attention": "all"})
        second = over_grpc.infer("cbam", inputs(triton_grpc, [port], [given]), parameters={"attention": "all"})
        blocks = json.loads(first.get_response()["parameters"]["attention"])
        assert blocks == json.loads(second.get_response().parameters["attention"].string_param)
        assert [block["kind"] for block in blocks] == ["CBAM"]
        names = blocks[0]["gates"] + blocks[0]["maps"]
        assert len(names) >= 2
        for name in names:
            a, b = first.as_numpy(name), second.as_numpy(name)
            assert a.tobytes() == b.tobytes() and ((a > 0) & (a < 1)).all()
        found = sorted(saved)
        assert found, "there are no gates of PyTorch"
        for expected in saved.values():
            assert any(close(first.as_numpy(name).ravel(), expected.ravel()) for name in names if first.as_numpy(name).size == expected.size), found
        output = over_http.get_model_metadata("cbam")["outputs"][0]["name"]
        assert close(first.as_numpy(output), usual.as_numpy(output))
        assert "attention" in over_http.get_server_metadata()["extensions"]


def check_token():
    """Without the token nothing but health is told; control can be taken away."""
    folder = free_folder({"digits": DIGITS})
    with open(f"{folder}/../onyx-serve-token-{os.getpid()}", "w") as file:
        file.write("secret\n")
    with Server(folder, "--token-file", file.name, "--no-control") as server:
        for path in ("/v2", "/metrics", "/v2/models/digits"):
            assert server.get(path)[0] == 401 and server.get(path, {"Authorization": "Bearer secrex"})[0] == 401
            assert server.get(path, {"Authorization": "Bearer secret"})[0] == 200
        assert server.get("/v2/health/live")[0] == server.get("/v2/health/ready")[0] == 200
        assert server.request("POST", "/v2/repository/models/digits/unload", headers={"Authorization": "Bearer secret"})[0] == 403
        client = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        given = inputs(triton_grpc, ["image"], [digits(1)])
        assert client.infer("digits", given, headers={"authorization": "Bearer secret"}).as_numpy("logits").shape == (1, 10)
        try:
            client.infer("digits", given)
            raise AssertionError("a call without the token was answered")
        except InferenceServerException as error:
            assert "UNAUTHENTICATED" in error.status()
    os.unlink(file.name)


def check_metrics():
    """The text is Prometheus', and its numbers are those of what was asked."""
    with Server(free_folder({"digits": DIGITS})) as server:
        client = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        for _ in range(3):
            assert server.post(INFER, body(digits(1)))[0] == 200
            client.infer("digits", inputs(triton_grpc, ["image"], [digits(2)]))
        server.post("/v2/models/made-up/infer", b"{}")
        status, text, head = server.get("/metrics")
        assert status == 200 and head["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        typed = {}
        for line in text.decode().splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in typed, name
                typed[name] = kind
            elif not line.startswith("# HELP "):
                assert re.fullmatch(r'[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? [0-9.e+-]+', line), line
                assert re.sub("_(bucket|sum|count)$", "", line.split("{")[0].split(" ")[0]) in typed or line.split(" ")[0] in typed, line
        assert server.metric(r'onyx_requests_total\{protocol="http",model="digits",outcome="ok"') == 3
        assert server.metric(r'onyx_requests_total\{protocol="grpc",model="digits",outcome="ok"') == 3
        assert server.metric("onyx_batch_rows_sum") == 9 and server.metric('onyx_run_seconds_bucket.*le="\\+Inf"') == 6
        assert b"made-up" not in text and server.metric("process_resident_memory_bytes") > 1e6
