"""hdecomp explains one decision of a CNN as a tree of evidence (gAP).

    import hdecomp

    explainer = hdecomp.Explainer()                # the bundled SqueezeNet 1.1
    tree = explainer.explain("photo.jpg")
    print(tree.decision.name, tree.decision.probability)
    for node in tree.root.children:
        print(node.place, node.share, node.map.whole().max())
    tree.show()                                    # in a notebook

Arrays are numpy's, on the engine's own memory, and read only.
"""

from ._hdecomp import (
    Ablation,
    ActivationMap,
    Attack,
    AttackedChannel,
    ClassGraph,
    ClassScore,
    Concept,
    Concepts,
    ControlSummary,
    CountedPhotos,
    DecisionStep,
    Error,
    Experiment,
    Explainer,
    GraphEdge,
    GraphLevel,
    GraphNode,
    GroupDrop,
    ImageError,
    LayerInfo,
    Means,
    Model,
    Node,
    Patch,
    Patches,
    PhotoTree,
    Results,
    SaliencyMap,
    StageSurrogate,
    Step,
    Stop,
    Stopped,
    Tree,
    TreeLevel,
    UserError,
    Verdict,
    WhatIf,
    __version__,
    concepts_from_patches,
    gpu_devices,
    make_concepts,
    make_means,
    make_patches,
    save_saliency,
    upright,
)
from ._notebook import frame, save_html, show
from ._torch import from_torch

Tree.show = show
Tree.save_html = save_html
Tree._repr_html_ = frame

__all__ = [
    "Ablation",
    "ActivationMap",
    "Attack",
    "AttackedChannel",
    "ClassGraph",
    "ClassScore",
    "Concept",
    "Concepts",
    "ControlSummary",
    "CountedPhotos",
    "DecisionStep",
    "Error",
    "Experiment",
    "Explainer",
    "GraphEdge",
    "GraphLevel",
    "GraphNode",
    "GroupDrop",
    "ImageError",
    "LayerInfo",
    "Means",
    "Model",
    "Node",
    "Patch",
    "Patches",
    "PhotoTree",
    "Results",
    "SaliencyMap",
    "StageSurrogate",
    "Step",
    "Stop",
    "Stopped",
    "Tree",
    "TreeLevel",
    "UserError",
    "Verdict",
    "WhatIf",
    "__version__",
    "concepts_from_patches",
    "from_torch",
    "gpu_devices",
    "make_concepts",
    "make_means",
    "make_patches",
    "save_saliency",
    "upright",
]
