"""Trees in notebooks and as files."""

import html
import os
import re
import sys
import types

import hdecomp
import pytest


def srcdoc(frame):
    return html.unescape(re.search(r'srcdoc="([^"]*)"', frame).group(1))


def test_the_page_is_the_commands(explainer, photo):
    page = explainer.explain(photo).html()
    assert page.startswith("<!DOCTYPE html>") and "portrait.jpg" in page and "faces_easy" in page
    assert '"format":"hdecomp-page"' in page


def test_a_notebook_shows_it_in_a_frame(explainer, photo, monkeypatch):
    tree = explainer.explain(photo, depth=1)
    frame = tree._repr_html_()
    assert frame.startswith("<iframe ") and srcdoc(frame).startswith("<!DOCTYPE html>")
    shown = []
    display = types.ModuleType("IPython.display")
    display.HTML, display.display = (lambda text: text), shown.append
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    tree.show(height=300)
    assert 'height="300"' in shown[0] and "hdecomp-page" in srcdoc(shown[0])


def test_without_a_notebook_it_says_what_to_do(explainer, photo, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(RuntimeError, match="save_html"):
        explainer.explain(photo, depth=1).show()


def test_a_tree_without_maps_is_shown_as_text(explainer, photo):
    tree = explainer.explain(photo, depth=1, keep_maps=False)
    assert tree._repr_html_() is None and "faces_easy" in repr(tree) and not tree.has_maps
    assert tree.root.children[0].map is None
    assert explainer.explain(photo, depth=1).has_maps


def test_so_is_one_where_nothing_was_chosen():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    classes = torch.nn.Linear(4 * 6 * 6, 2)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), classes)
    with torch.no_grad():  # all evidence is against the class, and the bias alone is for it
        classes.weight.fill_(-0.01)
        classes.bias.fill_(50)
    example = torch.ones(1, 3, 8, 8)
    explainer = hdecomp.Explainer(hdecomp.from_torch(module, example), device="cpu")
    bare = explainer.explain(example, keep_maps=False)
    assert bare.root.children == [] and not bare.has_maps and bare._repr_html_() is None
    assert explainer.explain(example).has_maps


def test_names_stay_text(explainer, photo):
    page = explainer.explain(photo, depth=1).html("<b>&name")
    assert "<title>faces_easy in &lt;b&gt;&amp;name</title>" in page and "<b>" not in page


def test_a_file_appears_whole_or_not_at_all(explainer, photo, tmp_path):
    tree = explainer.explain(photo, depth=1)
    tree.save_html(tmp_path / "report.html", "a name")
    assert "a name" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert os.listdir(tmp_path) == ["report.html"]
    bare = explainer.explain(photo, depth=1, keep_maps=False)
    with pytest.raises(hdecomp.UserError, match="keep_maps=True"):
        bare.save_html(tmp_path / "other.html")
    assert os.listdir(tmp_path) == ["report.html"]
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        tree.save_html(tmp_path / "taken")
    assert sorted(os.listdir(tmp_path)) == ["report.html", "taken"]


def test_a_file_has_the_rights_that_files_get(explainer, photo, tmp_path, monkeypatch):
    tree = explainer.explain(photo, depth=1)
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.delattr(os, "umask")  # other threads' files would have another meanwhile
            tree.save_html(str(tmp_path / "report.html"))
    finally:
        os.umask(before)
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o640
