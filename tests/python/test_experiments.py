"""Runs over many images from Python: the command's results files, byte by byte."""

import hdecomp
import numpy as np
import PIL.Image
import pytest
from conftest import command, source

photos = [str(source / "tools/photos" / name) for name in ("portrait.jpg", "chelsea.jpg", "coffee.jpg")]


def measured(kind, file, *, labels=None, progress=None, **asked):
    experiment = hdecomp.Experiment(kind, "vgg16-slim", device="cpu", **asked)
    return experiment.run(photos, file, labels=labels, progress=progress)


def same_tables(results, told):
    """The files that the command wrote beside its results file, as texts and beside ours."""
    beside = {path.name[len("told") :]: path.read_text() for path in told.parent.glob("told.*") if path != told}
    assert {".csv", ".md"} <= set(beside) and results.tables() == beside
    results.save_tables()
    for extension, text in beside.items():
        assert (told.parent / f"found{extension}").read_text() == text


@pytest.mark.parametrize(
    "kind, words, asked",
    [
        ("pcc", ("--fill", "zero", "--all-decisions", "--top", "2"), {"fill": "zero", "all_decisions": True, "top": 2}),
        ("masking", ("--all-decisions",), {"all_decisions": True}),
        ("distribution", ("--peaks", "3"), {"peaks": 3}),
        ("sparse", ("--seed", "4", "--top", "4"), {"seed": 4, "top": 4}),
        ("importance", ("--steps", "4"), {"steps": 4}),
        ("attack", ("--steps", "3", "--eps", "2/255"), {"steps": 3, "eps": 2 / 255}),
        ("class-graph", ("--depth", "2"), {"depth": 2}),
        ("class-graph", ("--depth", "2", "--merge-overlaps", "0.3"), {"depth": 2, "merge_overlaps": 0.3}),
        ("what-ifs", ("--controls", "3", "--fill", "blur", "--region", "field"), {"controls": 3, "fill": "blur", "region": "field"}),
        ("what-ifs", ("--at", "conv5_3:70", "--mask-threshold", "0.3"), {"at": "conv5_3:70", "mask_threshold": 0.3}),
        ("what-ifs", ("--off", "conv5_3:70,3", "--controls", "2", "--seed", "5"), {"off": "conv5_3:70,3", "controls": 2, "seed": 5}),
        ("what-ifs", ("--off", "top", "--fill", "mean"), {"off": "top", "fill": "mean"}),
        (
            "randomise",
            ("--methods", "gradient,gap", "--top", "1,2", "--by", "block", "--order", "bottom-up", "--draw", "permute"),
            {"methods": ["gradient", "gap"], "top": [1, 2], "unit": "block", "order": "bottom-up", "draw": "permute"},
        ),
        ("randomise", ("--methods", "guided", "--target", "argmax"), {"methods": ["guided"], "changed_target": "argmax"}),
    ],
)
def test_results_and_tables_are_the_commands(kind, words, asked, tmp_path):
    told, found = tmp_path / "told.h5", tmp_path / "found.h5"
    command(kind, *photos, *words, "-o", str(told))
    results = measured(kind, found, **asked)
    assert found.read_bytes() == told.read_bytes()
    assert results.experiment == kind and results.images == photos and results.states == ["measured"] * 3
    for field, extent in results.fields.items():
        assert results.values(field).shape == (3, *extent)
    same_tables(results, told)


def other_model(folder):
    """The slim network with other weights."""
    file = folder / "other.h5"
    model = hdecomp.Model.bundled("vgg16-slim")
    model.with_preprocess(mean=[0.25]).save(file)
    return file


def test_models_are_compared_as_by_the_command(tmp_path):
    told, found, other = tmp_path / "told.h5", tmp_path / "found.h5", other_model(tmp_path)
    command("compare-models", *photos, "--other", str(other), "--methods", "gradient", "-o", str(told))
    results = measured("compare_models", found, other=other, methods=["gradient"])
    assert found.read_bytes() == told.read_bytes()
    same_tables(results, told)
    assert results.experiment == "compare-models" and len(results.options["other_model_sha256"]) == 64
    with pytest.raises(hdecomp.UserError, match="^compare-models: give other"):
        hdecomp.Experiment("compare-models", "vgg16-slim")


def segmented(folder):
    """Photographs in folders by class, one without a segmentation, and the segmentations' names."""
    for name, category in (("portrait", "faces_easy"), ("chelsea", "cougar_face"), ("coffee", "cup")):
        (folder / "photos" / category).mkdir(parents=True)
        photo = PIL.Image.open(source / f"tools/photos/{name}.jpg").resize((150, 120))
        photo.save(folder / "photos" / category / f"{name}.png")
        if name == "coffee":
            continue
        labels = np.zeros((120, 150), np.uint8)
        labels[30:90, 40:110] = 2
        labels[:30] = 1
        (folder / "regions" / category).mkdir(parents=True)
        PIL.Image.fromarray(labels).save(folder / "regions" / category / f"{name}.png")
    (folder / "names.txt").write_text("background\nsky\nthing\n")


