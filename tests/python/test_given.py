"""What may be given to the Python package: images, classes and models in every form."""

from pathlib import Path

import hdecomp
import numpy as np
import pytest
from conftest import source, without_times


def test_an_image_in_any_form_is_the_same_image(explainer, photo):
    image = pytest.importorskip("PIL.Image")
    told = explainer.explain(photo, depth=2)
    opened = image.open(photo)
    pixels = np.asarray(opened.convert("RGB"))
    with_alpha = np.dstack([pixels, np.zeros(pixels.shape[:2], np.uint8)])
    with open(photo, "rb") as file:
        content = file.read()
    strided = np.zeros((pixels.shape[0], pixels.shape[1] * 2, 3), np.uint8)[:, ::2]
    strided[:] = pixels
    forms = [source / "tools/photos/portrait.jpg", content, opened, opened.convert("RGBA"), pixels, with_alpha, strided]
    forms += [pixels[:, ::-1][:, ::-1], np.asfortranarray(pixels)]
    for form in forms:
        assert without_times(explainer.explain(form, depth=2).to_dict()) == without_times(told.to_dict())
    grey = pixels[:, :, 0]
    assert explainer.classify(grey)[0].score == explainer.classify(np.dstack([grey] * 3))[0].score
    assert explainer.classify(opened.convert("L"))[0].name


def test_a_networks_input_goes_in_as_it_is(explainer, photo):
    tensor = explainer.features(photo, "input")
    assert tensor.shape == (3, *explainer.model.input_size) and tensor.dtype == np.float32
    told = explainer.explain(photo)
    for form in (tensor, tensor[None], tensor.astype(np.float64)):
        assert without_times(explainer.explain(form).to_dict()) == without_times(told.to_dict())
    scores = explainer.features(tensor, "scores")
    assert scores[told.decision.index, 0, 0] == np.float32(told.decision.score)


def test_wrong_images_are_told_of_with_their_shape(explainer):
    for given, words in (
        (np.zeros((3, 8, 8), np.float32), r"\(3, 8, 8\).*\(3, 112, 112\)"),
        (np.zeros((2, 3, 112, 112), np.float32), r"\(2, 3, 112, 112\)"),
        (np.full((3, 112, 112), np.nan, np.float32), "not finite"),
        (np.zeros((8, 8, 2), np.uint8), r"\(8, 8, 2\)"),
        (np.zeros((0, 8, 3), np.uint8), r"\(0, 8, 3\)"),
        (np.zeros(5, np.uint8), r"\(5,\)"),
        (np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (200_000, 200_000, 3)), r"\(200000, 200000, 3\); give at most 2\^28"),
        (b"no image", "image in memory"),
        ("/no/such/file.jpg", "/no/such/file.jpg"),
    ):
        with pytest.raises(hdecomp.UserError, match=words):
            explainer.classify(given)
    for given in (np.zeros((8, 8, 3), np.int32), None, object()):
        with pytest.raises(TypeError, match="uint8"):
            explainer.classify(given)


def test_a_class_is_an_index_too(explainer, photo):
    named = explainer.explain(photo, "faces_easy", depth=1)
    assert named.decision.index == 36
    for index in (36, np.int64(36), np.array(36)):
        assert explainer.explain(photo, index, depth=1).decision.name == "faces_easy"
    assert explainer.explain(photo, target=None, depth=1).decision.name == "faces_easy"
    assert explainer.saliency(photo, "grad-cam", target=7).decision.index == 7
    assert explainer.what_if(photo, box=(60, 60, 40, 40), target=7, controls=0).before.decision.index == 7
    assert explainer.attack(photo, target=36, aim=7, steps=1).before.index == 36
    assert explainer.model.find_class(7) == explainer.model.versus(7, 36).find_class(0) + 7
    assert hdecomp.Experiment("class-graph", "vgg16-slim", target=7, depth=1)
    with pytest.raises(hdecomp.UserError, match="100"):
        explainer.explain(photo, 100)
    for wrong in (True, 36.0, b"faces_easy"):
        with pytest.raises(TypeError):
            explainer.explain(photo, wrong)


def test_a_model_is_a_name_or_a_path_too(explainer, photo, tmp_path):
    wanted = explainer.classify(photo, 1)[0].score
    path = hdecomp.Model.bundled_path("vgg16-slim")
    for model in ("vgg16-slim", path, Path(path)):
        assert hdecomp.Explainer(model, device="cpu").classify(photo, 1)[0].score == wanted
    with pytest.raises(hdecomp.UserError, match="^vgg16: there is no such model file, nor a bundled model"):
        hdecomp.Explainer("vgg16")
    with pytest.raises(TypeError, match="^model: give a Model, a model file's path or a bundled model's name, not int$"):
        hdecomp.Explainer(3)


def test_pil_pictures_of_16_bits_are_their_files(explainer, tmp_path):
    """PIL's convert("RGB") cuts them off at 255, and all is white."""
    image = pytest.importorskip("PIL.Image")
    levels = (np.add.outer(np.arange(120), np.arange(150)) * 240).astype(np.uint16)
    path = str(tmp_path / "levels.png")
    image.fromarray(levels).save(path)
    wanted = explainer.classify(path, 1)[0].score
    assert explainer.classify((levels // 256).astype(np.uint8), 1)[0].score == wanted
    assert explainer.classify(image.open(path), 1)[0].score == wanted
    assert explainer.classify(image.fromarray(levels), 1)[0].score == wanted  # mode I;16
    for mode in ("I", "F"):
        with pytest.raises(TypeError, match=f"^a PIL image of mode {mode}, whose range is not known"):
            explainer.classify(image.new(mode, (9, 9)))
