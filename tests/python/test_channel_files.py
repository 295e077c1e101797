"""Files of means, patches and concepts that Python makes: the command's bytes."""

import hdecomp
import numpy as np
import pytest
from conftest import command, source

photos = [str(source / "tools/photos" / f"{name}.jpg") for name in ("chelsea", "portrait", "coffee")]


@pytest.fixture
def listed(tmp_path):
    """The photographs, and one that is none, as the command takes them."""
    (tmp_path / "bad.jpg").write_text("no photograph")
    paths = [*photos, str(tmp_path / "bad.jpg")]
    (tmp_path / "list.txt").write_text("\n".join(paths) + "\n")
    return paths, ("--list", str(tmp_path / "list.txt"))


def same(tmp_path, listed, verb, make, *flags, **asked):
    """What Python counted, whose file has the bytes of the command's."""
    paths, words = listed
    told, found = tmp_path / f"told-{verb}.h5", tmp_path / f"found-{verb}.h5"
    command(verb, *words, *flags, "-o", str(told))
    counted = make(paths, found, "vgg16-slim", device="cpu", **asked)
    assert found.read_bytes() == told.read_bytes()
    assert counted.images == 3 and list(counted.skipped) == [3]
    return found


def test_means_are_the_commands(tmp_path, listed):
    steps = []
    file = same(tmp_path, listed, "means", hdecomp.make_means, progress=lambda done, of: steps.append((done, of)))
    assert steps[-1] == (4, 4)
    model = hdecomp.Model.bundled("vgg16-slim")
    for name in ("vgg16-slim", hdecomp.Model.bundled_path("vgg16-slim")):
        assert hdecomp.Means.load(file, model, name).images == 3


def test_patches_are_the_commands_and_give_names(tmp_path, listed):
    flags = ("--by", "contribution", "--top", "2", "--layers", "conv5_3", "conv4_3", "--side", "20")
    asked = {"by": "contribution", "top": 2, "layers": ["conv5_3", "conv4_3"], "side": 20}
    same(tmp_path, listed, "patches", hdecomp.make_patches, *flags, **asked)
    file = tmp_path / "found.h5"
    hdecomp.make_patches(photos, file, "vgg16-slim", device="cpu", labels=[12, 36, 99])
    told, names = tmp_path / "told.h5", tmp_path / "names.h5"
    command("concepts", "--patches", str(file), "--min-share", "0.3", "-o", str(told))
    assert hdecomp.concepts_from_patches(file, names, "vgg16-slim", min_share=0.3).images == 3
    assert names.read_bytes() == told.read_bytes()


