"""A folder's photographs in one call from Python: the command's folder, byte by byte; what speaks against decisions."""

import os
import re
import shutil
import subprocess

import hdecomp
import numpy as np
import pytest
from conftest import command, source, without_times
from test_pictures import files_of, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Photographs by class, one of which is said to show another, and one that is none."""
    made = tmp_path_factory.mktemp("photos")
    for category, name in (("cup", "coffee"), ("faces_easy", "portrait"), ("pizza", "chelsea")):
        (made / category).mkdir()
        shutil.copy(source / f"tools/photos/{name}.jpg", made / category)
    (made / "cup" / "broken.jpg").write_text("no photograph")
    return made


@pytest.fixture(scope="module")
def pair(explainer):
    return hdecomp.Explainer(explainer.model, device="cpu", batch=2)


def test_each_has_its_tree_or_its_reason_in_order(pair, folder):
    seen, steps = [], []
    found = pair.explain_folder(
        folder, top=2, depth=2, labels="folder", each=seen.append, progress=lambda done, of: steps.append((done, of))
    )
    assert [one.name for one in found] == ["cup/broken.jpg", "cup/coffee.jpg", "faces_easy/portrait.jpg", "pizza/chelsea.jpg"]
    assert [one.name for one in seen] == [one.name for one in found] and steps == [(i + 1, 4) for i in range(4)]
    assert found[0].tree is None and found[0].decision is None and "broken.jpg" in found[0].error
    for one in found[1:]:
        alone = command("explain", one.path, "--top", "2", "--depth", "2")
        assert without_times(one.tree.to_dict()) == without_times(alone) and one.error == ""
        assert one.decision.name == one.tree.decision.name and not one.tree.has_maps
    assert not found[2].is_wrong and found[3].is_wrong and pair.model.class_name(found[3].label) == "pizza"
    assert repr(found[2]) == "<hdecomp.PhotoTree faces_easy/portrait.jpg: faces_easy>"


def test_the_folder_is_the_commands(pair, folder, tmp_path):
    asked = ("--top", "2", "--depth", "2", "--labels", "folder", "--html", "--maps", "npy", "--colours", "ember", "--batch", "2")
    with pytest.raises(Exception, match="exit status 2"):  # of the one that is none
        run("explain", str(folder), "--output-dir", str(tmp_path / "told"), *asked)
    found = pair.explain_folder(
        folder, top=2, depth=2, labels="folder", output_dir=tmp_path / "own", html=True, maps="npy", colours="ember"
    )
    told, own = files_of(tmp_path / "told"), files_of(tmp_path / "own")
    assert list(own) == list(told) and [name for name in told if told[name] != own[name]] == []
    assert own["index.html"].count(b"wrong: labelled") == 2 and "pizza/chelsea.jpg/report.html" in own
    assert [one.tree for one in found] == [None] * 4 and found[1].decision.probability > 0


def test_a_tree_can_be_kept_with_its_page(pair, folder, tmp_path):
    paths = [folder / "faces_easy" / "portrait.jpg"]
    (one,) = pair.explain_folder(
        paths, depth=1, keep_maps=True, keep_trees=True, output_dir=tmp_path, pictures="none", labels=["faces_easy"]
    )
    assert one.tree.has_maps and "portrait.jpg" in one.tree.html() and one.label == 36
    assert (tmp_path / "portrait.jpg" / "tree.json").exists() and (tmp_path / "index.html").exists()


def test_a_run_ends_where_it_is_asked_to(pair, folder, tmp_path):
    stop, photos = hdecomp.Stop(), [str(folder / "cup" / "coffee.jpg")]

    def enough(photo):
        if photo.tree is not None:
            raise KeyError(photo.name)

    with pytest.raises(KeyError, match="cup/coffee.jpg"):
        pair.explain_folder(folder, depth=1, each=enough, output_dir=tmp_path / "out")
    assert not (tmp_path / "out" / "index.html").exists()
    with pytest.raises(hdecomp.Stopped):
        pair.explain_folder(folder, depth=1, stop=stop, progress=lambda *_: stop.request())
    with pytest.raises(hdecomp.Error, match="at work already"):
        pair.explain_folder(folder, depth=1, each=lambda one: pair.classify(photos[0]))
    assert pair.explain(str(source / "tools/photos/coffee.jpg"), depth=1).decompositions == 1


def test_what_is_wrong_for_all_is_said_in_a_line(pair, folder, tmp_path):
    for wrong, words in (
        ({"target": "nothing"}, "'nothing'"),
        ({"pictures": "some"}, "pictures='some'; give one of 'none', 'sheets', 'all'"),
        ({"pictures": "none", "pdf": True, "output_dir": tmp_path / "o"}, "^pdf: is not drawn"),
        ({"output_dir": folder / "cup" / "coffee.jpg"}, "^output_dir .*: cannot be written to"),
        ({"labels": [1]}, "1 labels for 4 images"),
        ({"top": 0}, "^top"),
    ):
        with pytest.raises(hdecomp.UserError, match=words):
            pair.explain_folder(folder, **wrong)
    with pytest.raises(hdecomp.UserError, match="no images in this folder"):
        pair.explain_folder(tmp_path)
    with pytest.raises(hdecomp.UserError, match="^no images$"):
        pair.explain_folder([])


def test_what_speaks_against_decisions_is_the_commands(explainer, photo, tmp_path):
    run("explain", photo, "--top", "2", "--depth", "2", "--signed", "--html", "--output-dir", str(tmp_path / "told"))
    tree = explainer.explain(photo, top=2, depth=2, signed=True)
    tree.save(tmp_path / "own", html=True)
    assert files_of(tmp_path / "own") == files_of(tmp_path / "told")
    assert tree.html().count('"against":true') == 6
    for node in (tree.root, *tree.root.children):
        alpha = node.step.contribution
        assert [one.channel for one in node.against] == list(np.argsort(alpha, kind="stable")[:2])
        for one in node.against:
            assert one.contribution == alpha[one.channel] < 0 and one.children == [] and one.against == []
            whole = one.map.whole()
            assert whole[one.y, one.x] == whole.min()
    assert tree.root.children[0].children[0].against == []
    assert explainer.explain(photo, depth=1).root.against == []
    stop = hdecomp.Stop()

    def after(level):
        if level == 1:
            stop.request()

    with pytest.raises(hdecomp.Stopped):  # between the tree and what speaks against it
        explainer.explain(photo, depth=1, signed=True, stop=stop, progress=after)


def test_a_network_is_initialised_as_by_the_command(tmp_path):
    words = ("init", "--arch", "squeezenet1_1", "--seed", "3", "--classes", "7", "--input-size", "64", "-o", str(tmp_path / "told.h5"))
    subprocess.run([os.environ["HDECOMP_COMMAND"], *words], check=True, capture_output=True)
    hdecomp.Model.initialise("squeezenet1_1", seed=3, classes=7, input_size=64).save(tmp_path / "own.h5")
    assert (tmp_path / "own.h5").read_bytes() == (tmp_path / "told.h5").read_bytes()
    with pytest.raises(hdecomp.UserError, match="nothing"):
        hdecomp.Model.initialise("nothing")


def test_pages_and_graphs_are_the_commands(folder, tmp_path):
    photos = [str(folder / place) for place in ("cup/coffee.jpg", "faces_easy/portrait.jpg", "pizza/chelsea.jpg")]
    told, own = tmp_path / "told.h5", tmp_path / "own.h5"

    def measured(kind, **asked):
        experiment = hdecomp.Experiment(kind, "vgg16-slim", device="cpu", **asked)
        return experiment.run(photos, own, labels="folder")

    run("discriminate", *photos, "--labels", "folder", "--html", "-o", str(told))
    results = measured("discriminate")
    results.save_page()
    pages = [re.sub(r'nonce[-=]"?[0-9a-f]+', "", path.with_suffix(".html").read_text()) for path in (told, own)]
    assert pages[0] == pages[1] and "Of how few classes channels are" in results.page()
    hdecomp.make_patches(photos, tmp_path / "p.h5", "vgg16-slim", device="cpu", labels="folder")
    model = hdecomp.Model.bundled("vgg16-slim")
    patches = hdecomp.Patches.load(tmp_path / "p.h5", model, "vgg16-slim")
    assert '"patches":{' in results.page(patches=patches) and '"patches":{' not in results.page()
    with pytest.raises(hdecomp.UserError, match="^class graphs are of 'class-graph'; these results are of 'discriminate'$"):
        results.save_graphs(tmp_path / "g")
    with pytest.raises(TypeError, match="^patches: give what Patches.load"):
        results.page(patches=["p.h5"])
    own.unlink()

    run("class-graph", *photos, "--depth", "2", "--share", "0.5", "-o", str(tmp_path / "g.h5"), "--output-dir", str(tmp_path / "told"))
    results = measured("class-graph", depth=2)
    results.save_graphs(tmp_path / "own", share=0.5)
    assert files_of(tmp_path / "own") == files_of(tmp_path / "told")
    picture = results.graph_picture("faces_easy", share=0.5)
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    with pytest.raises(hdecomp.UserError, match="none of the images has a tree of class 5"):
        results.graph_picture(5)
    own.unlink()
    with pytest.raises(hdecomp.UserError, match="own.h5: is gone"):
        results.page()
    with pytest.raises(hdecomp.UserError, match="a page is of 'context', 'discriminate' or 'class-graph'; these results are of 'pcc'"):
        measured("pcc").page()
