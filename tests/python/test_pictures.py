"""What Python draws and writes of trees: the command's files, byte by byte."""

import os
import re
import subprocess

import hdecomp
import numpy as np
import PIL.Image
import pytest
from conftest import command, source

photos = [str(source / "tools/photos" / f"{name}.jpg") for name in ("chelsea", "coffee", "portrait")]


def run(*words):
    call = [os.environ["HDECOMP_COMMAND"], *words, "--model", "vgg16-slim", "--device", "cpu"]
    subprocess.run(call, check=True, capture_output=True)


def files_of(folder):
    """By its place: a file's bytes, without times and the words that a page's own script bears."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix in (".json", ".html"):
                content = re.sub(rb'"(timings_ms": \{[^}]*\}|ms":[0-9.e+-]+)', b"", content)
                content = re.sub(rb'nonce[-=]"?[0-9A-Za-z+/=]+', b"", content)
            found[str(path.relative_to(folder))] = content
    return found


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Files of patches, and of names that come of them."""
    folder = tmp_path_factory.mktemp("known")
    hdecomp.make_patches(photos, folder / "p.h5", "vgg16-slim", device="cpu", labels=[12, 24, 36])
    hdecomp.concepts_from_patches(folder / "p.h5", folder / "c.h5", "vgg16-slim", min_share=0.01)
    return folder


def test_a_saved_tree_is_the_commands(explainer, photo, known, tmp_path):
    asked = ("--top", "2", "--guided", "--patches", str(known / "p.h5"), "--concepts", str(known / "c.h5"))
    drawn = ("--pictures", "all", "--colours", "ember", "--svg", "--pdf", "--html", "--maps", "h5", "--saliency", "gradient,lrp")
    run("explain", photo, "--output-dir", str(tmp_path / "told"), *asked, *drawn)
    tree = explainer.explain(photo, top=2, guided=True, patches=known / "p.h5", concepts=str(known / "c.h5"))
    maps = [explainer.saliency(photo, method) for method in ("gradient", "lrp")]
    seen = []
    tree.save(
        tmp_path / "found", pictures="all", colours="ember", svg=True, pdf=True, html=True, maps="h5",
        saliency=maps, threads=1, progress=lambda done, of: seen.append((done, of)),
    )
    told, found = files_of(tmp_path / "told"), files_of(tmp_path / "found")
    assert list(found) == list(told) and len(found) > 100
    assert [name for name in told if told[name] != found[name]] == []
    assert b'"patches"' in found["report.html"] and b'"concepts"' in found["report.html"]
    assert seen == [(i + 1, len(seen)) for i in range(len(seen))]

    # What an earlier call wrote, and this one does not, goes; the rest stays.
    (tmp_path / "found" / "mine.txt").write_text("mine")
    tree.save(tmp_path / "found")
    left = files_of(tmp_path / "found")
    assert "report.html" not in left and "maps.h5" not in left and "mine.txt" in left
    assert {"pyramid.png", "tree.json", "levels/1_conv5_3.png"} < set(left)


def test_pictures_are_those_of_the_files(explainer, photo, tmp_path):
    tree = explainer.explain(photo, guided=True, depth=2)
    tree.save(tmp_path, pictures="all", svg=True, pdf=True, colours="signed")
    look = {"colours": "signed"}

    def pixels(name):
        return np.asarray(PIL.Image.open(tmp_path / name).convert("RGB"))

    assert np.array_equal(tree.pyramid(**look), pixels("pyramid.png"))
    assert np.array_equal(tree.sheet(1, **look), pixels("levels/2_conv4_3.png"))
    assert tree.pyramid_svg(**look) + "\n" == (tmp_path / "pyramid.svg").read_text(encoding="utf-8")
    assert tree.pyramid_pdf(**look) + b"\n" == (tmp_path / "pyramid.pdf").read_bytes()
    node = tree.root.children[1].children[0]
    assert np.array_equal(tree.overlay(node, **look), pixels(f"maps/1.0_conv4_3-{node.channel}.png"))
    assert np.array_equal(node.guided_picture(), pixels(f"guided/conv4_3-{node.channel}@{node.y},{node.x}.png"))
    assert max(tree.overlay(node, side=90).shape) == 90
    other = explainer.explain(photos[0])
    with pytest.raises(hdecomp.UserError, match="not below this tree's root"):
        other.overlay(node)
    with pytest.raises(hdecomp.UserError, match="^level 2; the tree has 2$"):
        tree.sheet(2)
    with pytest.raises(hdecomp.UserError, match="guided=True"):
        other.root.children[0].guided_picture()