def test_concepts_are_the_commands_and_resume(tmp_path, listed):
    image = pytest.importorskip("PIL.Image", reason="PIL is not installed")
    for path in photos:
        width, height = image.open(path).size
        labels = np.zeros((height, width), np.uint8)
        labels[height // 4 :, : width // 2] = 1
        labels[:, width // 2 :] = 2
        name = path.rsplit("/", 1)[1].replace(".jpg", ".png")
        image.fromarray(labels).save(tmp_path / name)
    (tmp_path / "bad.png").write_bytes((tmp_path / "coffee.png").read_bytes())
    (tmp_path / "names.txt").write_text("1: figure\n2: ground\n")
    flags = ("--regions", str(tmp_path), "--region-names", str(tmp_path / "names.txt"), "--min-iou", "0.01")
    asked = {"regions": tmp_path, "region_names": tmp_path / "names.txt", "min_iou": 0.01}
    file = same(tmp_path, listed, "concepts", hdecomp.make_concepts, *flags, **asked)
    model = hdecomp.Model.bundled("vgg16-slim")
    assert hdecomp.Concepts.load(file, model, hdecomp.Model.bundled_path("vgg16-slim")).images == 3

    # Ended after its first batch, a run goes on with what it knows, the command's words or Python's.
    stop, output = hdecomp.Stop(), tmp_path / "stopped.h5"
    ended = {"stop": stop, "batch": 1, "progress": lambda done, of: stop.request()}
    with pytest.raises(hdecomp.Stopped):
        hdecomp.make_concepts(listed[0], output, "vgg16-slim", device="cpu", **asked, **ended)
    assert not output.exists()
    hdecomp.make_concepts(listed[0], output, "vgg16-slim", device="cpu", resume=True, **asked)
    assert output.read_bytes() == file.read_bytes()


def test_what_a_file_is_made_from_stays(tmp_path):
    model = tmp_path / "model.h5"
    model.write_bytes(open(hdecomp.Model.bundled_path("vgg16-slim"), "rb").read())
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(open(photos[0], "rb").read())
    patches = tmp_path / "patches.h5"
    hdecomp.make_patches(photos, patches, model, device="cpu", top=1)
    for make in (
        lambda: hdecomp.make_means([picture], model, model, device="cpu"),
        lambda: hdecomp.make_means([photos[1], picture], picture, model, device="cpu"),
        lambda: hdecomp.concepts_from_patches(patches, patches, model),
        lambda: hdecomp.concepts_from_patches(patches, model, model),
    ):
        before = [file.read_bytes() for file in (model, picture, patches)]
        with pytest.raises(hdecomp.UserError, match="is one of the files that it is made from"):
            make()
        assert [file.read_bytes() for file in (model, picture, patches)] == before


def test_a_run_of_another_precision_is_another(tmp_path):
    file = tmp_path / "p.h5"
    hdecomp.make_patches(photos, file, "vgg16-slim", device="cpu", precision="bf16", top=1)
    with pytest.raises(hdecomp.UserError, match="precision"):
        hdecomp.make_patches(photos, file, "vgg16-slim", device="cpu", top=1, resume=True)


def test_what_cannot_be_is_said_in_a_line(tmp_path):
    make, nothing = {"model": "vgg16-slim", "device": "cpu"}, tmp_path / "no.jpg"
    for wrong, words in (
        (lambda: hdecomp.make_means([], tmp_path / "m.h5", **make), "no images"),
        (lambda: hdecomp.make_means(photos, tmp_path / "none/m.h5", **make), "none/m.h5"),
        (lambda: hdecomp.make_means(photos, tmp_path, **make), "^output .*: is a folder"),
        (lambda: hdecomp.make_means(photos, "", **make), "^output: give a file's name"),
        (lambda: hdecomp.make_means(photos, "m\0.h5", **make), "null byte"),
        (lambda: hdecomp.make_means([nothing], tmp_path / "m.h5", **make), "not one of 1 images .*no.jpg: can't be"),
        (lambda: hdecomp.make_patches([nothing], tmp_path / "p.h5", **make), "not one of 1 images .*no.jpg: can't be"),
        (lambda: hdecomp.make_patches(photos, tmp_path / "p.h5", layers=["input"], **make), "^layers: the input"),
        (lambda: hdecomp.make_patches(photos, tmp_path / "p.h5", tree_top=0, **make), "^tree_top 0"),
        (lambda: hdecomp.make_patches(photos, tmp_path / "p.h5", by="luck", **make), "by='luck'"),
        (lambda: hdecomp.make_patches(photos, tmp_path / "p.h5", layers=["conv9"], **make), "conv9"),
        (lambda: hdecomp.make_concepts(photos, tmp_path / "c.h5", regions="/no/regions", **make), "/no/regions"),
        (lambda: hdecomp.concepts_from_patches(photos[0], tmp_path / "c.h5", "vgg16-slim"), "chelsea.jpg"),
    ):
        with pytest.raises(hdecomp.UserError, match=words):
            wrong()
    assert not list(tmp_path.iterdir())


def test_exif_is_the_commands(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="PIL is not installed")
    tag = image.Exif()
    tag[0x0112] = 6
    turned = tmp_path / "turned.jpg"
    photo = image.open(photos[1])
    photo.save(turned, exif=tag)
    labels = np.zeros((photo.height, photo.width), np.uint8)  # as it is stored
    labels[30:, 40:] = 1
    image.fromarray(labels).save(tmp_path / "turned.png")
    (tmp_path / "names.txt").write_text("1: figure\n")
    regions = {"regions": tmp_path, "region_names": tmp_path / "names.txt", "min_iou": 0.01}
    words = ("--regions", str(tmp_path), "--region-names", str(tmp_path / "names.txt"), "--min-iou", "0.01")
    for verb, make, flags, asked in (
        ("means", hdecomp.make_means, (), {}),
        ("patches", hdecomp.make_patches, ("--top", "1"), {"top": 1}),
        ("concepts", hdecomp.make_concepts, words, regions),
    ):
        told, found, stored = tmp_path / f"t-{verb}.h5", tmp_path / f"f-{verb}.h5", tmp_path / f"s-{verb}.h5"
        command(verb, str(turned), "--exif", *flags, "-o", str(told))
        make([turned], found, "vgg16-slim", device="cpu", exif=True, **asked)
        make([turned], stored, "vgg16-slim", device="cpu", **asked)
        assert found.read_bytes() == told.read_bytes() != stored.read_bytes(), verb
    told, found = tmp_path / "t-pcc.h5", tmp_path / "f-pcc.h5"
    command("pcc", str(turned), "--exif", "-o", str(told))
    hdecomp.Experiment("pcc", "vgg16-slim", device="cpu").run([turned], found, exif=True)
    assert found.read_bytes() == told.read_bytes()
