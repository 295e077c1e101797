"""The documents' Python, as it stands there."""

import re

import pytest
from conftest import source


def blocks(document="tools/python/README.md"):
    return re.findall(r"```python\n(.*?)```", (source / document).read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def names(monkeypatch, tmp_path):
    """What the first piece leaves, run beside a photograph."""
    pytest.importorskip("PIL", reason="PIL is not installed")
    (tmp_path / "photo.jpg").write_bytes((source / "tools/photos/chelsea.jpg").read_bytes())
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes((tmp_path / "photo.jpg").read_bytes())
    (tmp_path / "photos" / "bad.jpg").write_text("no photograph")
    monkeypatch.chdir(tmp_path)
    left = {}
    exec(blocks()[0], left)
    return left


def test_the_readme_shows_a_tree(names, tmp_path, capsys):
    (tmp_path / "report.html").unlink()
    shown = {}
    exec(*blocks("README.md"), shown)
    assert shown["tree"].decision.name == "Egyptian cat"
    assert capsys.readouterr().out.splitlines()[-2].startswith("fire9:426@5,4 share 0.")
    assert (tmp_path / "report.html").exists()


def test_the_first_piece_explains_a_photograph(names, tmp_path, capsys):
    assert len(blocks()) == 6
    assert names["tree"].decision.name == "Egyptian cat"
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_second_piece_draws_and_tells_what_is_known(names, tmp_path, capsys):
    (tmp_path / "other.jpg").write_bytes((source / "tools/photos/coffee.jpg").read_bytes())
    exec(blocks()[1], names)
    assert {"pyramid.png", "pyramid.svg", "report.html", "tree.json", "levels"} < {p.name for p in (tmp_path / "out").iterdir()}
    assert names["pyramid"].shape[2] == 3 and (tmp_path / "map.png").exists()
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 and all("other.jpg" in line and "photo.jpg" not in line for line in told)


def test_the_third_piece_takes_a_folder(names, tmp_path, capsys):
    exec(blocks()[2], names)
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["1 2", "2 2"] and "bad.jpg" in told[2] and told[3] == "cat.jpg Egyptian cat"
    assert told[4] == "False fire9:426@5,4" and "fire9:" in told[5]
    assert (tmp_path / "pages" / "index.html").exists() and (tmp_path / "pages" / "cat.jpg" / "report.html").exists()


def test_the_fourth_piece_asks_and_measures(names, tmp_path, capsys):
    exec(blocks()[3], names)
    gone = names["gone"]
    assert gone.after.decision.score < gone.before.decision.score
    assert names["fooled"].shape == (3, 224, 224)
    assert (tmp_path / "graphs" / "285.png").exists()
    assert names["correlation"].shape[0] == 1 and (tmp_path / "pcc.h5").exists() and (tmp_path / "pcc.md").exists()
    told = capsys.readouterr().out.splitlines()
    assert "1 1" in told and "'controls': 'a whole number'" in told[-1]
    assert names["changes"].states == ["measured"] and (tmp_path / "off.h5").exists()


def test_the_fifth_piece_takes_many_images(names, capsys):
    exec(blocks()[4], names)
    assert capsys.readouterr().out.splitlines() == ["photo.jpg Egyptian cat"] * 20
    assert [len(kind) for kind in names["channels"]] == [4, 4, 4] and len(names["maps"]) == 8
    assert names["without"].after.decision.score != names["without"].before.decision.score


def test_the_sixth_piece_takes_a_module_of_torch(names):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(4 * 62 * 62, 3)]
    names.update(net=torch.nn.Sequential(*layers), x=torch.randn(1, 3, 64, 64))
    exec(blocks()[5], names)
    assert names["tree"].decision.index == int(names["net"](names["x"]).argmax())
