#!/usr/bin/python3
"""Times hdecomp's forward pass against ONNX Runtime's on the same files, in turn, and our forward pass with its tree.

    bench/compare_onnx.py [--quick] [--torch] [--threads 2] [--rounds 5] [--runs 10] NET.onnx...

Batch 1, float32, both sides on the numbers that hdecomp makes of the photograph, ONNX Runtime 1.30 with all of its
optimisations (npm's onnxruntime-node, in HDECOMP_ORT or installed for the run). Each round starts both sides anew.
Prints a Markdown table of medians in milliseconds, then the geometric mean and the least of the ratios; tests/onnx/export.py makes the
nets. "ours" is, as theirs, pass after pass of which the scores alone are asked for, "keeping all" the pass whose features a tree then
reads. How far two cores are apart (bench/cores_apart.h) tells a host that has moved them. "tree / forward" is the tree's own time over that pass's, for the tree of all stages, N = 3; "work" the same in multiply-adds. With --torch also one PyTorch forward pass and one autograd.grad for each decision of that tree, from the
.pth beside the .onnx (Debian's PyTorch; stages as in tests/torch_oracle.py).
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PHOTO = os.path.join(ROOT, "tools", "photos", "chelsea.jpg")


def run(*command, folder=None):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def converted(net, options, folder):
    """The net's model file: in --models, where it is kept and found again, or for this run alone."""
    name = os.path.splitext(os.path.basename(net))[0]
    model = os.path.join(options.models or folder, name + ".h5")
    if not (options.models and os.path.exists(model)):
        run(os.path.join(options.build, "tools", "hdecomp"), "convert", net, "-o", model)
    return model


def measure(net, options, runtime, folder):
    """Medians of our forward pass for the scores, ONNX Runtime's, ours that keeps all, our tree and those two, and what ours
    says of its last round."""
    model, image = converted(net, options, folder), os.path.join(folder, "image.f32")
    ours, theirs, kept, trees, both = [], [], [], [], []
    for _ in range(options.rounds):
        said = json.loads(run(os.path.join(options.build, "bench", "time_tree"), model, PHOTO, "--device", "cpu", "--threads",
                              str(options.threads), "--repetitions", str(options.runs), "--input", image))
        ours += said["scores_ms"]
        kept += said["forward_ms"]
        trees += said["tree_ms"]
        both += said["total_ms"]
        side = str(math.isqrt(os.path.getsize(image) // 12))
        theirs += json.loads(run("node", os.path.join(HERE, "time_onnx.mjs"), net, image, str(options.threads),
                                 str(options.runs), "1", "3", side, side, folder=runtime))
    return [statistics.median(times) for times in (ours, theirs, kept, trees, both)], said


def autograd_ms(net, image, threads):
    """Of PyTorch's forward pass and one autograd.grad per decision, and how many those are."""
    import numpy
    import torch
    import torchvision
    sys.path.insert(0, os.path.join(ROOT, "tests"))
    from torch_oracle import NAMED_STAGES, stage_modules
    from torch_tree import TorchTree
    torch.set_num_threads(threads)
    name = os.path.splitext(os.path.basename(net))[0]
    extra = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    module = getattr(torchvision.models, name)(**extra)
    module.load_state_dict(torch.load(os.path.splitext(net)[0] + ".pth"))
    for parameter in module.eval().parameters():
        parameter.requires_grad_(False)
    if name.startswith("densenet"):  # its last ReLU as a module, so that a hook can see it
        module.features.norm5 = torch.nn.Sequential(module.features.norm5, torch.nn.ReLU())
        module.forward = lambda x: module.classifier(module.features(x).mean((2, 3)))
    values = numpy.fromfile(image, numpy.float32)
    side = math.isqrt(values.size // 3)
    values = torch.from_numpy(values.reshape(1, 3, side, side))
    stages = f"{name} as graph" if f"{name} as graph" in NAMED_STAGES else name
    times = []
    for _ in range(2):  # the first warms up
        begin = time.perf_counter()
        tree = TorchTree(module, values, 1, list(stage_modules(module, stages).values()))
        _, count = tree.build("naive")
        times.append(1e3 * (time.perf_counter() - begin))
    return times[-1], count


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("nets", nargs="+")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--models", help="folder of converted nets, filled where one is missing")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=10, help="of each side in a round")
    parser.add_argument("--quick", action="store_true", help="two rounds of five runs: a few minutes for 18 nets")
    parser.add_argument("--torch", action="store_true", help="PyTorch's autograd, too")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.runs = 2, 5
    os.environ.pop("OMP_WAIT_POLICY", None)  # as the command runs: threads wait for work as they do by default
    more = [" PyTorch, autograd per decision | times faster |", "---:|---:|"] if options.torch else ["", ""]
    print(f"| net | ours | ONNX Runtime | ratio | keeping all | tree | forward + tree | decisions | tree / forward | work | peak MiB |{more[0]}\n"
          f"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|{more[1]}")
    ratios, apart = [], []
    with tempfile.TemporaryDirectory() as folder:
        runtime = os.environ.get("HDECOMP_ORT", folder)
        if not os.path.isdir(os.path.join(runtime, "node_modules", "onnxruntime-node")):
            run("npm", "install", "--silent", "--ignore-scripts", "onnxruntime-node@1.30.0", folder=runtime)
        for net in map(os.path.abspath, options.nets):
            (ours, theirs, kept, tree, both), said = measure(net, options, runtime, folder)
            ratios.append(theirs / ours)
            apart.append(said["cores_apart_ns"])
            work = said["tree_multiply_adds"] / said["forward_multiply_adds"]
            line = (f"| {os.path.splitext(os.path.basename(net))[0]} | {ours:.1f} | {theirs:.1f} | {ratios[-1]:.2f} | {kept:.1f} | {tree:.1f} "
                    f"| {both:.1f} | {said['decompositions']} | {tree / kept:.2f} | {work:.2f} | {said['peak_memory_kib'] / 1024:.0f} |")
            if options.torch:
                autograd, count = autograd_ms(net, os.path.join(folder, "image.f32"), options.threads)
                line += f" {autograd:.0f} ({count}) | {autograd / both:.0f} |"
            print(line, flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"\n{len(ratios)} nets, {options.threads} threads: {mean:.2f} times as fast as a geometric mean, at least "
          f"{min(ratios):.2f}; two cores {min(apart):.0f} to {max(apart):.0f} ns apart")


if __name__ == "__main__":
    main()
