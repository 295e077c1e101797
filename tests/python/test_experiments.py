"""Runs over many images from Python: the command's results files, byte by byte."""

import hdecomp
import numpy as np
import pytest
from conftest import command, source

photos = [str(source / "tools/photos" / name) for name in ("portrait.jpg", "chelsea.jpg", "coffee.jpg")]


def measured(kind, file, *, labels=None, progress=None, **asked):
    experiment = hdecomp.Experiment(kind, "vgg16-slim", device="cpu", **asked)
    return experiment.run(photos, file, labels=labels, progress=progress)


@pytest.mark.parametrize(
    "kind, words, asked",
    [
        ("pcc", ("--fill", "zero", "--top", "2"), {"fill": "zero", "top": 2}),
        ("masking", ("--all-decisions",), {"all_decisions": True}),
        ("distribution", ("--peaks", "3"), {"peaks": 3}),
        ("sparse", ("--seed", "4", "--top", "4"), {"seed": 4, "top": 4}),
        ("importance", ("--steps", "4"), {"steps": 4}),
        ("attack", ("--steps", "3", "--eps", "2/255"), {"steps": 3, "eps": 2 / 255}),
        ("class-graph", ("--depth", "2"), {"depth": 2}),
        ("class-graph", ("--depth", "2", "--merge-overlaps", "0.3"), {"depth": 2, "merge_overlaps": 0.3}),
    ],
)
def test_results_are_the_commands(kind, words, asked, tmp_path):
    told, found = tmp_path / "told.h5", tmp_path / "found.h5"
    command(kind, *photos, *words, "-o", str(told))
    results = measured(kind, found, **asked)
    assert found.read_bytes() == told.read_bytes()
    assert results.experiment == kind and results.images == photos and results.states == ["measured"] * 3
    for field, extent in results.fields.items():
        assert results.values(field).shape == (3, *extent)


def test_discriminate_wants_labels(tmp_path):
    labels = ["faces_easy", 12, "36"]
    results = measured("discriminate", tmp_path / "d.h5", labels=labels)
    assert results.states == ["measured"] * 3
    with pytest.raises(hdecomp.UserError, match="give labels"):
        measured("discriminate", tmp_path / "e.h5")
    with pytest.raises(hdecomp.UserError, match="1 labels for 3 images"):
        measured("discriminate", tmp_path / "f.h5", labels=[1])


def test_progress_ends_a_run_that_goes_on_later(tmp_path):
    file, whole = tmp_path / "part.h5", tmp_path / "whole.h5"
    seen = []

    def first_alone(done, of):
        seen.append((done, of))
        raise KeyError("enough")

    experiment = hdecomp.Experiment("pcc", "vgg16-slim", device="cpu", batch=1)
    with pytest.raises(KeyError, match="enough"):
        experiment.run(photos, file, progress=first_alone)
    assert seen == [(1, 3)]
    with pytest.raises(hdecomp.UserError, match="part.h5"):
        experiment.run(photos, file)
    results = experiment.run(photos, file, resume=True)
    again = experiment.run(photos, file, resume=True)  # beside results that are in use
    assert again.states == results.states
    for field in results.fields:
        assert np.array_equal(again.values(field), results.values(field), equal_nan=True)
    all_at_once = experiment.run(photos, whole)
    for field in results.fields:
        assert np.array_equal(results.values(field), all_at_once.values(field), equal_nan=True)
    with pytest.raises(hdecomp.Error, match="at work already"):
        experiment.run(photos, tmp_path / "x.h5", progress=lambda *_: experiment.run(photos, tmp_path / "y.h5"))


def test_what_cannot_be_read_is_told_of(tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    experiment = hdecomp.Experiment("pcc", "vgg16-slim", device="cpu")
    results = experiment.run([photos[0], bad], tmp_path / "r.h5")
    assert results.states == ["measured", "unreadable"]
    assert results.skipped[0][0] == str(bad) and "bad.jpg" in results.skipped[0][1]
    assert np.isnan(results.values("correlation")[1]).all()
    with pytest.raises(hdecomp.UserError, match="no field 'nothing'"):
        results.values("nothing")
    with pytest.raises(hdecomp.UserError, match="class_graphs: of kind 'class-graph'; this is of 'pcc'"):
        results.class_graphs()


def test_graphs_are_the_trees_added_up(explainer, tmp_path):
    results = measured("class-graph", tmp_path / "g.h5", depth=2, target="faces_easy")
    graphs = results.class_graphs()
    assert [graph.class_index for graph in graphs] == [36]
    tree = explainer.explain(photos[0], "faces_easy", depth=2)
    level = graphs[0].levels[0]
    share = {node.channel: node.share for node in tree.root.children}
    ours = {edge.below: edge for edge in level.edges}
    for channel, weight in share.items():
        assert ours[channel].above == 36 and ours[channel].weight * graphs[0].trees >= weight * (1 - 1e-6)
    assert level.reach == pytest.approx(sum(edge.weight for edge in level.edges), rel=1e-6)
    few = results.class_graphs(share=0.5)[0].levels[0]
    assert len(few.edges) < len(level.edges) and few.held >= 0.5
    with pytest.raises(hdecomp.UserError, match="^share 2"):
        results.class_graphs(share=2)


def test_kinds_that_need_more_are_refused():
    for kind in ("context", "randomise", "what-ifs", "compare-models"):
        with pytest.raises(hdecomp.UserError, match="hdecomp " + kind):
            hdecomp.Experiment(kind)
    with pytest.raises(hdecomp.UserError, match="kind='magic'"):
        hdecomp.Experiment("magic")