def test_a_saved_step_is_the_commands(explainer, photo, tmp_path):
    run("decompose", photo, "--from", "class:faces_easy", "--to", "conv4_3", "--maps", "npy", "--output-dir", str(tmp_path / "told"))
    step = explainer.decompose(photo, "class:faces_easy", "conv4_3")
    step.save(tmp_path / "found", maps="npy")
    assert files_of(tmp_path / "found") == files_of(tmp_path / "told")


def test_saved_saliency_maps_are_the_commands(explainer, photo, tmp_path):
    for name, method in (("a.png", "lrp"), ("a.npy", "grad-cam"), ("a.h5", "gradient")):
        run("saliency", photo, "--method", method, "-o", str(tmp_path / name))
        explainer.saliency(photo, method).save(tmp_path / f"found-{name}")
        assert (tmp_path / f"found-{name}").read_bytes() == (tmp_path / name).read_bytes(), name
    for name in ("all.png", "all.h5"):
        run("saliency", photo, "--save-all", "--samples", "3", "-o", str(tmp_path / name))
    methods = ("gradient", "gradient-x-input", "smoothgrad", "guided", "integrated-gradients", "grad-cam", "gap-cam", "lrp", "gap")
    sampled = {"smoothgrad": {"samples": 3}, "integrated-gradients": {"samples": 3}}
    maps = [explainer.saliency(photo, method, **sampled.get(method, {})) for method in methods]
    for name in ("all.png", "all.h5"):
        hdecomp.save_saliency(maps, tmp_path / f"found-{name}")
        assert (tmp_path / f"found-{name}").read_bytes() == (tmp_path / name).read_bytes(), name
    maps[0].save(tmp_path / "large.png", side=300)
    assert max(PIL.Image.open(tmp_path / "large.png").size) == 300
    for wrong, words in (
        (lambda: maps[0].save(tmp_path / "x.tif"), "^output .*x.tif: give a file that ends in"),
        (lambda: hdecomp.save_saliency(maps, tmp_path / "x.npy"), "holds one map"),
        (lambda: hdecomp.save_saliency([], tmp_path / "x.png"), "no saliency maps"),
    ):
        with pytest.raises(hdecomp.UserError, match=words):
            wrong()


def test_nodes_have_names_and_patches(explainer, photo, known):
    model = hdecomp.Model.bundled("vgg16-slim")
    patches = hdecomp.Patches.load(known / "p.h5", model, "vgg16-slim")
    concepts = hdecomp.Concepts.load(known / "c.h5", model, "vgg16-slim")
    assert (patches.by, patches.images, patches.top) == ("activation", 3, 9)
    tree = explainer.explain(photo, depth=2, patches=[patches], concepts=concepts)
    node = tree.root.children[0].children[0]
    assert node.concept.name == concepts.find(node.layer, node.channel).name
    all_of_it = patches.find(node.layer, node.channel)
    own = [patch for patch in all_of_it if "portrait" in patch.image]
    assert own and len(node.patches) == len(all_of_it) - len(own)  # the photograph itself is none of them
    patch = all_of_it[0]
    assert patch.by == "activation" and patch.image in photos and patch.class_name and patch.jpeg[:2] == b"\xff\xd8"
    assert [each.value for each in all_of_it] == sorted((each.value for each in all_of_it), reverse=True)
    y, x, height, width = patch.box
    assert y >= 0 and x >= 0 and height > 0 and width > 0 and patch.y >= 0 and patch.x >= 0
    assert '"patches"' in tree.html() and tree.root.concept is None
    many = next(iter(explainer.explain_many([photo], depth=1, patches=patches, concepts=concepts)))
    assert [p.image for p in many.root.children[0].patches] == [p.image for p in tree.root.children[0].patches]
    plain = explainer.explain(photo, depth=1)
    assert plain.root.children[0].patches == [] and plain.root.children[0].concept is None
    assert patches.find("conv5_3", 9999) == [] and patches.find("nowhere", 0) == []


