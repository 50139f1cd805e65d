"""What a session measures. A section is a function of a `Session` that returns results by key."""
import json
import statistics
import subprocess
import sys
from pathlib import Path

from . import bound, contest, idle, placement

ROOT = Path(__file__).resolve().parents[2]

# timm networks with their targets: how many times as fast as the faster peer.
NETWORKS = {
    "seresnet18": 1.7, "cbamresnet18": 1.7,
    "seresnet50": 1.3, "ecaresnet50d": 1.3, "cbamresnet50": 1.3, "seresnext50_32x4d": 1.3,
    "mobilenetv3_large_100": 1.5, "efficientnet_b0": 1.5,
    "resnet50": 1.1, "vit_small_patch16_224": 1.0, "convnext_tiny": 1.0,
}
EXPORTERS = ("torchscript", "dynamo")
# The exporter whose files are also measured on one thread and with AVX2.
THOROUGH = "torchscript"
LOADED = "seresnet50"
PACED = ("seresnet50", "mobilenetv3_large_100")
RATE = 10
PACE_ROUNDS = 3
# A larger share of a core used by others disturbs a measurement.
DISTURBED = 0.1


class Session:
    """The arguments, facts about the machine, the contestants that stay, and how a model is measured."""

    def __init__(self, args, machine=None):
        self.args, self.machine = args, machine or {}
        self.peers = {}

    def gate(self, seconds=0.2):
        """Waits for an idle machine."""
        idle.wait(seconds, self.args.idle_wait)

    def placement(self):
        """Waits for two cores with a common cache."""
        return placement.Placement(self.args.kernel_bench, self.args.idle_wait)

    def wanted(self, name):
        """Whether `--models` selects this model."""
        return not self.args.models_filter or any(word in name for word in self.args.models_filter)

    def onyx(self, threads, isa=None):
        """Onyx with so many threads."""
        return contest.Onyx(self.args.onyx, threads, isa)

    def compete(self, key, path, contestants, rounds, seconds):
        """One model, measured again when others used the machine meanwhile; prints a line."""
        for _ in range(2):
            self.gate()
            place = self.placement()
            row = contest.compete(str(path), contestants, rounds, seconds, place)
            row["placement"] = {"asked": place.asked, "bad": place.bad, "kept": place.kept, "round_trips_ns": place.trips}
            if row["foreign"] <= DISTURBED or not self.args.idle_wait:
                break
        times = "".join(f"  {name} {one['median_ms']:.4f}" for name, one in row["contestants"].items())
        print(f"{key:52s}{times} ms", file=sys.stderr, flush=True)
        return row

    def runtimes(self):
        """Names of the peers."""
        return [name for name in self.args.runtimes.split(",") if name]


def rows(session, folder):
    """The attention rows below a folder, static shapes, two threads."""
    found = sorted(path for path in Path(folder).glob("*/*-static/model.onnx"))
    contestants = {name: contest.Peer(name, 2) for name in session.runtimes()}
    contestants["onyx"] = session.onyx(2)
    results = {}
    for path in found:
        row, exporter = path.parts[-3], path.parts[-2].removesuffix("-static")
        if session.wanted(row):
            results[f"{row}/{exporter}"] = session.compete(f"{row}/{exporter}", path, contestants, session.args.rounds, session.args.row_seconds)
    for contestant in contestants.values():
        contestant.close()
    return results


def small_rows(session):
    """The rows as they lie in the repository."""
    return rows(session, ROOT / "models" / "attention")


def full_rows(session):
    """The rows at the sizes of their source."""
    return rows(session, Path(session.args.full_size) / "attention")


def network_file(session, name, exporter):
    """Where an exported network lies."""
    return Path(session.args.networks) / name / f"{exporter}-static" / "model.onnx"


def networks(session):
    """Whole networks of both exporters on two threads; those of one exporter also on one thread, and with AVX2."""
    results = {}
    for name in filter(session.wanted, NETWORKS):
        for exporter in EXPORTERS:
            contestants = {runtime: contest.Peer(runtime, 2) for runtime in session.runtimes()}
            contestants["onyx"] = session.onyx(2)
            if exporter == THOROUGH:
                contestants |= {f"{runtime}-1": contest.Peer(runtime, 1) for runtime in session.runtimes()}
                contestants |= {"onyx-1": session.onyx(1), "onyx-avx2": session.onyx(2, "avx2")}
            path, key = network_file(session, name, exporter), f"{name}/{exporter}"
            results[key] = session.compete(key, path, contestants, session.args.rounds, session.args.seconds)
            for contestant in contestants.values():
                contestant.close()
    return results


def kinds(session):
    """Networks of many kinds and forms, as tools/networks keeps them: one exporter's file of each, with the bound of a run."""
    results = {}
    for kind, name, path in kept_networks(Path(session.args.kinds)):
        if not session.wanted(name):
            continue
        contestants = {runtime: contest.Peer(runtime, session.args.threads) for runtime in session.runtimes()}
        contestants["onyx"] = session.onyx(session.args.threads)
        row = session.compete(f"{name}/{kind}", path, contestants, session.args.rounds, session.args.seconds)
        onyx = contestants["onyx"]
        words = contest.Inputs(str(path))
        onyx.load(str(path), words)
        row |= bound.facts(onyx.program, path, onyx.inputs, session.args.threads, session.machine)
        if "onyx" in row["contestants"] and len(row["contestants"]) > 1:
            results[f"{name}/{kind}"] = row
        for contestant in contestants.values():
            contestant.close()
    return results


