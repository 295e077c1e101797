"""Several images at once from Python, streams of many, and calls that another thread ends."""

import threading
import time

import hdecomp
import numpy as np
import pytest
from conftest import command, source, without_times

names = ("portrait", "chelsea", "coffee")
photos = [str(source / f"tools/photos/{name}.jpg") for name in names]


@pytest.fixture(scope="module")
def pair(explainer):
    return hdecomp.Explainer(explainer.model, device="cpu", batch=2)


def told_of(tree):
    return without_times(tree.to_dict())


def test_a_stream_is_the_commands_trees_one_after_the_other(pair):
    told = [without_times(command("explain", photo, "--depth", "2")) for photo in photos]
    for many in (photos, iter(photos), (p for p in photos), [open(p, "rb").read() for p in photos]):
        assert [told_of(tree) for tree in pair.explain_many(many, depth=2)] == told
    for count in range(6):
        trees = list(pair.explain_many([photos[i % 3] for i in range(count)], depth=2))
        assert [told_of(tree) for tree in trees] == [told[i % 3] for i in range(count)]
    tree = next(pair.explain_many(photos, depth=1))
    assert tree.has_maps and "portrait.jpg" in tree.html()


def test_a_stream_takes_images_as_it_goes(pair):
    taken = []

    def one_by_one():
        for i in range(20):
            taken.append(i)
            yield photos[i % 3]

    stream = pair.explain_many(one_by_one(), depth=1, keep_maps=False)
    assert taken == []
    for seen, tree in enumerate(stream):
        assert not tree.has_maps
        assert len(taken) <= min(20, seen + 1 + 5), "its own batch and two more"
    assert seen == 19 and next(stream, None) is None


