"""The stubs name what is there, with the arguments that it takes."""

import ast
import re
from pathlib import Path

import hdecomp

experiments = ["pcc", "masking", "distribution", "sparse", "importance", "randomise", "discriminate", "attack", "context"]
experiments += ["class-graph", "what-ifs", "compare-models"]


def stub():
    return ast.parse((Path(hdecomp.__file__).parent / "__init__.pyi").read_text())


def arguments_of(function):
    given = function.args
    names = [a.arg for a in given.posonlyargs + given.args + given.kwonlyargs]
    return [name for name in names if name != "self"]


def public(names):
    return {n for n in names if not n.startswith("_")} | ({"__version__"} & set(names))


def test_all_public_names_are_there():
    named = set()
    for node in stub().body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            named.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            named.add(node.target.id)
    assert named == set(hdecomp.__all__)
    assert (Path(hdecomp.__file__).parent / "py.typed").exists()


def test_classes_have_these_members_and_methods_these_arguments():
    checked = 0
    for node in stub().body:
        if not isinstance(node, ast.ClassDef) or issubclass(getattr(hdecomp, node.name), Exception):
            continue
        real = getattr(hdecomp, node.name)
        members = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
        assert public(members) == public(vars(real)), node.name
        for name, member in members.items():
            if any(getattr(d, "id", "") == "property" for d in member.decorator_list):
                assert isinstance(vars(real)[name], property), (node.name, name)
                continue
            signature = (getattr(real, name).__doc__ or "").split("\n")[0]
            if not signature.startswith(name + "("):
                continue  # written in Python
            inside = re.search(r"\((.*)\)", signature).group(1)
            if (node.name, name) == ("Experiment", "__init__"):  # which takes what its kinds have besides
                settings = set().union(*(hdecomp.Experiment.settings(kind) for kind in experiments))
                said = set(arguments_of(member))
                assert settings < said
                member.args.kwonlyargs = [a for a in member.args.kwonlyargs if a.arg not in settings]
            taken = [a for a in re.findall(r"(?:^|, )(\w+): ", inside) if a not in ("self", "arg0")]
            assert taken == arguments_of(member), (node.name, name, signature)
            checked += 1
    assert checked > 15


def test_everything_has_words():
    for name in hdecomp.__all__:
        if name != "__version__":
            assert getattr(hdecomp, name).__doc__, name
    for name in ("explain", "decompose", "ablate", "saliency", "features", "classify", "explain_batch",
                 "explain_many", "explain_folder", "saliency_batch", "attack", "attack_batch", "what_if"):
        assert len(getattr(hdecomp.Explainer, name).__doc__.split("\n")) > 2, name