def test_context_over_a_folder_is_the_commands(tmp_path):
    segmented(tmp_path)
    told, found, folder = tmp_path / "told.h5", tmp_path / "found.h5", tmp_path / "photos"
    words = ("--regions", str(tmp_path / "regions"), "--region-names", str(tmp_path / "names.txt"), "--depth", "1")
    command("context", str(folder), *words, "--labels", "folder", "--class", "label", "-o", str(told))
    asked = {"regions": tmp_path / "regions", "region_names": tmp_path / "names.txt", "depth": 1}
    experiment = hdecomp.Experiment("context", "vgg16-slim", device="cpu", target="label", **asked)
    results = experiment.run(folder, found, labels="folder")
    assert found.read_bytes() == told.read_bytes()
    same_tables(results, told)
    assert results.images == ["cougar_face/chelsea.png", "cup/coffee.png", "faces_easy/portrait.png"]
    assert results.states == ["measured", "unreadable", "measured"]
    assert results.skipped[0][0] == "cup/coffee.png"
    assert "1: sky" in results.options["region_names"] and results.values("area").shape == (3, 3)
    with pytest.raises(hdecomp.UserError, match="no image has a segmentation; that of .*portrait.jpg would be"):
        experiment.run(photos[:1], tmp_path / "none.h5", labels=["faces_easy"])
    with pytest.raises(hdecomp.UserError, match="^context: give regions"):
        hdecomp.Experiment("context", "vgg16-slim")


def test_what_is_no_folder_is_refused(tmp_path):
    experiment = hdecomp.Experiment("pcc", "vgg16-slim", device="cpu")
    for wrong, words in ((tmp_path, "no images in this folder"), (photos[0], "is no folder"), ([], "no images")):
        with pytest.raises(hdecomp.UserError, match=words):
            experiment.run(wrong, tmp_path / "x.h5")
    with pytest.raises(hdecomp.UserError, match="labels='file'; give one of 'folder'"):
        experiment.run(photos, tmp_path / "x.h5", labels="file")
    with pytest.raises(hdecomp.UserError, match="'photos'"):  # the folder's name is no class
        experiment.run(photos, tmp_path / "x.h5", labels="folder")
    assert not (tmp_path / "x.h5").exists()


def test_discriminate_wants_labels(tmp_path):
    labels = ["faces_easy", 12, "36"]
    results = measured("discriminate", tmp_path / "d.h5", labels=labels)
    assert results.states == ["measured"] * 3
    assert set(results.tables()) == {".csv", ".md", ".channels.csv"}
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
    with pytest.raises(hdecomp.UserError, match="^share 2"):
        results.tables(share=2)
    assert results.tables(share=0.5)[".edges.csv"] != results.tables(share=1)[".edges.csv"]
    (tmp_path / "g.h5").unlink()
    with pytest.raises(hdecomp.UserError, match="g.h5: is gone"):
        results.tables()
    few = results.class_graphs(share=0.5)[0].levels[0]
    assert len(few.edges) < len(level.edges) and few.held >= 0.5
    with pytest.raises(hdecomp.UserError, match="^share 2"):
        results.class_graphs(share=2)


def test_what_an_experiment_has_not_is_refused():
    with pytest.raises(hdecomp.UserError, match="kind='magic'; give one of 'pcc', .*'compare-models'"):
        hdecomp.Experiment("magic")
    with pytest.raises(hdecomp.UserError, match="^pcc has no 'steps'; it has all_decisions, fill, method, target, top$"):
        hdecomp.Experiment("pcc", steps=3)
    with pytest.raises(TypeError, match="^top: give a whole number, not str$"):
        hdecomp.Experiment("pcc", top="three")
    with pytest.raises(TypeError, match="^methods: give a list of words, not str$"):
        hdecomp.Experiment("randomise", methods="gradient")
    with pytest.raises(hdecomp.UserError, match="order='sideways'; give one of 'top-down', 'bottom-up', 'independent'"):
        hdecomp.Experiment("randomise", order="sideways")
    with pytest.raises(hdecomp.UserError, match="^what-ifs: give either at or off"):
        hdecomp.Experiment("what-ifs", at="conv5_3:70", off="conv5_3:70")
    with pytest.raises(hdecomp.UserError, match="fill='zero'; give one of 'grey', 'blur', 'mean'"):
        hdecomp.Experiment("what_ifs", fill="zero")
    assert hdecomp.Experiment.settings("what_ifs")["controls"] == "a whole number"
    assert "other" not in hdecomp.Experiment.settings("randomise")


def test_failures_need_labels(tmp_path):
    asked = {"failures": True, "controls": 2}
    results = measured("what-ifs", tmp_path / "w.h5", labels=["faces_easy", 12, 36], **asked)
    assert np.isnan(results.values("filled")[0]).all() and not np.isnan(results.values("filled")[2]).any()
    with pytest.raises(hdecomp.UserError, match="give labels"):
        measured("what-ifs", tmp_path / "v.h5", **asked)