def test_what_is_wrong_with_an_image_stands_in_its_place(pair, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_text("no photograph")
    worst = pair.classify(photos[0], 100)[-1].name
    wrong = np.zeros((3, 5, 5), np.float32)
    found = list(pair.explain_many([bad, photos[0], b"", wrong, photos[1], b"nothing", tmp_path / "none.jpg"], depth=1))
    assert [type(each) for each in found] == [
        hdecomp.UserError, hdecomp.Tree, hdecomp.UserError, hdecomp.UserError, hdecomp.Tree, hdecomp.UserError, hdecomp.UserError
    ]
    assert "bad.jpg" in str(found[0]) and "(3, 5, 5)" in str(found[3]) and "none.jpg" in str(found[6])
    (refused,) = pair.explain_many([photos[0]], worst)
    assert isinstance(refused, hdecomp.ImageError) and worst in str(refused)
    assert list(pair.explain_many([])) == []
    with pytest.raises(hdecomp.UserError, match="nothing"):
        pair.explain_many(photos, "nothing")
    for alone in (photos[0], b"bytes"):
        with pytest.raises(TypeError, match="give a list of images"):
            pair.explain_many(alone)


def test_what_the_images_own_iterator_raises_comes_after_the_trees_before(pair):
    def three_and_no_more():
        yield from photos
        raise KeyError("the disk is gone")

    stream = pair.explain_many(three_and_no_more(), depth=1)
    assert [tree.decision.name for tree in (next(stream), next(stream), next(stream))]
    with pytest.raises(KeyError, match="disk"):
        next(stream)
    assert next(stream, None) is None
    stream = pair.explain_many([photos[0], object()], depth=1)
    assert isinstance(next(stream), hdecomp.Tree)
    with pytest.raises(TypeError, match="uint8"):
        next(stream)


def test_an_explainer_answers_between_the_trees_of_its_streams(pair, explainer):
    told = [told_of(explainer.explain(photo, depth=1)) for photo in photos]
    one, other = pair.explain_many(photos * 2, depth=1), pair.explain_many(photos[::-1] * 2, depth=1)
    for i, (tree, back) in enumerate(zip(one, other)):
        assert told_of(tree) == told[i % 3] and told_of(back) == told[2 - i % 3]
        assert told_of(pair.explain(photos[0], depth=1)) == told[0]
        assert pair.saliency(photos[0], target=tree.decision.name).decision.index == tree.decision.index
    left = pair.explain_many(photos * 2, depth=1)
    next(left)
    del left
    assert told_of(pair.explain(photos[0], depth=1)) == told[0]


def test_one_thread_at_a_time_takes_from_a_stream(pair):
    def again():
        with pytest.raises(ValueError, match="another thread"):
            next(stream)
        yield photos[0]

    stream = pair.explain_many(again(), depth=1)
    assert isinstance(next(stream), hdecomp.Tree)


def test_maps_and_attacks_of_several_are_each_ones_own(pair, explainer):
    done = []
    maps = pair.saliency_batch(photos, "integrated-gradients", samples=4, progress=lambda *n: done.append(n))
    assert done == [(2, 3), (3, 3)]
    for photo, found in zip(photos, maps):
        alone = explainer.saliency(photo, "integrated-gradients", samples=4)
        assert np.array_equal(found.values, alone.values) and found.completeness == alone.completeness
        total, difference = found.completeness
        assert total == pytest.approx(found.values.sum(), rel=1e-3) and difference != 0
        assert found.picture(side=32).shape == (32, 32, 3)
    (gap,) = pair.saliency_batch(photos[:1], "gap")
    assert gap.leaves > 0 and gap.paths >= gap.leaves
    done.clear()
    attacks = pair.attack_batch(photos, steps=2, channels=2, progress=lambda *n: done.append(n))
    assert done == [(2, 3), (3, 3)]
    for photo, found in zip(photos, attacks):
        alone = explainer.attack(photo, steps=2, channels=2)
        assert np.array_equal(found.planes, alone.planes) and found.loss == alone.loss
        assert [[each.channel for each in kind] for kind in found.channels] == [
            [each.channel for each in kind] for kind in alone.channels
        ]
    assert pair.saliency_batch([]) == pair.attack_batch([]) == []
    done.clear()
    assert len(pair.explain_batch(photos, depth=1, progress=lambda *n: done.append(n))) == 3
    assert done == [(2, 3), (3, 3)]


def test_another_thread_ends_a_call(explainer, pair, tmp_path):
    experiment = hdecomp.Experiment("pcc", "vgg16-slim", device="cpu", batch=1)
    works = (
        lambda stop: explainer.explain(photos[0], stop=stop),
        lambda stop: explainer.decompose(photos[0], "class:faces_easy", "conv5_3", stop=stop),
        lambda stop: pair.explain_batch(photos, stop=stop),
        lambda stop: list(pair.explain_many(photos, stop=stop)),
        lambda stop: explainer.ablate(photos[0], "class:faces_easy", stop=stop),
        lambda stop: explainer.saliency(photos[0], stop=stop),
        lambda stop: pair.saliency_batch(photos, stop=stop),
        lambda stop: explainer.attack(photos[0], stop=stop),
        lambda stop: pair.attack_batch(photos, stop=stop),
        lambda stop: explainer.what_if(photos[0], off="conv5_3:70", stop=stop),
        lambda stop: experiment.run(photos, tmp_path / "none.h5", stop=stop),
    )
    asked = hdecomp.Stop()
    asked.request()
    assert asked.requested and not hdecomp.Stop().requested
    for work in works:
        with pytest.raises(hdecomp.Stopped):
            work(asked)
    stop = hdecomp.Stop()
    begun = time.monotonic()
    threading.Timer(0.2, stop.request).start()
    with pytest.raises(hdecomp.Stopped, match="as asked"):
        explainer.saliency(photos[0], "smoothgrad", samples=5000, stop=stop)
    assert 0.2 <= time.monotonic() - begun < 5
    assert issubclass(hdecomp.Stopped, hdecomp.Error) and not issubclass(hdecomp.Stopped, ValueError)
    assert explainer.classify(photos[0])[0].name == "faces_easy"


def test_an_ablation_tells_how_far_it_is(explainer):
    for method in ("fast", "naive"):
        done = []
        whole = explainer.ablate(photos[0], "class:faces_easy", "conv2_2", method=method, progress=lambda *n: done.append(n))
        channels = len(whole.drops)
        assert done[-1] == (channels, channels) and [d for d, _ in done] == sorted({d for d, _ in done})

        def refuse(*_):
            raise KeyError("enough")

        with pytest.raises(KeyError, match="enough"):
            explainer.ablate(photos[0], "class:faces_easy", "conv2_2", method=method, progress=refuse)
