"""The report on what tools/differential has judged."""

HEAD = """# Differential tests

Made by `tools/differential --write`. For each operator seeded random cases are drawn over its versions, element types, shapes (empty and
single dimensions among them), attributes and odd values (NaN, infinities, −0, limits of integers), and Onyx, with its rewrites and
without, is compared with ONNX's reference evaluator and with ONNX Runtime without rewrites. An old form that the evaluator lacks is
converted first. What draws random numbers is judged by types, shapes, ranges and statistics; derivatives by differences in float64.

A case agrees when Onyx agrees with every voice that answers. It differs as explained when the voice that it differs from is known to be
wrong about such cases, or means what the text leaves open; the reasons are below, and the other voice, where it answers, agrees.
"""


def text(documents, facts):
    """The whole page from what is known by operator."""
    total = {key: sum(one["counts"].get(key, 0) for one in documents.values()) for key in ("agrees", "explained")}
    cases = sum(one["cases"] for one in documents.values())
    rest = cases - total["agrees"] - total["explained"]
    judged = f"{total['agrees']} agree, {total['explained']} differ as explained, {rest} otherwise"
    parts = [HEAD.strip(), facts, f"{cases} cases of {len(documents)} operators: {judged}."]
    lines = ["| operator | cases by version | agree | explained | otherwise |", "|---|---|---|---|---|"]
    for name, one in documents.items():
        versions = ", ".join(f"{version}: {count}" for version, count in one["versions"].items())
        good = [one["counts"].get(key, 0) for key in ("agrees", "explained")]
        lines.append(f"| {name} | {versions} | {good[0]} | {good[1] or ''} | {one['cases'] - sum(good) or ''} |")
    parts.append("\n".join(lines))
    reasons = {}
    for name, one in documents.items():
        for found in one["classes"]:
            for reason in found["reason"].split(" / ") if found["verdict"] == "explained" else []:
                reasons.setdefault(name, {}).setdefault(reason, 0)
                reasons[name][reason] += found["count"]
    lines = [
        f"- **{name}**: " + "; ".join(f"{reason} ({count})" for reason, count in found.items()) + "." for name, found in reasons.items()
    ]
    parts.append("## Explained differences\n\nThe number of cases stands behind each reason.\n\n" + "\n".join(lines))
    return "\n\n".join(parts).replace("reference:", "the reference evaluator:").replace("ort:", "ONNX Runtime:") + "\n"
