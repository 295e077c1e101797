"""The Python package beside the command: the same numbers, from everything that an image can be."""

import math
import os
import signal
import threading
import time

import hdecomp
import numpy as np
import pytest
from conftest import command, source, without_times


def test_classes_are_the_commands(explainer, photo):
    scores = explainer.classify(photo, count=3)
    told = command("classify", photo)["images"][0]["top"][:3]
    assert [(s.index, s.name, s.score, s.probability) for s in scores] == [tuple(c.values()) for c in told]


def test_a_tree_is_the_commands(explainer, photo):
    tree = explainer.explain(photo, top=2, depth=3)
    told = command("explain", photo, "--top", "2", "--depth", "3")
    assert without_times(tree.to_dict()) == without_times(told)
    assert tree.decision.name == "faces_easy" and tree.layers == ["conv5_3", "conv4_3", "conv3_3"]


def test_a_tree_in_bf16_is_the_commands(explainer, photo):
    tree = hdecomp.Explainer(explainer.model, device="cpu", precision="bf16").explain(photo, top=2, depth=3)
    told = command("explain", photo, "--top", "2", "--depth", "3", "--precision", "bf16")
    assert without_times(tree.to_dict()) == without_times(told)
    strict = explainer.explain(photo, top=2, depth=3)
    assert tree.decision.score != strict.decision.score
    assert tree.decision.score == pytest.approx(strict.decision.score, rel=0.01)
    with pytest.raises(hdecomp.UserError, match="need a GPU"):
        hdecomp.Explainer(explainer.model, device="cpu", precision="tf32")


def test_a_tree_from_a_feature_is_the_commands(explainer, photo):
    place = explainer.explain(photo, depth=1).root.children[0].place
    tree = explainer.explain(photo, from_=place, top=5, cover=0.2, depth=2)
    told = command("explain", photo, "--from", place, "--top", "5", "--cover", "0.2", "--depth", "2")
    assert without_times(tree.to_dict()) == without_times(told)
    assert tree.root.place == tree.decision.name == place and tree.decision.index == -1
    assert all(level.surrogate is None for level in tree.levels)
    with pytest.raises(hdecomp.UserError, match="one decision"):
        explainer.explain(photo, "faces_easy", from_=place)
    (alike,) = explainer.explain_batch([photo], from_=place, top=5, cover=0.2, depth=2)
    assert without_times(alike.to_dict()) == without_times(told)


def test_levels_and_surrogates_are_the_commands(explainer, photo):
    tree = explainer.explain(photo, top=20, cover=0.7, surrogate=True)
    told = command("explain", photo, "--top", "20", "--cover", "0.7", "--surrogate")
    assert without_times(tree.to_dict()) == without_times(told)
    assert 1 < len(tree.root.children) < 20 and tree.root.step.chosen_of_positive >= 0.7
    assert len(tree.levels) == len(told["levels"]) > 2
    for level, said in zip(tree.levels, told["levels"]):
        found, top = level.surrogate, said["surrogate"]["top"]
        assert (level.layer, level.channels) == (said["layer"], said["channels"])
        assert level.reach == pytest.approx(said["reach"], rel=1e-7)  # JSON has eight digits
        assert found.same == said["surrogate"]["same"]
        assert found.probability == pytest.approx(said["surrogate"]["probability"], rel=1e-7)
        assert (found.decision.index, found.decision.name) == (top["index"], top["name"])
    (alike,) = explainer.explain_batch([photo], top=20, cover=0.7, surrogate=True)
    assert without_times(alike.to_dict()) == without_times(told)
    level = tree.levels[0]
    del tree, alike
    assert level.surrogate.decision.name == told["levels"][0]["surrogate"]["top"]["name"]


def test_a_step_and_an_ablation_are_the_commands(explainer, photo):
    step = explainer.decompose(photo, "class:faces_easy", "conv4_3", top=5)
    told = command("decompose", photo, "--from", "class:faces_easy", "--to", "conv4_3", "--top", "5")
    assert without_times(step.to_dict()) == without_times(told)
    assert step.class_name == "faces_easy"
    ablation = explainer.ablate(photo, "class:faces_easy", fill="zero")
    told = command("ablate", photo, "--from", "class:faces_easy", "--fill", "zero", "--top", "3")
    assert without_times(ablation.to_dict()) == without_times(told)
    assert ablation.drops.tolist() == pytest.approx(told["drops"])


def test_a_saliency_map_is_the_commands(explainer, photo, tmp_path):
    file = tmp_path / "map.npy"
    command("saliency", photo, "--method", "smoothgrad", "--samples", "4", "--seed", "3", "-o", str(file))
    seen = []
    found = explainer.saliency(photo, "smoothgrad", samples=4, seed=3, progress=lambda *n: seen.append(n))
    assert np.array_equal(found.values, np.load(file))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    picture = found.picture(side=64)
    assert picture.shape == (64, 64, 3) and picture.dtype == np.uint8


def test_nodes_are_what_their_steps_say(explainer, photo):
    tree = explainer.explain(photo)
    met = 0
    waiting = [tree.root]
    while waiting:
        parent = waiting.pop()
        for node in parent.children:
            step = parent.step
            met += 1
            assert node.contribution == pytest.approx(step.contribution[node.channel])
            assert step.position[node.channel] == node.y * step.width + node.x
            whole = node.map.whole()
            assert whole.shape == (step.height, step.width)
            assert whole.max() == whole[node.y, node.x] == np.float32(node.peak)
            part = node.map.values
            top, left = node.map.top, node.map.left
            assert np.array_equal(part, whole[top:top + part.shape[0], left:left + part.shape[1]])
            if node.step is not None:
                waiting.append(node)
        assert [c.channel for c in parent.children] == parent.step.chosen.tolist()
    assert met > 30


