"""Checks of how a server lives: connections, load, limits, models that come and go, its end."""

import asyncio
import json
import os
import shutil
import signal
import socket
import time

from support import DIGITS, INFER, Load, Server, body, close, configured, digits, free_folder, inputs
from tritonclient import grpc as triton_grpc
from tritonclient import http as triton_http
from tritonclient.grpc import aio as triton_grpc_aio
from tritonclient.http import aio as triton_http_aio
from tritonclient.utils import InferenceServerException


def check_slow_clients():
    """Who does not send or does not read loses the connection, and nobody else waits."""
    with Server(free_folder({"digits": DIGITS}), "--transfer-timeout", "1", "--idle-timeout", "2") as server:
        head = b"POST " + INFER.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
        slow = [socket.create_connection(("127.0.0.1", server.port), 30) for _ in range(50)]
        silent = [socket.create_connection(("127.0.0.1", server.port), 30) for _ in range(50)]
        for peer in slow:
            peer.sendall(head)
        began = time.monotonic()
        assert server.post(INFER, body(digits(1)))[0] == 200 and time.monotonic() - began < 1
        for peer in slow:
            assert b" 408 " in peer.recv(1000)
        for peer in silent:
            assert peer.recv(1000) == b""
        # A large answer that nobody reads: the connection ends all the same.
        with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            document = json.dumps(body(digits(1000))).encode()
            peer.sendall(b"POST " + INFER.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(document) + document)
            time.sleep(4)
            assert server.metric(r'onyx_connections\{protocol="http"\}') <= 2
        assert server.metric("onyx_request_bytes_in_flight") == 0


def check_connections():
    """1,000 connections at the same time, each with a request, and the same again."""
    with Server(free_folder({"digits": DIGITS})) as server:
        document = json.dumps(body(digits(1))).encode()
        request = b"POST " + INFER.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(document) + document
        peers = [socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(1000)]
        for _ in range(2):
            for peer in peers:
                peer.sendall(request)
            for peer in peers:
                answer = b""
                while b"]}]}" not in answer:
                    piece = peer.recv(65536)
                    assert piece, answer
                    answer += piece
                assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
        assert server.metric(r'onyx_connections\{protocol="http"\}') == 1001
        for peer in peers:
            peer.close()
    with Server(free_folder({"digits": DIGITS}), "--max-connections", "20") as server:
        peers = [socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(20)]
        with socket.create_connection(("127.0.0.1", server.port), 60) as more:
            assert more.recv(100) == b""
        peers.pop().close()
        time.sleep(0.2)
        assert server.metric("onyx_refused_connections_total") >= 1


def check_stop():
    """SIGTERM under load: what has begun is answered. SIGKILL: a server that starts again answers."""
    folder = free_folder({"digits": DIGITS})
    server = Server(folder)
    load = Load(server)
    time.sleep(1)
    code = server.stop()
    load.end()
    assert code == 0 and load.good > 50, (code, load.good)
    assert not [text for text in load.bad if "503" not in text and not text.startswith("begun")], load.bad
    assert [line for line in server.lines() if line["message"] == "Stopped"][0]["unanswered"] == "0"
    server = Server(folder)
    load = Load(server)
    time.sleep(0.5)
    assert server.stop(signal.SIGKILL) == -9
    load.end()
    with Server(folder) as again:
        assert again.post(INFER, body(digits(1)))[0] == 200
    print(f"  {load.good} answers before the kill, {len(load.bad)} requests lost by it")


