"""Draws the cases of an operator, asks the voices, runs Onyx and judges."""

import shutil
import subprocess
import sys
import time
import zlib

import numpy
import onnx

from differential_cases import draw, explained, verdict
from differential_cases.case import GENERATORS, element, write
from differential_cases.draw import is_float

# A case that no one answers, or that cannot be drawn, is drawn again; so often at most for each that is wanted.
TRIES = 4
# Versions that ONNX Runtime does not know, though they differ from the one before in types alone.
EARLIER = {("GlobalLpPool", 22), ("MaxRoiPool", 22)}


def draw_case(name, schema, newest, seed, types):
    """One case of a version of an operator; None when the drawn combination does not exist."""
    chooser = draw.Draw(schema, 0, seed).rng
    opset = int(chooser.integers(schema.since_version, newest + 1))
    drawer = draw.Draw(schema, opset, seed, types)
    case = GENERATORS[name](drawer)
    if case is None:
        return None
    if not case.constants:
        case.constants = frozenset(place for place in range(1, len(case.inputs)) if drawer.chance(0.4))
    case.symbolic = drawer.chance(0.25)
    for kind, rtol, atol in (("float16", 5e-3, 2e-3), ("bfloat16", 3e-2, 2e-2)):  # a voice may round after each step
        if any(found.name == kind for found in case.types.values()):
            case.rtol, case.atol = rtol, max(atol, case.atol)
    if {found.name for found in case.types.values() if is_float(found)} == {"float64"}:
        case.rtol = min(case.rtol, 1e-6)
    return case.build()


def sources(name, versions, wanted):
    """(schema, newest opset that it holds for) of the wanted versions of an operator."""
    for schema in versions:
        later = [other.since_version for other in versions if other.since_version > schema.since_version]
        newest = min(later) - 1 if later else {"": onnx.defs.onnx_opset_version(), "ai.onnx.ml": 5}.get(schema.domain, 1)
        if not wanted or schema.since_version in wanted:
            yield schema, newest


def answers(case, asked):
    """The outputs of each voice that has some."""
    found = {}
    for voice in (case.voice,) if case.voice else ("reference" if case.has_reference else "converted", "ort"):
        outputs, _ = asked.ask(voice, case.model, case.values)
        if outputs is None and voice == "ort" and case.schema and (case.schema.name, case.version) in EARLIER:
            case.model.opset_import[0].version = case.version - 1
            outputs, _ = asked.ask(voice, case.model, case.values)
            case.model.opset_import[0].version = case.opset
        if outputs is not None and all(is_declared(value, slot.type) for value, slot in zip(outputs, case.model.graph.output)):
            found["reference" if voice == "converted" else voice] = outputs
    return found


def is_declared(value, kind):
    """Whether an output has the type that the standard gives it; an answer of another one says nothing."""
    form = kind.WhichOneof("value")
    if form == "map_type" or value is None:
        return form != "tensor_type"
    if form != "tensor_type":
        inner = getattr(kind, form).elem_type
        return all(is_declared(item, inner) for item in value) if form == "sequence_type" else is_declared(value, inner)
    if isinstance(value, list):
        return False
    array = numpy.asarray(value)
    texts = array.dtype.kind != "O" or all(isinstance(item, str) for item in array.ravel())
    return texts and element(array.dtype) == kind.tensor_type.elem_type


def same(one, two):
    """Whether two answers are equal bit for bit."""
    if isinstance(one, (list, tuple)):
        return isinstance(two, (list, tuple)) and len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict) or one is None:
        return type(one) is type(two) and repr(one) == repr(two)
    one, two = numpy.asarray(one), numpy.asarray(two)
    if one.dtype != two.dtype or one.shape != two.shape:
        return False
    return one.tolist() == two.tolist() if one.dtype.kind == "O" else one.tobytes() == two.tobytes()


def write_case(case, folder, found):
    """Writes a folder for each distinct answer: {voice: folder}."""
    shutil.rmtree(folder, ignore_errors=True)
    places = {}
    for voice, outputs in found.items():
        twin = next((other for other in places if same(found[other], outputs)), None)
        places[voice] = places[twin] if twin else folder / voice
        if not twin:
            write(folder / voice, case.model, case.values, outputs)
    return places