def test_arrays_lie_in_the_engines_memory_and_outlive_their_tree(explainer, photo):
    tree = explainer.explain(photo, depth=1)
    first, again = tree.root.step.contribution, tree.root.step.contribution
    assert np.shares_memory(first, again) and not first.flags.owndata and not first.flags.writeable
    kept = first.copy()
    values = tree.root.children[0].map.values
    node = tree.root.children[0]
    del tree, again
    explainer.explain(photo, depth=1)
    assert np.array_equal(first, kept)
    assert values.max() == np.float32(node.peak)
    with pytest.raises(ValueError):
        first[0] = 1


def test_errors_are_of_their_kinds(explainer, photo):
    assert issubclass(hdecomp.UserError, ValueError) and issubclass(hdecomp.UserError, hdecomp.Error)
    with pytest.raises(hdecomp.UserError, match="nothing"):
        explainer.explain(photo, "nothing")
    with pytest.raises(hdecomp.ImageError, match="positive|not above"):
        explainer.explain(photo, explainer.classify(photo, 100)[-1].name)
    with pytest.raises(hdecomp.UserError, match="magic"):
        explainer.saliency(photo, "magic")
    with pytest.raises(hdecomp.UserError, match="give one of 'mean', 'zero'"):
        explainer.ablate(photo, "class:faces_easy", fill="half")
    with pytest.raises(hdecomp.UserError, match="abacus"):
        hdecomp.Explainer(explainer.model, device="abacus")


def test_a_batch_gives_each_image_its_own_tree_or_its_error(explainer, photo):
    batch = hdecomp.Explainer(explainer.model, device="cpu", batch=2)
    worst = explainer.classify(photo, 100)[-1].name
    other = str(source / "tools/photos/chelsea.jpg")
    trees = batch.explain_batch([photo, other, photo])
    assert [without_times(t.to_dict()) for t in trees] == [
        without_times(explainer.explain(p).to_dict()) for p in (photo, other, photo)
    ]
    (refused,) = batch.explain_batch([photo], worst)
    assert isinstance(refused, hdecomp.ImageError) and worst in str(refused)
    assert batch.explain_batch([]) == []
    for alone in (photo, source / "tools/photos/portrait.jpg", b"bytes"):
        with pytest.raises(TypeError, match=rf"^images is one {type(alone).__name__}; give a list of images[^\n]*$"):
            batch.explain_batch(alone)
    with pytest.raises(TypeError, match="not iterable"):
        batch.explain_batch(3)
    assert len(batch.explain_batch(p for p in (photo, other, photo))) == 3


def test_models_come_from_files_and_from_bytes(explainer, photo, tmp_path):
    file = tmp_path / "model.h5"
    explainer.model.save(file)
    for form in (file, str(file), file.read_bytes()):
        model = hdecomp.Model.load(form)
        assert model.class_count == 100 and model.stages() == explainer.model.stages()
        assert hdecomp.Explainer(model, device="cpu").classify(photo)[0].score == explainer.classify(photo)[0].score
    with pytest.raises(hdecomp.UserError, match="not an HDF5 file"):
        hdecomp.Model.load(b"no model")
    assert model.class_name(model.find_class("faces_easy")) == "faces_easy"
    assert [layer.name for layer in model.layers()][-1] == "fc8" or len(model.layers()) > 10


def test_threads_load_models_at_the_same_time(explainer, photo, tmp_path):
    file = tmp_path / "model.h5"
    explainer.model.save(file)
    content = file.read_bytes()
    told = explainer.classify(photo)[0].score
    found = []

    def work(form):
        for _ in range(5):
            model = hdecomp.Model.load(form)
        found.append(hdecomp.Explainer(model, device="cpu").classify(photo)[0].score)

    threads = [threading.Thread(target=work, args=(form,)) for form in (file, content, file, content)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [told] * 4


def test_others_run_while_the_engine_works(explainer, photo):
    begun, done, ticks = threading.Event(), threading.Event(), 0

    def work():
        begun.set()
        explainer.saliency(photo, "integrated-gradients", samples=100)
        done.set()

    worker = threading.Thread(target=work)
    worker.start()
    begun.wait()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    worker.join()
    assert ticks > 10


def test_threads_take_turns_with_one_explainer(explainer, photo):
    told = without_times(explainer.explain(photo, depth=2).to_dict())
    results = [None] * 4

    def work(i):
        results[i] = without_times(explainer.explain(photo, depth=2).to_dict())

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [told] * 4


def test_ctrl_c_ends_what_goes_on_in_batches(explainer, photo):
    for work in (
        lambda: explainer.explain_batch([photo] * 200),
        lambda: explainer.saliency(photo, "smoothgrad", samples=5000),
    ):
        begun = time.monotonic()
        threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            work()
        assert time.monotonic() - begun < 5
    assert explainer.classify(photo)[0].name == "faces_easy"


def test_callbacks_report_end_the_work_and_cannot_come_back(explainer, photo):
    levels = []
    explainer.explain(photo, depth=2, progress=levels.append)
    assert levels == [0, 1, 2]

    def refuse(*_):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        explainer.explain(photo, progress=refuse)
    with pytest.raises(KeyError, match="enough"):
        explainer.saliency(photo, "smoothgrad", progress=refuse)
    with pytest.raises(hdecomp.Error, match="own callback"):
        explainer.explain(photo, progress=lambda level: explainer.classify(photo))
    assert explainer.classify(photo)[0].name == "faces_easy"


def test_numbers_that_are_not_there_are_nan(explainer, photo):
    ablation = explainer.ablate(photo, "class:faces_easy")
    assert not ablation.unchanged and -1 <= ablation.with_contribution <= 1
    assert not math.isnan(ablation.with_first_order)
