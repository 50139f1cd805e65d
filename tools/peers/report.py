"""docs/performance.md from the raw results of a session."""
import math
import statistics

from .sections import DISTURBED, LOADED, NETWORKS, RATE, THOROUGH

PEERS = {"ort": "ONNX Runtime", "ov": "OpenVINO", "tract": "tract"}
AVX2_SHARE = 1.9


def geometric_mean(values):
    """The geometric mean."""
    return math.exp(statistics.fmean(map(math.log, values)))


def time_of(row, name):
    """Median milliseconds of a contestant; None when it did not run."""
    return row["contestants"].get(name, {}).get("median_ms")


def fastest(row, suffix=""):
    """The faster peer's milliseconds."""
    times = [time_of(row, peer + suffix) for peer in PEERS if time_of(row, peer + suffix)]
    return min(times) if times else None


def ratio(row, name="onyx", suffix=""):
    """The faster peer's time over Onyx's."""
    peer, own = fastest(row, suffix), time_of(row, name)
    return peer / own if peer and own else None


def table(head, lines):
    """A table in Markdown; empty cells for None."""
    text = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(text + ["| " + " | ".join("" if cell is None else str(cell) for cell in line) + " |" for line in lines])


def verdict(value, target, form="{:.2f}×"):
    """Met or not, with the gap."""
    if value is None:
        return "not measured"
    return "met" if value >= target else f"**not met**, {form.format(value / target)} of the target"


def at_most(value, target):
    """Met or not, for what should be small."""
    if value is None:
        return "not measured"
    return "met" if value <= target else f"**not met**, {value / target:.2f} times the target"


