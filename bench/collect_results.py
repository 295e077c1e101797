#!/usr/bin/python3
"""Puts the results of tools/gpu_check.sh together.

collect_results.py FOLDER RESULT GPU writes RESULT.json and RESULT.md.

FOLDER holds steps.tsv (step, result, seconds, limit), Google Benchmark's kernels.json and networks-PRECISION.json, and
time_torch.py's torch.json, as far as the steps were run. What RESULT.json has of other steps stays.
"""
import argparse
import json
import os
import statistics

PRECISIONS = ("float32", "tf32", "bf16", "fp16")
TIME_UNITS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}  # in milliseconds
COUNTERS = ("bytes", "GB/s", "of copy", "GFLOP/s", "images/s", "decisions", "steps")


def read_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):  # not run, or cut off
        return None


def benchmarks(path):
    """Google Benchmark's context, and by name the medians over the repetitions; None without a file."""
    found = read_json(path)
    if found is None:
        return None
    runs = {}
    for run in found["benchmarks"]:
        if run.get("run_type", "iteration") == "iteration":
            name = run["name"].replace("/real_time", "").replace("/manual_time", "")
            name = name.split("/repeats:")[0]
            runs.setdefault(name, []).append(run)
    return {"context": found["context"], "benchmarks": {name: summary(same) for name, same in runs.items()}}


def summary(runs):
    for run in runs:
        if run.get("error_occurred"):
            return {"error": run.get("error_message", "")}
    result = {"ms": statistics.median(run["real_time"] * TIME_UNITS[run["time_unit"]] for run in runs)}
    for counter in COUNTERS:
        if counter in runs[0]:
            result[counter] = statistics.median(run[counter] for run in runs)
    return result


def collect(folder, old):
    results = dict(old or {})
    steps = results.setdefault("steps", {})
    with open(os.path.join(folder, "steps.tsv"), encoding="utf-8") as file:
        for line in file:
            name, result, seconds, limit = line.rstrip("\n").split("\t")
            steps[name] = {"result": result, "seconds": int(seconds), "limit": int(limit)}
    new = {"kernels": benchmarks(os.path.join(folder, "kernels.json")),
           "torch": read_json(os.path.join(folder, "torch.json"))}
    results.update({key: value for key, value in new.items() if value is not None})
    for precision in PRECISIONS:
        found = benchmarks(os.path.join(folder, f"networks-{precision}.json"))
        if found is not None:
            results.setdefault("networks", {})[precision] = found
    return results


def table(columns, rows):
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines) + "\n"


def number(value, digits=3):
    """Plain, to so many significant digits."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def kernel_table(found):
    rows = []
    for name, run in found["benchmarks"].items():
        if "error" in run:
            rows.append([name, run["error"], "", "", "", ""])
            continue
        rows.append([name, number(1e3 * run["ms"]), number(run.get("bytes", 0) / 1e6), number(run.get("GB/s")),
                     number(run.get("of copy"), 2), number(run.get("GFLOP/s"))])
    return table(["op", "time, us", "bytes, MB", "GB/s", "of copy", "GFLOP/s"], rows)


def network_table(networks):
    """A row per benchmark: milliseconds in each precision, images/s of the first."""
    names = [name for found in networks.values() for name in found["benchmarks"]]
    rows = []
    for name in dict.fromkeys(names):
        runs = [found["benchmarks"].get(name, {}) for found in networks.values()]
        rows.append([name, *(run.get("error") or number(run.get("ms")) for run in runs),
                     *(number(run.get("images/s")) for run in runs)])
    return table(["what / net / batch", *(f"{precision}, ms" for precision in networks),
                  *(f"{precision}, images/s" for precision in networks)], rows)


def markdown(results):
    parts = [f"# {results['name']}\n\n{results['gpu']}\n",
             table(["step", "result", "seconds", "limit"],
                   [[name, step["result"], step["seconds"], step["limit"]] for name, step in results["steps"].items()])]
    if "kernels" in results:
        parts += ["## Ops alone\n", kernel_table(results["kernels"])]
    if "networks" in results:
        parts += ["## Networks\n", network_table(results["networks"])]
    if "torch" in results:
        parts += ["## Against PyTorch\n", results["torch"]["title"] + "\n"]
        parts += [table(**each) for each in results["torch"]["tables"]]
        parts += results["torch"]["faults"]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("folder", "result", "gpu"):
        parser.add_argument(name)
    options = parser.parse_args()
    folder, result, gpu = options.folder, options.result, options.gpu
    results = {"name": os.path.basename(result), "gpu": gpu, **collect(folder, read_json(result + ".json"))}
    with open(result + ".json", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")
    with open(result + ".md", "w", encoding="utf-8") as file:
        file.write(markdown(results))


if __name__ == "__main__":
    main()
