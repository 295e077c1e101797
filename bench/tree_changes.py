"""What another precision, or another program, changes in a tree of ours."""


def place(node):
    return node["channel"], node.get("y", 0), node.get("x", 0)


def tree_nodes(root):
    """The distinct nodes of our tree.json, level by level."""
    levels, nodes = [], [root]
    while nodes:
        levels.append({place(node) for node in nodes})
        distinct = {place(node): node for node in nodes}
        nodes = [child for node in distinct.values() for child in node["children"]]
    return levels


def changed_channels(actual, expected):
    """(changed, chosen): the channels that `expected` chose, going down where both decompose the same decision, and
    those of them that `actual` did not choose there."""
    ours = {node["channel"]: node for node in actual["children"]}
    changed = chosen = 0
    for child in expected["children"]:
        same = ours.get(child["channel"])
        chosen += 1
        changed += same is None
        if same is not None and place(same) == place(child):
            below = changed_channels(same, child)
            changed, chosen = changed + below[0], chosen + below[1]
    return changed, chosen
