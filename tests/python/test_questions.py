"""Attacks, what-ifs, means, concepts and rules of the caller's in Python: the command's numbers."""

import hdecomp
import numpy as np
import PIL.Image
import pytest
from conftest import command, source, without_times

model_file = hdecomp.Model.bundled_path("vgg16-slim")


def score_of(told):
    return [told["score"], told["probability"]]


def numbers(score):
    return pytest.approx([score.score, score.probability], rel=1e-6)


@pytest.fixture(scope="session")
def means(explainer, photo, tmp_path_factory):
    file = str(tmp_path_factory.mktemp("means") / "means.h5")
    command("means", photo, str(source / "tools/photos/chelsea.jpg"), "-o", file)
    return file, hdecomp.Means.load(file, explainer.model, model_file)


def test_what_if_is_the_commands(explainer, photo):
    for words, asked in (
        (("--off", "conv5_3:70", "--fill", "mean"), {"off": "conv5_3:70", "fill": "mean"}),
        (("--off", "conv5_3:70"), {"off": "conv5_3:70"}),
        (("--box", "60,60,80,70", "--fill", "blur"), {"box": (60, 60, 80, 70), "fill": "blur"}),
        (("--box", "60,60,80,70"), {"box": (60, 60, 80, 70)}),
    ):
        told = command("what-if", photo, *words, "--controls", "3", "--seed", "5")
        seen = []
        found = explainer.what_if(photo, controls=3, seed=5, progress=lambda *n: seen.append(n), **asked)
        for verdict, said in ((found.before, told["before"]), (found.after, told["after"])):
            assert score_of(said["decision"]) == numbers(verdict.decision)
            assert verdict.predicted.index == said["top"][0]["index"] and len(verdict.top) == 100
        for verdict, said in zip(found.controls, told["control"]["each"]):
            assert score_of(said) == numbers(verdict.decision)
            assert verdict.predicted.index == said["predicted"]
        assert len(found.controls) == found.summary.controls == 3 and seen[-1] == (4, 4)
        assert found.summary.mean_change == pytest.approx(told["control"]["mean_change"], rel=1e-6)
        assert found.summary.as_low == told["control"]["as_low"]
    with pytest.raises(hdecomp.UserError, match="one of box, mask and off"):
        explainer.what_if(photo)
    with pytest.raises(hdecomp.UserError, match="not inside the photograph"):
        explainer.what_if(photo, box=(0, 0, 5000, 5))
    for wrong in ((1, 2, 3), (0, 0, 5, 5.5), "0,0,5,5", 7):
        with pytest.raises(TypeError, match="^box: give four whole numbers"):
            explainer.what_if(photo, box=wrong)
    with pytest.raises(hdecomp.UserError, match="'grey', 'blur', 'mean'"):
        explainer.what_if(photo, box=(0, 0, 5, 5), fill="zero")
    with pytest.raises(hdecomp.UserError, match="^off: layer conv5_3 has no channel 9999"):
        explainer.what_if(photo, off="conv5_3:9999")

    def refuse(*_):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        explainer.what_if(photo, box=(60, 60, 5, 5), progress=refuse)


def test_a_word_of_another_type_is_a_type_error(explainer, photo):
    for call in (
        lambda: explainer.explain(photo, baseline=0),
        lambda: explainer.decompose(photo, "class:36", "conv5_3", baseline=None),
    ):
        with pytest.raises(TypeError, match="^baseline: give 'zero', 'mean' or Means, not "):
            call()
    for call in (
        lambda: explainer.ablate(photo, "class:36", fill=b"zero"),
        lambda: explainer.what_if(photo, off="conv5_3:70", fill=0),
        lambda: hdecomp.Experiment("pcc", "vgg16-slim", device="cpu", fill=1.5),
    ):
        with pytest.raises(TypeError, match="^fill: give 'mean', 'zero' or Means, not "):
            call()
    with pytest.raises(TypeError, match="^fill: give 'grey', 'blur' or 'mean', not int"):
        explainer.what_if(photo, box=(0, 0, 5, 5), fill=0)


