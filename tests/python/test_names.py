"""Files whose names are no UTF-8, which Python has with surrogates: in as they lie, out as they came."""

import os
import shutil

import hdecomp
import pytest
from conftest import without_times

name = "caf\udce9.jpg"  # latin-1


@pytest.fixture(scope="module")
def folder(tmp_path_factory, photo):
    made = tmp_path_factory.mktemp("names")
    shutil.copy(photo, made / name)
    (made / "n\udce9.jpg").write_text("no photograph")
    return made


def test_an_image_is_read_and_its_page_written(explainer, folder, photo, tmp_path):
    path = str(folder / name)
    tree = explainer.explain(path, depth=1)
    assert without_times(tree.to_dict())["steps"] == without_times(explainer.explain(photo, depth=1).to_dict())["steps"]
    assert "caf\ufffd.jpg" in tree.html()
    tree.save_html(tmp_path / "page\udce9.html")
    assert os.path.getsize(tmp_path / "page\udce9.html") > 0
    assert explainer.classify(os.fsencode(path).decode("utf-8", "surrogateescape"))[0].index == 36


def test_errors_name_the_file(explainer, folder):
    for call in (explainer.explain, hdecomp.Model.load, hdecomp.upright):
        with pytest.raises(hdecomp.UserError) as caught:
            call(str(folder / "none\udce9"))
        assert str(folder / "none\udce9") in str(caught.value)
    (fault,) = explainer.explain_many([str(folder / "n\udce9.jpg")])
    assert isinstance(fault, hdecomp.UserError) and "n\udce9.jpg" in str(fault)


def test_a_folders_photographs_have_their_names(explainer, folder):
    found = explainer.explain_folder(folder, depth=1)
    assert [one.name for one in found] == [name, "n\udce9.jpg"]
    assert [one.path for one in found] == [str(folder / one.name) for one in found]
    assert found[0].decision.name == "faces_easy" and "n\udce9.jpg" in found[1].error
    assert "n\udce9.jpg" in repr(found[1])


def test_results_have_their_names(folder, tmp_path):
    results = hdecomp.Experiment("pcc", "vgg16-slim", device="cpu").run(folder, tmp_path / "r\udce9.h5")
    assert results.images == [name, "n\udce9.jpg"] and results.states == ["measured", "unreadable"]
    ((image, why),) = results.skipped
    assert image == "n\udce9.jpg" and "n\udce9.jpg" in why
    tables = results.tables()
    results.save_tables()
    for extension, text in tables.items():
        assert (tmp_path / f"r\udce9{extension}").read_text(errors="surrogateescape") == text
    counted = hdecomp.make_means(folder, tmp_path / "means.h5", "vgg16-slim", device="cpu")
    assert counted.images == 1 and "n\udce9.jpg" in counted.skipped[1]


def test_a_model_remembers_its_file(tmp_path, folder):
    file = tmp_path / "net\udce9.h5"
    shutil.copy(hdecomp.Model.bundled_path("vgg16-slim"), file)
    model = hdecomp.Model.load(file)
    hdecomp.make_patches(folder, tmp_path / "p.h5", file, device="cpu")
    patches = hdecomp.Patches.load(tmp_path / "p.h5", model, file)
    patch = patches.find("conv5_3", 70)[0]
    assert patch.image == name and name in repr(patch)
    explainer = hdecomp.Explainer(model, device="cpu")
    assert explainer.explain(str(folder / name), depth=1, patches=tmp_path / "p.h5")
