#!/usr/bin/env python3
"""What a call of each attention block of models/attention costs from Python, NumPy in and out, beside onnxruntime: both take turns.

usage: bench_calls.py [--threads N] [--repeats N] [--most RATIO] [ROW...]
       (an interpreter with onyx, onnx and onnxruntime: tools/check_python makes .build-test/python/bin/python. --most: fails where a row,
       by the fastest of its turns, takes more than this share of onnxruntime's time)
"""

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import onyx

MODELS = Path(__file__).resolve().parents[2] / "models" / "attention"
# Seconds that one turn takes, about.
TURN = 0.02


def seconds(run, count):
    start = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - start) / count


def feed_of(folder):
    feed = {}
    for file in sorted((folder / "test_data_set_0").glob("input_*.pb")):
        tensor = onnx.load_tensor(str(file))
        feed[tensor.name] = onnx.numpy_helper.to_array(tensor)
    return feed


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("rows", nargs="*")
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--repeats", type=int, default=15)
    arguments.add_argument("--most", type=float)
    given = arguments.parse_args()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = given.threads
    ratios, slow = [], []
    print("| row | onnxruntime µs | Onyx µs | ratio | ratio of medians |\n|---|---|---|---|---|")
    for path in sorted(MODELS.glob("*/dynamo-static/model.onnx")):
        name = path.parents[1].name
        if given.rows and name not in given.rows:
            continue
        feed = feed_of(path.parent)
        mine, theirs = onyx.InferenceSession(path, threads=given.threads), onnxruntime.InferenceSession(path, options)
        for a, b in zip(mine.run(None, feed), theirs.run(None, feed)):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
        runs = [lambda mine=mine, feed=feed: mine.run(None, feed), lambda theirs=theirs, feed=feed: theirs.run(None, feed)]
        counts = [max(20, min(4000, int(TURN / min(seconds(run, 50) for _ in range(5))))) for run in runs]
        times = [[], []]
        for _ in range(given.repeats):
            for place, run in enumerate(runs):
                times[place].append(seconds(run, counts[place]))
        fastest, middle = [1e6 * min(t) for t in times], [float(np.median(t)) for t in times]
        ratios.append(fastest[0] / fastest[1])
        if given.most and ratios[-1] > given.most:
            slow.append(name)
        print(f"| {name} | {fastest[1]:.1f} | {fastest[0]:.1f} | {ratios[-1]:.2f} | {middle[0] / middle[1]:.2f} |", flush=True)
    print(f"\nGeometric mean {math.exp(float(np.mean(np.log(ratios)))):.2f}, largest {max(ratios):.2f}; {given.threads} threads.")
    if slow:
        sys.exit(f"bench_calls.py: more than {given.most} of onnxruntime's time: {', '.join(slow)}")


if __name__ == "__main__":
    main()