def test_an_attack_changes_the_class_within_eps(explainer, photo):
    steps = []
    found = explainer.attack(photo, eps=4 / 255, steps=5, seed=2, progress=lambda *n: steps.append(n))
    assert steps == [(i, 5) for i in range(1, 6)]
    assert found.fooled and found.new_after.index != found.before.index == 36
    assert found.planes.shape == (3, 112, 112) and not found.planes.flags.writeable
    seen = explainer.features(photo, "input")
    model = explainer.model
    mean, std = (np.array(n, np.float32)[:, None, None] for n in (model.mean, model.std))
    assert np.abs(found.planes - (seen * std + mean)).max() == pytest.approx(found.distance, abs=1e-5)
    assert found.distance <= 4 / 255 + 1e-6
    # The class is what the network says of these very pixels.
    again = explainer.classify(((found.planes - mean) / std).astype(np.float32), count=100)
    assert again[0].index == found.new_after.index
    assert again[0].score == pytest.approx(found.new_after.score, rel=1e-5)
    assert found.pixels.shape == (112, 112, 3) and found.pixels.dtype == np.uint8
    assert -np.log(found.after.probability) == pytest.approx(found.loss, rel=1e-3)
    with pytest.raises(hdecomp.UserError, match="eps"):
        explainer.attack(photo, eps=2)


def test_an_attacks_channels_are_the_commands(explainer, photo, tmp_path):
    file = str(tmp_path / "attack.h5")
    command("attack", photo, "--steps", "3", "--eps", "2/255", "-o", file)
    results = hdecomp.Experiment("attack", "vgg16-slim", device="cpu", steps=3, eps=2 / 255).run([photo], file, resume=True)
    peaks, moved = results.values("peaks")[0], results.values("moved")[0]
    found = explainer.attack(photo, eps=2 / 255, steps=3, channels=4)
    assert found.layer == "conv5_3" and [len(kind) for kind in found.channels] == [4, 4, 4]
    for kind, told, ways in zip(found.channels, peaks, moved):
        assert [[each.before, each.after] for each in kind] == told.tolist()
        assert np.array_equal(np.float32([each.moved for each in kind]), ways)
    chosen = explainer.explain(photo, depth=1, top=4).root.children
    assert [each.channel for each in found.channels[0]] == [node.channel for node in chosen]
    assert explainer.attack(photo, steps=1).channels == [[], [], []]
    with pytest.raises(hdecomp.UserError, match="channels"):
        explainer.attack(photo, channels=-1)


def test_a_mask_of_a_box_is_that_box(explainer, photo):
    size = np.asarray(PIL.Image.open(photo)).shape[:2]
    mask = np.zeros(size, bool)
    mask[60:130, 60:140] = True
    boxed = explainer.what_if(photo, box=(60, 60, 80, 70), controls=2, seed=5)
    for marks in (mask, mask.astype(np.uint8), np.asfortranarray(mask), mask.tolist()):
        marked = explainer.what_if(photo, mask=marks, controls=2, seed=5)
        assert marked.after.decision.score == boxed.after.decision.score
        assert marked.control_boxes == boxed.control_boxes and len(boxed.control_boxes) == 2
    mask[::2] = False
    half = explainer.what_if(photo, mask=mask, fill="mean", controls=1)
    filled = np.array(PIL.Image.open(photo).convert("RGB"))
    grey = filled.copy()
    grey[mask] = 128
    assert half.after.decision.score != boxed.after.decision.score
    again = explainer.what_if(photo, mask=mask, controls=0)
    assert again.after.decision.score == explainer.classify(grey, 100)[0].score
    for wrong, error, words in (
        (mask[:-1], hdecomp.UserError, "a mask of"),
        (np.zeros(size, bool), hdecomp.UserError, "without a pixel"),
        (mask.astype(np.float32), TypeError, "give bool"),
        (mask[0], TypeError, "give bool"),
    ):
        with pytest.raises(error, match=words):
            explainer.what_if(photo, mask=wrong)


def test_evidence_against_a_decision_is_where_a_is_lowest(explainer, photo):
    step = explainer.decompose(photo, "class:faces_easy", "conv5_3").step
    worst = int(step.contribution.argmin())
    (node,) = explainer.decompose(photo, "class:faces_easy", "conv5_3", channels=[worst], against=True).decision.children
    whole = node.map.whole()
    assert node.channel == worst and node.contribution == pytest.approx(float(step.contribution[worst])) and node.contribution < 0
    assert whole[node.y, node.x] == whole.min() < 0