def kept_networks(cache):
    """(kind, name, path) of the models below a cache of tools/networks, those with fixed sizes."""
    for folder in sorted((cache / "exports").iterdir()):
        found = [path for exporter in ("", *EXPORTERS) if (path := folder / exporter / "model.onnx").exists()]
        if found and not folder.name.endswith("-dynamic"):
            yield ("batch 8" if folder.name.endswith("-batch8") else "float32"), folder.name.removesuffix("-batch8"), found[0]
    for path in sorted((cache / "forms").glob("*/model.onnx")):
        name, _, form = path.parent.name.rpartition("-")
        yield form, name, path


def load(session):
    """From the file to the first result, each time in a new process; the file is in the page cache."""
    path = network_file(session, LOADED, THOROUGH)
    inputs, collected = contest.Inputs(str(path)), {}
    path.read_bytes()
    session.gate(1.0)
    place = session.placement()

    def peer_load(runtime):
        peer = contest.Peer(runtime, 2)
        peer.load(str(path), inputs)
        peer.close()
        return peer.facts

    def onyx_load():
        onyx = session.onyx(2)
        onyx.load(str(path), inputs)
        return onyx.bench("--seconds", "0")

    for _ in range(session.args.rounds):
        for runtime in session.runtimes():
            collected.setdefault(runtime, []).append(place.settled(lambda: peer_load(runtime)))
        collected.setdefault("onyx", []).append(place.settled(onyx_load))
    median = statistics.median
    return {
        LOADED: {
            name: {
                "load_ms": median(one["load_ms"] for one in all_of),
                "first_run_ms": median(one["first_run_ms"] for one in all_of),
                "sum_ms": median(one["load_ms"] + one["first_run_ms"] for one in all_of),
            }
            for name, all_of in collected.items()
        }
    }


def pace(session):
    """Processor time at a few runs a second and of an open session without any: medians of a few processes in turns."""
    results = {}
    for name in filter(session.wanted, PACED):
        path = network_file(session, name, THOROUGH)
        inputs, place = contest.Inputs(str(path)), session.placement()
        session.gate(1.0)

        def onyx_pace(threads):
            onyx = session.onyx(threads)
            onyx.load(str(path), inputs)
            one = onyx.bench("--seconds", "2", "--rate", str(RATE), "--idle", "2")
            return {"work_ms": one["cpu_ms"], "paced_ms": one["paced"]["cpu_ms"], "idle_ms": one["idle"]["cpu_ms"] / one["idle"]["seconds"]}

        def peer_pace(runtime):
            peer = contest.Peer(runtime, 2)
            peer.load(str(path), inputs)
            one = peer.ask(do="pace", rate=RATE, seconds=2)
            peer.close()
            return {"paced_ms": one["cpu_ms"]}

        collected = {}
        for _ in range(PACE_ROUNDS):
            for threads in (1, 2):
                collected.setdefault(f"onyx-{threads}", []).append(place.settled(lambda: onyx_pace(threads)))
            for runtime in session.runtimes():
                collected.setdefault(runtime, []).append(place.settled(lambda: peer_pace(runtime)))
        row = {who: {key: statistics.median(one[key] for one in all_of) for key in all_of[0]} for who, all_of in collected.items()}
        results[name] = row
        print(f"{name}: {row}", file=sys.stderr, flush=True)
    return results


def outputs(session):
    """Whether Onyx's outputs agree with those of the exporting framework."""
    folders = {"small rows": (ROOT / "models" / "attention", "1e-5")}
    if session.args.full_size:
        folders["full-size rows"] = (Path(session.args.full_size), "1e-5")
    results = {}
    if session.args.networks:
        found = [network_file(session, name, exporter).parent for name in NETWORKS for exporter in EXPORTERS]
        results["networks"] = agreement(session, found, "1e-4")
    for name, (folder, tolerance) in folders.items():
        results[name] = agreement(session, [folder], tolerance)
    return results


def agreement(session, folders, tolerance):
    """Counts of `onyx test`."""
    command = [session.args.onyx, "test", *map(str, folders), "--rtol", tolerance, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"onyx test: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    return {"passed": report["passed"], "failed": report["failed"], "rtol": tolerance,
            "failures": [case["name"] for case in report["cases"] if case["result"] == "fail"]}


# By name: the function, and the argument without which it cannot run.
SECTIONS = {
    "small-rows": (small_rows, "onyx"),
    "full-rows": (full_rows, "full_size"),
    "networks": (networks, "networks"),
    "kinds": (kinds, "kinds"),
    "load": (load, "networks"),
    "pace": (pace, "networks"),
    "outputs": (outputs, "onyx"),
}
