"""Runs Onyx on the folders of the cases, with rewrites and without, and says with whom it agrees."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

LEVELS = ("full", "none")
# What the lines say for each verdict but agreement.
WORDS = {
    "explained": "differ as explained",
    "neither": "differ from all voices",
    "reference": "agree with the reference only",
    "ort": "agree with ORT only",
    "refused": "refused",
    "unlike itself": "changed by rewrites",
    "crash": "crash",
}


def run(onyx, folders, level, rtol, atol, seconds=120):
    """The rows of `onyx test` by folder; a crash or a hang is narrowed down to the case."""
    command = [
        onyx,
        "test",
        *map(str, folders),
        "--json",
        "--optimization",
        level,
        "--rtol",
        str(rtol),
        "--atol",
        str(atol),
        "--deadline",
        "20",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        if done.returncode in (0, 1):
            return {row["name"]: row for row in json.loads(done.stdout)["cases"]}
        reason = f"crash: exit code {done.returncode}: {done.stderr.strip()[-200:]}"
    except subprocess.TimeoutExpired:
        reason = f"crash: no answer within {seconds} s"
    if len(folders) == 1:
        return {str(folders[0]): {"name": str(folders[0]), "result": "fail", "reason": reason}}
    half = len(folders) // 2
    return {**run(onyx, folders[:half], level, rtol, atol, seconds), **run(onyx, folders[half:], level, rtol, atol, seconds)}


def outcome(row):
    """pass, differs, refused or crash."""
    reason = row.get("reason") or ""
    if row["result"] == "pass":
        return "pass"
    if reason.startswith("crash"):
        return "crash"
    if "elements differ" in reason or re.search(r"the tensor is .*, expected", reason):
        return "differs"
    return "refused"


def verdict(rows):
    """One word on a case from {(voice, level): row}, and the reason that shows it."""
    outcomes = {key: outcome(row) for key, row in rows.items()}
    failing = [rows[key].get("reason") or "" for key, found in outcomes.items() if found != "pass"]
    if not failing:
        return "agrees", ""
    for word in ("crash", "refused"):
        if word in outcomes.values():
            return word, next(rows[key]["reason"] for key, found in outcomes.items() if found == word)
    voices = sorted({voice for voice, _ in rows})
    agreeing = {level: [voice for voice in voices if outcomes[voice, level] == "pass"] for level in LEVELS}
    if agreeing["full"] != agreeing["none"]:
        return "unlike itself", failing[0]
    return (agreeing["full"][0] if agreeing["full"] else "neither"), failing[0]


def classed(reason):
    """A reason without the numbers of its case, so that equal ones can be counted."""
    text = re.sub(r"Output '[^']*' of \S+: ", "", reason.split("\n  ")[0])
    text = re.sub(r"node node making '\w+'|node '?\w+'?", "node", text)
    text = re.sub(r"\d+ of \d+ elements differ, the first at [^:]*: ", "", text)
    text = re.sub(r"; the largest difference.*", "", text)
    text = re.sub(r"(?<![A-Za-z\d])-?\d+(\.\d+)?(e[-+]?\d+)?", "#", text)
    text = re.sub(r"#(, ?#)*", "#", text)
    return " ".join(text.split())[:160]


class Tally:
    """The verdicts on the cases of one operator."""

    def __init__(self, name):
        self.name, self.counts, self.classes, self.mute, self.versions = name, Counter(), {}, Counter(), Counter()

    def add(self, word, reason, case, folder, voices):
        """Counts a case; of those that show the same the smallest is kept. Returns folders that need not be kept."""
        self.counts[word] += 1
        self.versions[case.version] += 1
        if word == "agrees":
            return [folder]
        text = reason if word == "explained" else classed(reason)
        found = self.classes.setdefault((word, " and ".join(voices), text), {"count": 0, "elements": None, "versions": set()})
        found["count"] += 1
        found["versions"].add(case.version)
        if found["elements"] is not None and found["elements"] <= case.elements:
            return [folder]
        spare = [found["folder"]] if "folder" in found else []
        found.update(elements=case.elements, folder=folder, reason=reason, types={key: str(kind) for key, kind in case.types.items()})
        return spare

    @property
    def cases(self):
        """How many cases were judged."""
        return sum(self.counts.values())

    def line(self):
        """The line of the operator."""
        text = f"{self.name:28s} {self.cases:5d} cases  {self.counts['agrees']:5d} agree"
        text += "".join(f"  {self.counts[key]} {words}" for key, words in WORDS.items() if self.counts[key])
        mute = [f"{count} of version {version}" for version, count in sorted(self.mute.items()) if not self.versions[version]]
        return text + (f"  (no one answers: {', '.join(mute)})" if mute else "")

    def details(self, root):
        """A line for each class of differences, most frequent first, with its smallest case."""
        for (word, voices, text), found in sorted(self.classes.items(), key=lambda item: -item[1]["count"]):
            versions = ", ".join(map(str, sorted(found["versions"])))
            against = f"differs from {voices}" if word == "neither" else f"{WORDS[word]} of {voices}"
            told = text if word == "explained" else f"{against}: {text}"
            yield f"    {found['count']:4d}× version {versions}: {told}  [{Path(found['folder']).relative_to(root)}]"

    def document(self, root):
        """The same for JSON."""
        classes = [
            {
                "verdict": word,
                "voices": voices,
                "count": found["count"],
                "versions": sorted(found["versions"]),
                "reason": found["reason"],
                "types": found["types"],
                "folder": str(Path(found["folder"]).relative_to(root)),
            }
            for (word, voices, _), found in self.classes.items()
        ]
        counts = {name: dict(sorted(found.items())) for name, found in (("versions", self.versions), ("without_voice", self.mute))}
        return {"cases": self.cases, "counts": dict(self.counts), **counts, "classes": classes}