def test_places_are_the_models(explainer, photo):
    model = explainer.model
    assert model.receptive_field("conv1_2", 50, 60) == [48, 58, 5, 5]
    assert model.receptive_field("input", 5, 7) == [5, 7, 1, 1]
    assert model.stage_below("scores") == "conv5_3" and model.stage_below("input") == "" and model.assumed == []
    with pytest.raises(hdecomp.UserError, match="conv9"):
        model.receptive_field("conv9", 0, 0)
    node = explainer.explain(photo, depth=2, guided=True).root.children[0].children[0]
    y, x, height, width = model.receptive_field(node.layer, node.y, node.x)
    assert node.guided_at == (y, x) and node.guided.shape == (3, height, width)
    assert explainer.explain(photo, depth=1).root.children[0].guided_at is None
    assert isinstance(hdecomp.gpu_devices(), list)


def test_means_are_a_baseline_and_a_fill(explainer, photo, means):
    file, loaded = means
    assert loaded.images == 2
    tree = explainer.explain(photo, baseline=loaded, depth=2)
    told = command("explain", photo, "--baseline", file, "--depth", "2")
    assert without_times(tree.to_dict()) == without_times(told)
    ablation = explainer.ablate(photo, "class:faces_easy", fill=loaded, baseline="mean", merge_overlaps=0.5)
    told = command(
        "ablate", photo, "--from", "class:faces_easy", "--fill", file, "--baseline", "mean", "--merge-overlaps", "0.5",
        "--top", "3",
    )
    assert without_times(ablation.to_dict()) == without_times(told)
    assert ablation.fill == "means" and all(len(group.channels) > 1 for group in ablation.groups)
    step = explainer.decompose(photo, "class:faces_easy", "conv5_3", cover=0.5, top=50, baseline=loaded)
    told = command(
        "decompose", photo, "--from", "class:faces_easy", "--to", "conv5_3", "--cover", "0.5", "--top", "50",
        "--baseline", file,
    )
    assert without_times(step.to_dict()) == without_times(told)
    assert step.step.chosen_of_positive >= 0.5 and len(step.step.chosen) < 50
    found = explainer.what_if(photo, off="conv5_3:70", fill=loaded, controls=0)
    assert found.after.decision.score != found.before.decision.score
    with pytest.raises(hdecomp.UserError, match="means"):
        hdecomp.Means.load(model_file, explainer.model, model_file)
    with pytest.raises(hdecomp.UserError, match="baseline='median'; give one of 'zero', 'mean'"):
        explainer.explain(photo, baseline="median")


def test_saliency_takes_the_commands_choices(explainer, photo, tmp_path):
    for words, asked in (
        (("--lrp-rule", "epsilon", "--epsilon", "0.01"), {"lrp_rule": "epsilon", "epsilon": 0.01}),
        (("--baseline", "black", "--samples", "3"), {"path_start": "black", "samples": 3}),
        (("--gap-sum", "weighted"), {"gap_sum": "weighted"}),
    ):
        method = {"lrp_rule": "lrp", "path_start": "integrated-gradients", "gap_sum": "gap"}[next(iter(asked))]
        file = tmp_path / (method + ".npy")
        command("saliency", photo, "--method", method, *words, "-o", str(file))
        assert np.array_equal(explainer.saliency(photo, method, **asked).values, np.load(file))
    with pytest.raises(hdecomp.UserError, match="'leaf', 'weighted', 'chain'"):
        explainer.saliency(photo, "gap", gap_sum="all")


