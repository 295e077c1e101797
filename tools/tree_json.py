"""Reads tree.json (TREE_JSON.md): linked() makes a tree to walk from its steps.

    import json, tree_json
    root = tree_json.linked(json.load(open("tree.json")))
    for child in root["children"]: print(child["layer"], child["channel"], child["share"])
"""


def place_of(node):
    """A decision's key in `steps`."""
    return "{layer}:{channel}@{y},{x}".format(**node)


def linked(tree):
    """The root, in whose place and below every node has its `layer`, its `children`, and its step as `decomposition`
    where it has one. Nodes of the same decision share them: nothing is copied, however often the tree meets it."""
    steps = tree["steps"]

    def link(node):
        step = steps.get(place_of(node))
        if step:
            node["decomposition"] = step
        node["children"] = step["children"] if step else []

    for step in steps.values():
        for node in step["children"]:
            node["layer"] = step["layer"]
            link(node)
    link(tree["root"])
    return tree["root"]