class Report:
    """One session's results as text."""

    def __init__(self, raw):
        self.raw = raw
        self.sections = {name: one["results"] for name, one in raw["sections"].items()}
        self.peers = [name for name in PEERS if any(
            name in row.get("contestants", {}) for results in self.sections.values() for row in results.values() if isinstance(row, dict))]

    def text(self, notes):
        """The whole document; `notes` are appended as they are."""
        parts = [self.head(), self.machine(), self.targets()]
        parts += [self.networks(), self.rows("full-rows", "Attention blocks at the sizes of their source"),
                  self.rows("small-rows", "Attention blocks at the sizes of `models/attention`")]
        parts += [self.kinds(), self.scaling(), self.avx2(), self.loading(), self.memory(), self.pacing(), self.outputs(), notes.removeprefix("# Notes on performance").strip()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def rounds(self, *names):
        """How many rounds these sections had, as they were measured."""
        rows = [row for name in names for row in self.sections.get(name, {}).values()]
        counts = {len(one["rounds_ms"]) for row in rows for one in row["contestants"].values()}
        return " to ".join(str(count) for count in sorted({min(counts), max(counts)})) if counts else None

    def head(self):
        """Title and method."""
        rounds, kinds = self.rounds("small-rows", "full-rows", "networks"), self.rounds("kinds")
        dates = sorted({one["date"] for one in self.raw["sections"].values()})
        return f"""# Performance

Made by `tools/bench_peers` on {" and ".join(dates)}; do not edit. What was tried, and what bounds the rest, is in
[performance-notes.md](performance-notes.md), which is repeated at the end.

```sh
{self.commands()}
```

- Onyx, ONNX Runtime and OpenVINO take turns on the same files, float32, batch 1, on an idle machine: in each round each of them runs for a while, and the
  medians over {rounds} rounds are shown{f", over {kinds} of the networks of other kinds" if kinds else ""}. A **ratio** is the faster peer's time over Onyx's: above 1 Onyx is ahead. Two threads unless said otherwise.
- ONNX Runtime runs a session with bound inputs and outputs, OpenVINO one infer request by its C interface, so that neither copies nor Python are in its
  time; runs under 50 µs are timed many at once. Onyx is timed around `Session.run`, which makes new outputs.
- Compare ratios of one session only: this kind of machine changes its speed by itself."""

    def commands(self):
        """How to do it again; folders by name."""
        return "\n".join([
            "tools/export_networks.py NETWORKS --networks " + ",".join(NETWORKS) + " --batches static",
            "tools/export_models.py --full-size --output ROWS",
            "swift build -c release --static-swift-stdlib --product onyx",
            "swift build -c release --package-path tools/bench",
            "tools/bench_peers --onyx .build/release/onyx --kernel-bench tools/bench/.build/release/kernel-bench \\",
            f"  --networks NETWORKS --full-size ROWS --kinds CACHE --rounds {self.rounds('networks') or 5} --write docs/performance.md",
        ])

    def machine(self):
        """The facts."""
        facts = self.raw["machine"]
        caches = ", ".join(f"{name} {size.replace('K', ' KiB')}" for name, size, _ in facts["caches"])
        versions = ", ".join(f"{PEERS.get({'onnxruntime': 'ort', 'openvino': 'ov'}.get(name, name))} {version}" for name, version in facts["versions"].items() if version)
        lines = [f"{facts['cpu']}, {facts['cores']} cores{', virtual' if facts['virtual'] else ''}, {facts['memory_gb']} GB of memory; {caches}; {facts['system']}. {versions}."]
        if facts.get("peaks"):
            peaks = facts["peaks"]["peaks"]
            head = ["measured peak", "FMA GFLOP/s, 1 / 2 threads", "L1 read GB/s", "L2", "L3", "DRAM, 1 / 2 threads"]
            body = [[p["isa"], f"{p['gflops']:.0f} / {p['gflops_2']:.0f}", f"{p['l1_read_gbs']:.0f}", f"{p['l2_read_gbs']:.0f}", f"{p['l3_read_gbs']:.0f}",
                     f"{p['dram_read_gbs']:.1f} / {p['dram_read_gbs_2']:.1f}"] for p in peaks]
            lines.append(table(head, body))
        places = [row["placement"] for results in self.sections.values() for row in results.values() if row.get("placement", {}).get("asked")]
        if places:
            trips = [trip for place in places for trip in place["round_trips_ns"]]
            kept = sum(place.get("kept", 0) for place in places)
            bad, asked = sum(place["bad"] for place in places), sum(place["asked"] for place in places)
            lines.append(f"The hypervisor moves the threads about. Before and after each measurement they were asked where they are: {bad} of {asked} times on one core"
                         f" together, or on cores\nwithout a common cache (a cache line took {min(trips):.0f} to {max(trips):.0f} ns to the other one and back,"
                         f" median {statistics.median(trips):.0f}). What was measured there was measured again, for all alike"
                         f"{f', but for {kept} that did not settle' if kept else ''}.")
        return "## Machine\n\n" + "\n\n".join(lines)

    def targets(self):
        """The table of targets."""
        lines = self.row_targets("full-rows", "full size") + self.row_targets("small-rows", "small") + self.network_targets() + self.other_targets()
        return "## Targets\n\n" + table(["what", "target", "measured", "verdict"], lines)

    def row_targets(self, section, size):
        """The lines about attention blocks."""
        ratios = {key: ratio(row) for key, row in self.sections.get(section, {}).items() if ratio(row)}
        if not ratios:
            return []
        mean, worst = geometric_mean(ratios.values()), min(ratios, key=ratios.get)
        slower = sorted(key for key, value in ratios.items() if value < 1)
        cbam = {key: value for key, value in ratios.items() if "cbam" in key}
        lines = [
            [f"attention rows, {size}: geometric mean of {len(ratios)}", "3×", f"{mean:.2f}×", verdict(mean, 3)],
            [f"attention rows, {size}: none slower", "1×", f"{ratios[worst]:.2f}× ({worst})", "met" if not slower else f"**not met**: {len(slower)} slower"],
        ]
        if cbam:
            least = min(cbam, key=cbam.get)
            lines.append([f"CBAM rows, {size}: each of {len(cbam)}", "5×", f"{cbam[least]:.2f}× ({least}), geometric mean {geometric_mean(cbam.values()):.2f}×", verdict(cbam[least], 5)])
        return lines

    def network_targets(self):
        """A line for each network: the worse of its exporters."""
        lines = []
        for name, target in NETWORKS.items():
            ratios = [ratio(row) for key, row in self.sections.get("networks", {}).items() if key.split("/")[0] == name and ratio(row)]
            if ratios:
                lines.append([name, f"{target}×", " and ".join(f"{one:.2f}×" for one in ratios), verdict(min(ratios), target)])
        return lines

    def other_targets(self):
        """Threads, loading, memory, AVX2, idle."""
        lines, results = [], self.sections.get("networks", {})
        gains = {key: gain for key, gain in ((key, self.gain(row, "onyx")) for key, row in results.items()) if gain and time_of(results[key], "onyx") > 5}
        if gains:
            worst = min(gains, key=gains.get)
            lines.append(["1 → 2 threads, networks over 5 ms", "1.85×", f"{gains[worst]:.2f}× ({worst.split('/')[0]})", verdict(gains[worst], 1.85)])
        loaded = self.sections.get("load", {}).get(LOADED, {})
        if "ort" in loaded and "onyx" in loaded:
            share = loaded["onyx"]["sum_ms"] / loaded["ort"]["sum_ms"]
            lines.append([f"load to first result, {LOADED}", "¼ of ONNX Runtime's", f"{share:.2f}", at_most(share, 0.25)])
        memory = {key: own / least for key, own, least, _ in self.memory_rows()}
        strict = {key: own / net for key, own, _, net in self.memory_rows()}
        if memory:
            worst, hard = max(memory, key=memory.get), max(strict, key=strict.get)
            lines.append(["peak memory, each network", "the smaller peer's", f"{memory[worst]:.2f} ({worst})", at_most(memory[worst], 1)])
            lines.append(["the same less what the peers' process takes without a model", "the smaller peer's", f"{strict[hard]:.2f} ({hard})", at_most(strict[hard], 1)])
        forced = {key: ratio(row, "onyx-avx2") for key, row in results.items() if ratio(row, "onyx-avx2")}
        if forced:
            worst = min(forced, key=forced.get)
            lines.append(["forced AVX2, each network", f"1/{AVX2_SHARE} of the peers' speed", f"{forced[worst]:.2f}× ({worst.split('/')[0]})", verdict(forced[worst], 1 / AVX2_SHARE)])
        for name, row in self.sections.get("pace", {}).items():
            lines.append([f"processor time of an open, idle session, {name}", "0", f"{row['onyx-2']['idle_ms']:.2f} ms a second", at_most(row["onyx-2"]["idle_ms"], 0.5)])
            share = row["onyx-2"]["paced_ms"] / row["onyx-1"]["work_ms"]
            lines.append([f"processor time of a run at {RATE} a second, {name}", "1.2× the work", f"{share:.2f}×", at_most(share, 1.2)])
        return lines + self.kind_targets()

    def kind_targets(self):
        """Networks of many kinds: each form's mean and worst, references, the bound."""
        results, lines = self.sections.get("kinds", {}), []
        for kind, mean, least in (("float32", 1.25, 0.95), ("batch 8", 1.1, 1.1), ("float16", 1.0, 1.0), ("int8", 1.0, 1.0)):
            ratios = {key: ratio(row) for key, row in results.items() if key.endswith(f"/{kind}") and ratio(row)}
            if ratios:
                worst, middle = min(ratios, key=ratios.get), geometric_mean(ratios.values())
                lines.append([f"{len(ratios)} other networks, {kind}: geometric mean", f"{mean}×", f"{middle:.2f}×", verdict(middle, mean)])
                lines.append([f"the same, {kind}: worst", f"{least}×", f"{ratios[worst]:.2f}× ({worst.split('/')[0]})", verdict(ratios[worst], least)])
        shares = {key: row["reference_share"] for key, row in results.items() if "reference_share" in row}
        if shares:
            worst = max(shares, key=shares.get)
            lines.append([f"share of a run in references, {len(shares)} networks", "1 %", f"{shares[worst]:.1%} ({worst})", at_most(shares[worst], 0.01)])
        near = {key: row["bound_ms"] / time_of(row, "onyx") for key, row in results.items() if "bound_ms" in row}
        if near:
            worst = min(near, key=near.get)
            lines.append(["bound over time, each network", "75 %", f"{near[worst]:.0%} ({worst}), median {statistics.median(near.values()):.0%}", verdict(near[worst], 0.75)])
        return lines

    def kinds(self):
        """Networks of other kinds, and other forms of networks."""
        results = self.sections.get("kinds")
        if not results:
            return None
        head = ["", "form", *[f"{PEERS[peer]} ms" for peer in self.peers], "Onyx ms", "ratio", "bound / time", "in references"]
        lines = []
        for key, row in sorted(results.items(), key=lambda one: ratio(one[1]) or 0):
            times = [time_of(row, name) for name in [*self.peers, "onyx"]]
            mark = " †" if row.get("foreign", 0) > DISTURBED else ""
            near = f"{row['bound_ms'] / times[-1]:.0%}" if "bound_ms" in row else "–"
            share = f"{row['reference_share']:.1%}" if "reference_share" in row else "–"
            lines.append([*key.split("/"), *["–" if one is None else f"{one:.3g}" for one in times], f"{ratio(row):.2f}{mark}", near, share])
        return ("## Networks of other kinds\n\nThe networks and forms of [networks.md](networks.md), worst first. The bound is, summed over the steps, the larger of a step's"
                " arithmetic at the\nmeasured peak, in the form that its kernel has, and its bytes at the bandwidth of the last cache; not less than the weights at the bandwidth of"
                " memory\nwhere no cache holds them.\n\n" + table(head, lines))

    def contest(self, results, unit, digits):
        """A table of times and ratios."""
        scale = 1000 if unit == "µs" else 1
        head = ["", "exporter", *[f"{PEERS[peer]} {unit}" for peer in self.peers], f"Onyx {unit}", "ratio"]
        lines = []
        for key, row in results.items():
            times = [time_of(row, name) for name in [*self.peers, "onyx"]]
            mark = " †" if row.get("foreign", 0) > DISTURBED else ""
            lines.append([*key.split("/"), *["–" if one is None else f"{one * scale:.{digits}f}" for one in times], f"{ratio(row):.2f}{mark}" if ratio(row) else "–"])
        ratios = {key: ratio(row) for key, row in results.items() if ratio(row)}
        worst = min(ratios, key=ratios.get)
        text = table(head, lines) + f"\n\nGeometric mean {geometric_mean(ratios.values()):.2f}, worst {ratios[worst]:.2f} ({worst})."
        if any(row.get("foreign", 0) > DISTURBED for row in results.values()):
            text += f"\n† Others used more than {DISTURBED:.0%} of a core meanwhile."
        return text

    def networks(self):
        """Times of whole networks."""
        results = self.sections.get("networks")
        if not results:
            return None
        rates = [[key, f"{row['contestants']['onyx'].get('gflops', 0):.0f}"] for key, row in results.items() if key.endswith(THOROUGH)]
        return ("## Networks (timm, random weights, 224×224)\n\n" + self.contest(results, "ms", 2) + "\n\nOnyx' rate of the direct form's operations, GFLOP/s: "
                + ", ".join(f"{key.split('/')[0]} {rate}" for key, rate in rates) + ".")

    def rows(self, section, title):
        """Times of attention blocks, CBAM apart."""
        results = self.sections.get(section)
        if not results:
            return None
        cbam = {key: row for key, row in results.items() if "cbam" in key}
        others = {key: row for key, row in results.items() if key not in cbam}
        parts = [f"## {title}"] + [self.contest(one, "µs", 1) for one in (cbam, others) if one]
        return "\n\n".join(parts)

    @staticmethod
    def gain(row, name):
        """How many times as fast two threads are."""
        one, two = time_of(row, f"{name}-1"), time_of(row, name)
        return one / two if one and two else None

    def scaling(self):
        """One thread against two."""
        results = {key: row for key, row in self.sections.get("networks", {}).items() if time_of(row, "onyx-1")}
        if not results:
            return None
        head = ["", *[f"{PEERS[peer]} 1 → 2" for peer in self.peers], "Onyx ms, 1 thread", "Onyx ms, 2 threads", "Onyx 1 → 2", "ratio on 1 thread"]
        lines = [
            [key.split("/")[0], *["–" if self.gain(row, peer) is None else f"{self.gain(row, peer):.2f}" for peer in self.peers],
             f"{time_of(row, 'onyx-1'):.2f}", f"{time_of(row, 'onyx'):.2f}", f"{self.gain(row, 'onyx'):.2f}", f"{ratio(row, 'onyx-1', '-1') or 0:.2f}"]
            for key, row in results.items()
        ]
        return "## Threads\n\n" + table(head, lines)

    def avx2(self):
        """Onyx without AVX-512 against peers with all that the machine has."""
        results = {key: row for key, row in self.sections.get("networks", {}).items() if time_of(row, "onyx-avx2")}
        if not results:
            return None
        lines = [[key.split("/")[0], f"{time_of(row, 'onyx-avx2'):.2f}", f"{time_of(row, 'onyx'):.2f}", f"{ratio(row, 'onyx-avx2'):.2f}"] for key, row in results.items()]
        return "## AVX2\n\nThe peers use the best instructions of the machine.\n\n" + table(["", "Onyx ms with AVX2", "Onyx ms", "ratio with AVX2"], lines)

    def loading(self):
        """From the file to the first result."""
        results = self.sections.get("load")
        if not results:
            return None
        names = {**PEERS, "onyx": "Onyx"}
        lines = [[f"{key}, {names[name]}", f"{one['load_ms']:.1f}", f"{one['first_run_ms']:.1f}", f"{one['sum_ms']:.1f}"] for key, row in results.items() for name, one in row.items()]
        return ("## Load to first result\n\nMedians of new processes, the file in the page cache; starting the process and importing the runtime are not counted.\n\n"
                + table(["", "session ms", "first run ms", "both ms"], lines))

    def memory_rows(self):
        """Network, Onyx' peak, the smaller peer's, and the smaller one of the peers' without their processes' own."""
        for key, row in self.sections.get("networks", {}).items():
            peers = [row["contestants"][peer] for peer in self.peers if peer in row["contestants"]]
            own = row["contestants"].get("onyx", {}).get("peak_rss_mb")
            if peers and own:
                yield key, own, min(one["peak_rss_mb"] for one in peers), min(one["peak_rss_mb"] - one["import_rss_mb"] for one in peers)

    def memory(self):
        """Peak resident memory."""
        results = self.sections.get("networks")
        if not results:
            return None
        head = ["", "exporter", *[f"{PEERS[peer]} MB" for peer in self.peers], *[f"{PEERS[peer]} less import" for peer in self.peers], "Onyx MB"]
        lines = []
        for key, row in results.items():
            found = [row["contestants"].get(peer) for peer in self.peers]
            lines.append([*key.split("/"), *["–" if one is None else f"{one['peak_rss_mb']:.0f}" for one in found],
                          *["–" if one is None else f"{one['peak_rss_mb'] - one['import_rss_mb']:.0f}" for one in found], f"{row['contestants']['onyx']['peak_rss_mb']:.0f}"])
        imports = {peer: statistics.median(row["contestants"][peer]["import_rss_mb"] for row in results.values() if peer in row["contestants"]) for peer in self.peers}
        bare = ", ".join(f"{PEERS[peer]} {value:.0f} MB" for peer, value in imports.items())
        return (f"## Peak resident memory\n\nOf the whole process after some runs, two threads. Python with NumPy and the runtime, before it has a model, takes: {bare};\n"
                "\"less import\" leaves that out. Onyx' whole process is counted.\n\n" + table(head, lines))

    def pacing(self):
        """Processor time with pauses."""
        results = self.sections.get("pace")
        if not results:
            return None
        head = ["", "one run on one thread ms", f"at {RATE} a second, 1 thread", "2 threads", *[f"{PEERS[peer]}, 2 threads" for peer in self.peers], "idle, ms a second"]
        lines = [
            [name, f"{row['onyx-1']['work_ms']:.2f}", f"{row['onyx-1']['paced_ms']:.2f}", f"{row['onyx-2']['paced_ms']:.2f}",
             *[f"{row[peer]['paced_ms']:.2f}" if peer in row else "–" for peer in self.peers], f"{row['onyx-2']['idle_ms']:.3f}"]
            for name, row in results.items()
        ]
        return "## Processor time\n\nOf all threads; \"one run\" while runs follow each other, the others for a run with the pause after it.\n\n" + table(head, lines)

    def outputs(self):
        """Agreement with the frameworks."""
        results = self.sections.get("outputs")
        if not results:
            return None
        lines = [[name, one["rtol"], one["passed"], one["failed"], ", ".join(one["failures"][:3])] for name, one in results.items()]
        return "## Agreement with PyTorch's outputs\n\n" + table(["", "relative tolerance", "agree", "differ", ""], lines)