def prepare(draw_one, kinds, args, asked, tally, place):
    """Draws the cases of an operator, of its versions by turns, and writes their folders: [(case, folder, {voice: folder})].

    `kinds` are the versions; `draw_one` makes a case of one of them and a seed. Others make up for a version that no one answers.
    """
    prepared, end = [], time.monotonic() + args.seconds
    wanted = dict.fromkeys(kinds, args.count if args.each_version else -(-args.count // len(kinds)))
    tries = TRIES * max(wanted.values())
    for index in range(2 * tries):
        if index == tries:
            able = [version for version in kinds if any(case.version == version for case, _, _ in prepared)]
            wanted = dict.fromkeys(able, -(-max(0, args.count - len(prepared)) // max(1, len(able))))
        for version in [version for version, left in wanted.items() if left]:
            if time.monotonic() > end:
                print(f"    {tally.name}: time is up after {len(prepared)} cases", file=sys.stderr)
                return prepared
            try:
                case = draw_one(version, zlib.crc32(f"{tally.name}/{version}/{args.seed}/{index}".encode()))
                found = {} if case is None or case.promise else answers(case, asked)
                if case is None or not found and not case.promise:
                    tally.mute[version] += case is not None
                    continue
                folder = place / f"{version}-{index:04d}"
                places = {"promise": write_promise(case, folder)} if case.promise else write_case(case, folder, found)
            except Exception as error:  # what cannot be made, or an answer that ONNX cannot express
                if args.debug:
                    raise
                print(f"    {tally.name}: case {version}-{index} could not be made: {type(error).__name__}: {error}"[:300], file=sys.stderr)
                continue
            wanted[version] -= 1
            prepared.append((case, folder, places))
    return prepared


def write_promise(case, folder):
    """Writes the model and the inputs of a case that draws random numbers: the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, case.model, case.values, [])
    return folder


def promise_row(onyx, case, folder, level):
    """The row of a case whose outputs are judged by what the operator promises."""
    out = folder / f"out-{level}"
    files = sorted((folder / "test_data_set_0").glob("input_*.pb"))
    inputs = [text for slot, file in zip(case.model.graph.input, files) for text in ("--input", f"{slot.name}={file}")]
    command = [onyx, "run", folder / "model.onnx", *inputs, "--optimization", level, "--output-dir", out, "--format", "pb", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return {"result": "fail", "reason": "crash: no answer within 60 s"}
    if done.returncode:
        known = done.returncode in (65, 69, 75)
        return {"result": "fail", "reason": f"{'' if known else 'crash: '}exit code {done.returncode}: {done.stderr.strip()[-200:]}"}
    files = {onnx.load_tensor(file).name: onnx.load_tensor(file) for file in out.glob("*.pb")}
    reason = case.promise([onnx.numpy_helper.to_array(files[slot.name]) for slot in case.model.graph.output])
    return {"result": "fail" if reason else "pass", "reason": f"1 of 1 elements differ, the first at []: {reason}" if reason else None}


def judge(name, kinds, draw_one, args, asked):
    """The tally of one operator, or of the graphs."""
    tally = verdict.Tally(name)
    place = args.out / name.replace(":", "_")
    prepared = prepare(draw_one, kinds, args, asked, tally, place)
    rows = {}
    for tolerance in {(case.rtol, case.atol) for case, _, _ in prepared if not case.promise}:
        folders = {
            found for case, _, places in prepared if not case.promise and (case.rtol, case.atol) == tolerance for found in places.values()
        }
        for level in verdict.LEVELS:
            found = verdict.run(args.onyx, sorted(folders), level, *tolerance)
            rows.update({(row, level): value for row, value in found.items()})
    for case, folder, places in prepared:
        if case.promise:
            rows.update({(str(folder), level): promise_row(args.onyx, case, folder, level) for level in verdict.LEVELS})
        table = {(voice, level): rows[str(found), level] for voice, found in places.items() for level in verdict.LEVELS}
        word, reason = verdict.verdict(table)
        note = explained.explanation(name, case, table) if word not in ("agrees", "crash", "unlike itself") else None
        for spare in tally.add("explained" if note else word, note or reason, case, folder, list(places)):
            shutil.rmtree(spare)
    return tally
