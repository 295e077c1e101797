"""Models out of PyTorch's memory, through ONNX."""

import inspect
import json
import os
import tempfile

from ._hdecomp import Model


def from_torch(module, example, classes=None, **said):
    """A torch module as a Model, in one call: exported to ONNX and converted.

    module: a torch.nn.Module from images to class scores, or to features; it is exported in
        evaluation mode and left in its own.
    example: a tensor of its input's shape, (1, 3, height, width).
    classes: their names, in order.
    said: what the network wants of photographs, as Model.convert() takes it (`mean`, `std`,
        `resize`, `crop`, ...); without it ImageNet's usual rule. Tensors that are given
        to an Explainer are the module's input as they are.
    """
    import torch

    options = {"opset_version": 13, "input_names": ["input"], "do_constant_folding": True}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        options["dynamo"] = False  # the exporter that needs nothing else installed
    modes = [(each, each.training) for each in module.modules()]
    with tempfile.TemporaryDirectory(prefix="hdecomp-") as folder:
        path = os.path.join(folder, type(module).__name__ + ".onnx")
        try:
            module.eval()
            with torch.no_grad():
                torch.onnx.export(module, example, path, **options)
        finally:
            for each, training in modes:
                each.training = training
        if classes is not None:
            said["classes"] = os.path.join(folder, "classes.json")
            with open(said["classes"], "w", encoding="utf-8") as file:
                json.dump(list(classes), file)
        return Model.convert(path, **said)