def test_what_a_choice_has_no_use_for_is_refused(explainer, photo, tmp_path):
    unused = (("gap", "samples", 4, "smoothgrad, integrated-gradients have"), ("gradient", "noise", 0.1, "smoothgrad has"),
              ("lrp", "seed", 1, "smoothgrad has"), ("gap", "relu", True, "grad-cam, gap-cam have"),
              ("gradient", "top", 2, "gap has"), ("gap", "lrp_rule", "epsilon", "lrp has"),
              ("gap", "epsilon", 1.0, "lrp has"), ("lrp", "path_start", "black", "integrated-gradients has"),
              ("lrp", "gap_sum", "chain", "gap has"))
    for method, keyword, value, who in unused:
        with pytest.raises(hdecomp.UserError, match=f"^{keyword}: method {method} has no use for it; {who}$"):
            explainer.saliency(photo, method, **{keyword: value})
    for keywords in ({"restarts": 2}, {"seed": 1}):
        with pytest.raises(hdecomp.UserError, match=f"^{next(iter(keywords))} "):
            explainer.attack(photo, random_start=False, **keywords)
    out = tmp_path / "no.h5"
    with pytest.raises(hdecomp.UserError, match="^tree_top 4: is of the trees of by contribution"):
        hdecomp.make_patches([photo], out, "vgg16-slim", tree_top=4, device="cpu")
    for verb, words, keywords in (
        ("pcc", "top 2: is N of the tree of all decisions", {"top": 2}),
        ("what-ifs", "region: is of the pixels of at", {"off": "top", "region": "field"}),
        ("what-ifs", "mask_threshold: is of the pixels of at", {"off": "top", "mask_threshold": 0.2}),
        ("randomise", "samples: method lrp,gap has no use", {"methods": ["lrp", "gap"], "samples": 4}),
        ("randomise", "top: method lrp has no use for it; gap has", {"methods": ["lrp"], "top": [1, 2]}),
        ("compare-models", "seed: method gap has no use", {"methods": ["gap"], "seed": 1, "other": "vgg16-slim"}),
    ):
        with pytest.raises(hdecomp.UserError, match=f"^{words}"):
            hdecomp.Experiment(verb, "vgg16-slim", device="cpu", **keywords)
    assert not out.exists()


def test_a_rule_of_the_callers(explainer, photo):
    own = explainer.model.with_preprocess(resize=(130, 120), mean=[0.5], std=[0.25, 0.5, 1], interpolation="nearest")
    assert own.mean == [0.5] * 3 and own.std == [0.25, 0.5, 1] and own.input_size == (112, 112)
    seen = hdecomp.Explainer(own, device="cpu").features(photo, "input")
    pixels = seen * np.array(own.std, np.float32)[:, None, None] + 0.5
    assert np.allclose(pixels * 255, np.round(pixels * 255), atol=1e-3) and pixels.min() >= 0
    assert not np.array_equal(seen, explainer.features(photo, "input"))
    with pytest.raises(hdecomp.UserError, match="mean of 2 numbers"):
        explainer.model.with_preprocess(mean=[1, 2])
    with pytest.raises(hdecomp.UserError, match="crop at most the resize"):
        explainer.model.with_preprocess(resize=8)


def test_the_difference_of_two_classes(explainer, photo):
    first, second = explainer.classify(photo, 2)
    versus = hdecomp.Explainer(explainer.model.versus(first.name, second.name), device="cpu")
    assert versus.classify(photo, 1)[0].score == pytest.approx(first.score - second.score, rel=1e-5)


def test_concepts_by_patches_are_found_by_channel(explainer, photo, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{p} faces_easy\n" for p in sorted((source / "tools/photos").glob("*.jpg"))))
    patches, file = str(tmp_path / "patches.h5"), str(tmp_path / "names.h5")
    command("patches", "--list", str(listed), "-o", patches)
    command("concepts", "--patches", patches, "-o", file)
    concepts = hdecomp.Concepts.load(file, explainer.model, model_file)
    assert concepts.layers[0] == "conv5_3" and len(concepts.layers) == 5
    named = 0
    for channel in range(128):
        found, words = concepts.find("conv5_3", channel), concepts.words("conv5_3", channel)
        assert (found is None) == (words == "")
        if found is not None:
            named += 1
            assert words.startswith(found.name + " ") and 0.5 <= found.part <= 1 and found.mask > 0
    assert named > 0 and concepts.find("fc6", 0) is None


def test_concepts_that_are_none_are_refused(explainer):
    with pytest.raises(hdecomp.UserError, match="concepts"):
        hdecomp.Concepts.load(model_file, explainer.model, model_file)
