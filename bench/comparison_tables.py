"""The tables that time_torch.py prints: their columns, and their rows of one measured net; what they mean is in
bench/README.md."""

TIMES_COLUMNS = ["net", "precision", "decisions", "forward: PyTorch, ms", "ours, ms", "times faster",
                 "tree beyond forward: ours, ms", "/ PyTorch's forward", "/ our forward",
                 "forward + tree: PyTorch naive, ms", "PyTorch batched, ms", "ours, ms", "times faster than naive",
                 "than batched", "tree alone: times faster than naive", "than batched"]
WORK_COLUMNS = ["net", "precision", "multiply-adds, 10^9: forward", "tree", "tree / forward",
                "GFLOP/s: forward, PyTorch", "forward, ours", "tree, ours", "images/s, batched: forward",
                "forward + tree", "/ forward", "channels unlike float32's", "our peak memory on the host, MiB"]
ABLATION_COLUMNS = ["net", "channels ablated", "ours, ms", "in our forward passes", "PyTorch batched, ms",
                    "in PyTorch's forward passes", "times faster", "ablation : gAP, ours", "PyTorch", "drops differ by"]
TARGET_COLUMNS = ["target", "asked", "reached", ""]


def times_row(comparison, precision):
    measured = comparison.measured[precision]
    m = measured.medians()
    return [comparison.arch, precision, measured.ours["decompositions"],
            *(f"{m[name]:.2f}" for name in ("forward", "our forward")),
            f"{m['forward'] / m['our forward']:.2f}", f"{m['our tree']:.2f}",
            *(f"{m['our tree'] / m[name]:.2f}" for name in ("forward", "our forward")),
            *(f"{m[name]:.1f}" for name in ("naive", "batched")), f"{m['our total']:.2f}",
            *(f"{m[name] / m['our total']:.1f}" for name in ("naive", "batched")),
            *(f"{m[name + ' tree'] / m['our tree']:.1f}" for name in ("naive", "batched"))]


def work_row(comparison, precision):
    measured = comparison.measured[precision]
    m, ours, many = measured.medians(), measured.ours, measured.many
    forward, tree = ours["forward_multiply_adds"], ours["tree_multiply_adds"]
    return [comparison.arch, precision, f"{forward / 1e9:.2f}", f"{tree / 1e9:.2f}", f"{tree / forward:.2f}",
            *(f"{2e-6 * forward / m[name]:.0f}" for name in ("forward", "our forward")),
            f"{2e-6 * tree / m['our tree']:.0f}", *(f"{many[name]:.1f}" for name in ("forward", "total")),
            f"{many['total'] / many['forward']:.2f}", f"{measured.changed} of {measured.chosen}",
            f"{ours['peak_memory_kib'] / 1024:.0f}"]


def ablation_row(comparison):
    ablation = comparison.ablation
    m = ablation.medians()
    return [comparison.arch, ablation.channels, f"{m['our ablation']:.1f}", f"{m['our ablation'] / m['our forward']:.2f}", f"{m['ablation']:.1f}",
            f"{m['ablation'] / m['forward']:.1f}", f"{m['ablation'] / m['our ablation']:.1f}",
            f"{m['our ablation'] / m['our gap']:.1f}", f"{m['ablation'] / m['gap']:.1f}",
            f"{max(ablation.differences):.1e}"]


def target_row(what, reached, bound, at_least=True):
    met = reached >= bound if at_least else reached <= bound
    return [f"VGG-16, {what}", f"{'at least' if at_least else 'at most'} {bound:g}", f"{reached:.3g}",
            "met" if met else "missed"]


def target_rows(comparison, batch):
    """What VGG-16 is to reach."""
    if comparison.arch != "vgg16":
        return []
    if comparison.kind == "cpu":
        m = comparison.ablation.medians()
        return [target_row("float32: ablation along the top-1 path, in our forward passes",
                           m["our ablation"] / m["our forward"], 4, at_least=False)] if m else []
    rows = []
    for precision, measured in comparison.measured.items():
        m, many = measured.medians(), measured.many
        rows += [target_row(f"{precision}: tree, times faster than PyTorch naive", m["naive tree"] / m["our tree"], 50),
                 target_row(f"{precision}: tree, times faster than PyTorch batched", m["batched tree"] / m["our tree"],
                            20)]
        if precision == "float32":
            rows.append(target_row(f"{precision}: forward + tree at batch 1, ms (on an H100)", m["our total"], 1.5,
                                   at_least=False))
        rows.append(target_row(f"{precision}: images/s at batch {batch}, forward + tree / forward",
                               many["total"] / many["forward"], 0.8))
    return rows


def print_table(columns, rows):
    for cells in [columns, ["---"] * len(columns), *rows]:
        print("| " + " | ".join(map(str, cells)) + " |")
    print(flush=True)