def check_reload():
    """Models come, change and go under load, and no request is lost."""
    folder = free_folder({"digits/1/model.onnx": f"{DIGITS}/model.onnx"})
    with Server(folder) as server:
        load = Load(server)
        client = triton_http.InferenceServerClient(f"127.0.0.1:{server.port}")
        for _ in range(5):
            client.load_model("digits")
        os.makedirs(f"{folder}/digits/2")
        shutil.copy(f"{DIGITS}/model.onnx", f"{folder}/digits/2/model.onnx")
        client.load_model("digits")
        assert json.loads(server.get("/v2/models/digits")[1])["versions"] == ["1", "2"]
        # A broken file leaves the model that is there; so does the loss of the older version.
        with open(f"{folder}/digits/2/model.onnx", "wb") as file:
            file.write(b"broken")
        assert server.request("POST", "/v2/repository/models/digits/load")[0] == 400
        assert server.get("/v2/models/digits/versions/2/ready")[0] == 200 and server.get("/v2/health/ready")[0] == 200
        index = client.get_model_repository_index()
        assert [(entry["version"], entry["state"], bool(entry["reason"])) for entry in index] == [("1", "READY", False), ("2", "READY", True)]
        shutil.rmtree(f"{folder}/digits/1")
        server.process.send_signal(signal.SIGHUP)
        while server.get("/v2/models/digits/versions/1/ready")[0] != 404:
            time.sleep(0.02)
        load.end()
        assert load.good > 20 and not load.bad and not load.refused, load.bad
        client.unload_model("digits")
        assert server.post(INFER, body(digits(1)))[0] == 503 and server.get("/v2/models/digits/ready")[0] == 503
        assert server.request("POST", "/v2/repository/models/none/load")[0] == 404
    # A model that does not load: the server lives and is not ready, and says why.
    folder = free_folder({"digits": DIGITS})
    with open(f"{folder}/broken.onnx", "wb") as file:
        file.write(b"broken")
    with Server(folder, "--poll", "1", ready=False) as server:
        while server.get("/v2/models/digits/ready")[0] != 200:
            time.sleep(0.02)
        time.sleep(0.3)
        status, answer, _ = server.get("/v2/health/ready")
        assert status == 503 and "broken" in json.loads(answer)["reasons"][0] and server.get("/v2/health/live")[0] == 200
        assert server.metric(r'onyx_model_ready\{model="broken"') == 0 and server.metric("onyx_ready") == 0
        os.unlink(f"{folder}/broken.onnx")
        deadline = time.monotonic() + 20
        while server.get("/v2/health/ready")[0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert server.request("POST", "/v2/repository/models/digits/unload")[0] == 200


def check_batching():
    """Requests that come together run together, with the numbers that each has alone; who is wrong is so alone."""
    images = [digits(1 + seed % 3, seed) for seed in range(60)]
    with Server(free_folder({"digits": DIGITS})) as server:
        client = triton_http.InferenceServerClient(f"127.0.0.1:{server.port}")
        alone = [client.infer("digits", inputs(triton_http, ["image"], [image])).as_numpy("logits") for image in images]
    with Server(configured(max_batch_size=16, max_queue_delay_microseconds=20000)) as server:
        client = triton_http_aio.InferenceServerClient

        async def ask():
            async with client(f"127.0.0.1:{server.port}", conn_limit=100) as over_http:
                wrong = [digits(1)[:, :, 1:] if seed % 7 == 3 else image for seed, image in enumerate(images)]
                return await asyncio.gather(
                    *[over_http.infer("digits", inputs(triton_http, ["image"], [image])) for image in wrong], return_exceptions=True)

        for seed, (answer, expected) in enumerate(zip(asyncio.run(ask()), alone)):
            if seed % 7 == 3:
                assert isinstance(answer, InferenceServerException) and "image" in str(answer), answer
            else:
                assert close(answer.as_numpy("logits"), expected), seed
        runs, rows = server.metric("onyx_batch_rows_count"), server.metric("onyx_batch_rows_sum")
        assert rows / runs > 2, (rows, runs)
        print(f"  {rows:.0f} rows in {runs:.0f} runs")
    with Server(configured(max_batch_size=0), ready=False) as server:
        time.sleep(0.5)
        assert "max_batch_size" in json.loads(server.get("/v2/health/ready")[1])["reasons"][0]


def check_limits():
    """Full queues, deadlines, clients that leave, and bytes in flight."""
    slow = digits(3000)
    with Server(configured(queue=2, concurrency=1), "--workers", "1") as server:
        remote = triton_grpc_aio.InferenceServerClient
        over_http = triton_http_aio.InferenceServerClient

        async def flood():
            async with over_http(f"127.0.0.1:{server.port}", conn_limit=100) as client:
                first = await asyncio.gather(
                    *[client.infer("digits", inputs(triton_http, ["image"], [slow])) for _ in range(8)], return_exceptions=True)
            async with remote(f"127.0.0.1:{server.grpc_port}") as client:
                second = await asyncio.gather(
                    *[client.infer("digits", inputs(triton_grpc, ["image"], [slow])) for _ in range(8)], return_exceptions=True)
            return [str(a.status()) for a in first if isinstance(a, Exception)], [str(a.status()) for a in second if isinstance(a, Exception)]

        full, exhausted = asyncio.run(flood())
        assert full and set(full) == {"429"}, full
        assert exhausted and all("RESOURCE_EXHAUSTED" in text for text in exhausted), exhausted
        # Deadlines: of gRPC, of the request, while it runs and while it waits.
        client = triton_grpc.InferenceServerClient(f"127.0.0.1:{server.grpc_port}")
        try:
            client.infer("digits", inputs(triton_grpc, ["image"], [slow]), client_timeout=0.005)
            raise AssertionError("a deadline of 5 ms was kept")
        except InferenceServerException as error:
            assert "DEADLINE_EXCEEDED" in error.status()
        status, answer, _ = server.post(INFER, body(digits(500), parameters={"timeout": 1000}))
        assert status == 504 and "timeout" in answer["error"] or "deadline" in answer["error"], answer
        # Who leaves is not computed for.
        before = server.metric(r'onyx_requests_total\{protocol="http",model="digits",outcome="cancelled"')
        document = json.dumps(body(digits(500))).encode()
        for _ in range(3):
            peer = socket.create_connection(("127.0.0.1", server.port), 30)
            peer.sendall(b"POST " + INFER.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(document) + document)
            peer.close()
        deadline = time.monotonic() + 20
        while server.metric(r'onyx_requests_total\{protocol="http",model="digits",outcome="cancelled"') < before + 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        call = client.async_infer("digits", inputs(triton_grpc, ["image"], [slow]), callback=lambda result, error: None)
        time.sleep(0.1)
        call.cancel()
        while server.metric(r'onyx_requests_total\{protocol="grpc",model="digits",outcome="cancelled"') < 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert server.metric("onyx_requests_in_flight") <= 1 and server.metric("onyx_request_bytes_in_flight") == 0
    with Server(configured(deadline_ms=1)) as server:
        assert server.post(INFER, body(digits(500)))[0] == 504
    with Server(configured(), "--max-bytes-in-flight", "100000", "--memory", "2000000000") as server:
        assert server.post(INFER, body(digits(100)))[0] == 429 and server.post(INFER, body(digits(1)))[0] == 200
    with Server(configured(), "--memory", "60000000", ready=False) as server:
        time.sleep(0.5)
        status, answer, _ = server.post(INFER, body(digits(1000)))
        assert status in (413, 503) and "memory" in answer["error"], answer