def test_paths_need_a_model_whose_file_is_known(photo, known):
    model = hdecomp.Model.load(hdecomp.Model.bundled_path("vgg16-slim"))
    tree = hdecomp.Explainer(model, device="cpu").explain(photo, depth=1, concepts=known / "c.h5")
    assert any(node.concept for node in tree.root.children)
    changed = hdecomp.Explainer(model.with_preprocess(mean=[0.5]), device="cpu")
    for asked, words in (({"concepts": known / "c.h5"}, "Concepts.load"), ({"patches": str(known / "p.h5")}, "Patches.load")):
        with pytest.raises(hdecomp.UserError, match=words):
            changed.explain(photo, **asked)
    with pytest.raises(hdecomp.UserError, match="p.h5"):
        hdecomp.Explainer(model, device="cpu").explain(photo, concepts=known / "p.h5")
    with pytest.raises(TypeError, match="^patches: give"):
        changed.explain(photo, patches=3)


def test_trees_of_many_are_given_their_photograph(explainer, photo, tmp_path):
    tree = explainer.explain_batch([photo], depth=1)[0]
    with pytest.raises(hdecomp.UserError, match="^image: this tree keeps no photograph"):
        tree.save(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    tree.save(tmp_path / "out", image=photo)
    explainer.explain(photo, depth=1).save(tmp_path / "alone")
    assert files_of(tmp_path / "out") == files_of(tmp_path / "alone")
    tree.save(tmp_path / "text", pictures="none")
    assert list(files_of(tmp_path / "text")) == [".hdecomp-written", "tree.json"]


def test_what_cannot_be_written_is_said_in_a_line(explainer, photo, tmp_path):
    tree, flat = explainer.explain(photo, depth=1), explainer.explain(photo, depth=1, keep_maps=False)
    stop = hdecomp.Stop()
    stop.request()
    (tmp_path / "file").write_text("")
    for wrong, words in (
        (lambda: tree.save(tmp_path / "o", pictures="some"), "pictures='some'; give one of 'none', 'sheets', 'all'"),
        (lambda: tree.save(tmp_path / "o", colours="red"), "colours='red'"),
        (lambda: tree.save(tmp_path / "o", maps="png"), "maps='png'; give one of 'npy', 'h5'"),
        (lambda: tree.save(tmp_path / "o", pictures="none", svg=True), "^svg: is not drawn"),
        (lambda: tree.save(tmp_path / "o", threads=-1), "threads=-1"),
        (lambda: tree.save(tmp_path / "file"), "^output_dir .*file: cannot be written to"),
        (lambda: flat.save(tmp_path / "o", image=photo), "explain with keep_maps"),
        (lambda: flat.pyramid(), "keep_maps=True"),
    ):
        with pytest.raises(hdecomp.UserError, match=words):
            wrong()
    with pytest.raises(hdecomp.Stopped):
        tree.save(tmp_path / "o", stop=stop)

    def enough(done, of):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        tree.save(tmp_path / "o", progress=enough)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_photographs_are_turned_upright(tmp_path):
    photo = PIL.Image.open(photos[0]).resize((90, 60))
    tag = PIL.Image.Exif()
    tag[0x0112] = 6  # the camera was on its side
    photo.save(tmp_path / "turned.jpg", quality=95, exif=tag)
    as_stored = np.asarray(PIL.Image.open(tmp_path / "turned.jpg"))
    upright = hdecomp.upright(tmp_path / "turned.jpg")
    assert upright.shape == (90, 60, 3) and np.abs(np.rot90(upright).astype(int) - as_stored).max() < 8
    with pytest.raises(TypeError, match="^upright: give a path"):
        hdecomp.upright(upright)
