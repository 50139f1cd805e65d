"""Threads, forks, copies in other processes, and asyncio."""

import asyncio
import copy
import gc
import multiprocessing
import os
import pathlib
import pickle
import resource
import sys
import threading
import time

import numpy as np
import onyx
import pytest
from conftest import ROOT, attention_rows, identity

DIGITS = str(ROOT / "models" / "digits" / "model.onnx")
_session = None


def _image():
    return np.random.default_rng(1).random((4, 1, 28, 28), dtype=np.float32)


def _run_inherited(index):
    """In a forked worker: the session of the parent."""
    outputs = [_session.run(None, {"image": _image()})[0] for _ in range(20)]
    return os.getpid(), _session.thread_count, outputs[-1], len(os.listdir("/proc/self/task"))


def _run_sent(session):
    return os.getpid(), session.run(None, {"image": _image()})[0]


def test_eight_forked_workers_run_the_parents_session():
    global _session
    _session = onyx.InferenceSession(DIGITS, threads=2)
    expected = _session.run(None, {"image": _image()})[0]
    # While another thread of the parent runs it, the fork waits for the run.
    stop = threading.Event()

    def work():
        while not stop.is_set():
            _session.run(None, {"image": _image()})

    runner = threading.Thread(target=work)
    runner.start()
    try:
        with multiprocessing.get_context("fork").Pool(8) as pool:
            results = pool.map_async(_run_inherited, range(32), chunksize=1).get(120)
    finally:
        stop.set()
        runner.join()
    for _, threads, output, tasks in results:
        np.testing.assert_array_equal(output, expected)
        # The worker's own thread and the one that the session has started anew.
        assert threads == 2 and tasks >= 2
    np.testing.assert_array_equal(_session.run(None, {"image": _image()})[0], expected)
    _session = None


