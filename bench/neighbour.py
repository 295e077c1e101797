#!/usr/bin/python3
"""Times forward passes and trees on a free machine and beside busy programs, which it starts, for ours and our peers.

    bench/neighbour.py [--busy 1] [--threads 2] [--rounds 3] [--runs 20] [--torch] [--before BUILD] NET.onnx...

NET.onnx as tests/onnx/export.py makes it. In every round each program runs once with the cores to itself and once beside
`--busy` programs that only count, in processes of their own. Prints a Markdown table of medians in milliseconds, "free, busy (ratio)": ours
(forward, tree), ONNX Runtime's forward pass, with --torch PyTorch's (the .pth beside the .onnx), with --before also that of
another build of ours. OMP_WAIT_POLICY and GOMP_SPINCOUNT are not passed on: all threads wait as they do by default.
"""
import argparse
import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

from compare_onnx import HERE, PHOTO, ROOT, converted, run

TORCH = """
import json, sys, time, numpy, torch, torchvision
name, weights, image, threads, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
torch.set_num_threads(threads)
module = getattr(torchvision.models, name)()
module.load_state_dict(torch.load(weights))
module.eval()
values = numpy.fromfile(image, numpy.float32)
side = int((values.size // 3) ** 0.5)
values = torch.from_numpy(values.reshape(1, 3, side, side))
times = []
with torch.inference_mode():
    for _ in range(runs + 2):
        begin = time.perf_counter()
        module(values)
        times.append(1e3 * (time.perf_counter() - begin))
print(json.dumps(times[2:]))
"""


@contextlib.contextmanager
def busy_programs(count):
    """As many programs that never wait as `count` says, for the length of a block."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def sides(net, options, runtime, folder):
    """What is timed of a net: name -> a call that gives {column: times in ms}."""
    model, image = converted(net, options, folder), os.path.join(folder, "image.f32")
    threads, runs = str(options.threads), str(options.runs)

    def ours(build):
        said = json.loads(run(os.path.join(build, "bench", "time_tree"), model, PHOTO, "--device", "cpu", "--threads", threads,
                              "--repetitions", runs, "--input", image))
        return {"forward": said["forward_ms"], "tree": said["tree_ms"]}

    def onnx_runtime():
        side = str(math.isqrt(os.path.getsize(image) // 12))
        return {"forward": json.loads(run("node", os.path.join(HERE, "time_onnx.mjs"), net, image, threads, runs, "1", "3",
                                          side, side, folder=runtime))}

    def torch():
        stem = os.path.splitext(net)[0]
        return {"forward": json.loads(run("/usr/bin/python3", "-c", TORCH, os.path.basename(stem), stem + ".pth", image,
                                          threads, runs))}

    found = {"ours": lambda: ours(options.build)}
    if options.before:
        found["before"] = lambda: ours(options.before)
    found["ONNX Runtime"] = onnx_runtime
    if options.torch:
        found["PyTorch"] = torch
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="+")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--before", help="another build, in the same run")
    parser.add_argument("--models", help="folder of converted nets, filled where one is missing")
    parser.add_argument("--busy", type=int, default=1, help="busy programs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=20, help="of each side in a round")
    parser.add_argument("--torch", action="store_true", help="PyTorch's forward pass, too")
    options = parser.parse_args()
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        os.environ.pop(name, None)
    headed = False
    with tempfile.TemporaryDirectory() as folder:
        runtime = os.environ.get("HDECOMP_ORT", folder)
        if not os.path.isdir(os.path.join(runtime, "node_modules", "onnxruntime-node")):
            run("npm", "install", "--silent", "--ignore-scripts", "onnxruntime-node@1.30.0", folder=runtime)
        for net in map(os.path.abspath, options.nets):
            times = {}
            for _ in range(options.rounds):
                for name, call in sides(net, options, runtime, folder).items():
                    for busy in (0, options.busy):
                        with busy_programs(busy):
                            for column, found in call().items():
                                times.setdefault((name, column), {}).setdefault(busy, []).extend(found)
            if not headed:
                print("| net | " + " | ".join(f"{name}, {column}" for name, column in times) + " |\n|---|" + "---:|" * len(times))
                headed = True
            cells = ["{:.1f}, {:.1f} ({:.2f})".format(*(medians := [statistics.median(of[busy]) for busy in (0, options.busy)]),
                                                     medians[1] / medians[0]) for of in times.values()]
            print(f"| {os.path.splitext(os.path.basename(net))[0]} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