def test_a_forked_worker_may_drop_the_session():
    global _session
    _session = onyx.InferenceSession(DIGITS, threads=2)
    _session.run(None, {"image": _image()})
    for is_used in (False, True):
        child = os.fork()
        if child == 0:
            try:
                if is_used:
                    _session.run(None, {"image": _image()})
                _session = None
                gc.collect()
                os._exit(0)
            except BaseException:
                os._exit(1)
        deadline = time.monotonic() + 30
        while (status := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
        if status[0] == 0:
            os.kill(child, 9)
            os.waitpid(child, 0)
        assert status[0] == child and status[1] == 0
    _session = None


@pytest.mark.parametrize("source", [DIGITS, pathlib.Path(DIGITS), pathlib.Path(DIGITS).read_bytes()], ids=["path", "Path", "bytes"])
def test_copies_are_the_same(source):
    options = onyx.SessionOptions()
    options.intra_op_num_threads = 1
    session = onyx.InferenceSession(source, options, precision="fp32")
    session.note = "mine"
    expected = session.run(None, {"image": _image()})[0]
    for other in (pickle.loads(pickle.dumps(session)), copy.deepcopy(session)):
        assert other.note == "mine" and other.thread_count == 1 and other.get_inputs() == session.get_inputs()
        np.testing.assert_array_equal(other.run(None, {"image": _image()})[0], expected)


def test_eight_workers_run_a_session_that_is_sent_to_them():
    session = onyx.InferenceSession(DIGITS, threads=1)
    expected = session.run(None, {"image": _image()})[0]
    with multiprocessing.get_context("forkserver").Pool(8) as pool:
        for _, output in pool.map_async(_run_sent, [session] * 16, chunksize=1).get(180):
            np.testing.assert_array_equal(output, expected)


def _resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_hundred_thousand_calls_from_four_threads_leak_nothing(models):
    _, path, feed = next(row for row in attention_rows(models) if row[0] == "se-avg")
    session = onyx.InferenceSession(str(path), threads=1)
    expected = session.run(None, feed)[0]
    failures = []

    def work(count):
        try:
            for index in range(count):
                result = session.run(None, feed)[0]
                if index % 500 == 0:
                    np.testing.assert_array_equal(result, expected)
        except BaseException as error:
            failures.append(error)

    def round_of(count):
        threads = [threading.Thread(target=work, args=(count,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        gc.collect()
        return _resident()

    first = round_of(2_500)
    counts = {id(kind): sys.getrefcount(kind) for kind in feed.values()}
    last = round_of(25_000)
    assert not failures
    # A result of one call is 27 KB: a thousand that stay would be 27 MB.
    assert last - first < 4_000_000
    assert {id(kind): sys.getrefcount(kind) for kind in feed.values()} == counts


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_failures_and_conversions_leak_nothing():
    session = onyx.InferenceSession(identity(shape=[256, 256], op="Neg"), threads=1)
    good, wrong = np.ones((256, 256), np.float32), np.ones((256, 255), np.float32)

    def round_of(count):
        for _ in range(count):
            session.run(None, {"x": good.T})
            session.run(["y"], {"x": good}, fetch=["x"])
            for feed in ({"x": wrong}, {"x": good, "z": good}, {}, {"x": wrong.astype(np.float64)}):
                with pytest.raises(ValueError):
                    session.run(None, feed)
        gc.collect()
        return _resident()

    first = round_of(50)
    assert round_of(500) - first < 8_000_000


def test_sessions_give_their_memory_back():
    def round_of(count):
        for _ in range(count):
            onyx.InferenceSession(DIGITS, threads=2).run(None, {"image": _image()})
        gc.collect()
        return len(os.listdir("/proc/self/task")), _resident()

    first = round_of(5)
    last = round_of(40)
    assert last[0] <= first[0] and last[1] - first[1] < 20_000_000


def test_the_interpreter_goes_on_while_a_model_runs():
    session = onyx.InferenceSession(str(ROOT / "models" / "attention" / "cbam-512" / "dynamo-static" / "model.onnx"), threads=1)
    name, feed = session.get_inputs()[0].name, np.random.default_rng(0).random((2, 512, 5, 5), dtype=np.float32)
    ticks, stop = [0], threading.Event()

    def work():
        while not stop.is_set():
            session.run(None, {name: feed})

    runners = [threading.Thread(target=work) for _ in range(2)]
    for runner in runners:
        runner.start()
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        ticks[0] += 1
    stop.set()
    for runner in runners:
        runner.join()
    assert ticks[0] > 1000


def test_awaited_runs(models):
    session = onyx.InferenceSession(DIGITS)
    expected = session.run(None, {"image": _image()})[0]

    async def many():
        results = await asyncio.gather(*(session.run_async(None, {"image": _image()}) for _ in range(20)))
        logits, relu = await session.run_async(["logits"], {"image": _image()}, fetch="relu")
        with pytest.raises(onyx.InvalidArgument):
            await session.run_async(["none"], {"image": _image()})
        return results, logits, relu

    results, logits, relu = asyncio.run(many())
    for result in results:
        np.testing.assert_array_equal(result[0], expected)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)
    assert relu.shape[0] == 4


def test_a_cancelled_task_ends_its_run():
    # A loop of ten million steps, which would take minutes.
    from onnx import TensorProto, helper

    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["c2"]), helper.make_node("Sin", ["v"], ["v2"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, [1000]),
        ],
        [helper.make_tensor_value_info("c2", TensorProto.BOOL, []), helper.make_tensor_value_info("v2", TensorProto.FLOAT, [1000])],
    )
    graph = helper.make_graph(
        [helper.make_node("Loop", ["n", "", "x"], ["y"], body=body)],
        "g",
        [helper.make_tensor_value_info("n", TensorProto.INT64, []), helper.make_tensor_value_info("x", TensorProto.FLOAT, [1000])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1000])],
    )
    session = onyx.InferenceSession(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10))

    async def cancelled():
        feed = {"n": np.array(10_000_000), "x": np.ones(1000, np.float32)}
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(session.run_async(None, feed), 0.3)

    start = time.monotonic()
    asyncio.run(cancelled())
    assert time.monotonic() - start < 20


def test_onnxruntimes_callback_is_called():
    session, done, seen = onyx.InferenceSession(DIGITS), threading.Event(), []

    def callback(results, user_data, error):
        seen.append((results, user_data, error))
        done.set()

    assert session.run_async(["logits"], {"image": _image()}, callback, "mine") is None
    assert done.wait(30) and seen[0][1:] == ("mine", "") and seen[0][0][0].shape == (4, 10)
    done.clear()
    session.run_async(["none"], {"image": _image()}, callback, None)
    assert done.wait(30) and "none" in seen[1][2]
