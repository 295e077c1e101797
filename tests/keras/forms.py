"""Keras's files without Keras: a described model and its weights as Keras 2 writes them (.h5), as Keras 3 does (.keras),
and the reverse of the first."""
import copy
import io
import json
import re
import zipfile

import h5py
import numpy


def snake_case(kind):
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", kind)).lower()


def layers_of(model):
    return model["config"]["layers"] if isinstance(model["config"], dict) else model["config"]


def weights_below(layer, weights):
    """The names of a layer's tensors, those of the layers in it included, in Keras's order."""
    if layer["class_name"] in ("Functional", "Model", "Sequential"):
        return [name for inner in layers_of(layer) for name in weights_below(inner, weights)]
    own = layer["config"]["name"] + "/"
    return [name for name in weights if name.startswith(own)]


def write_h5(path, model, weights):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [layer["config"]["name"].encode() for layer in layers_of(model)]
        for layer in layers_of(model):
            inner = group.create_group(layer["config"]["name"])
            names = weights_below(layer, weights)
            inner.attrs["weight_names"] = [(name + ":0").encode() for name in names]
            for name in names:
                inner[name + ":0"] = weights[name]


def read_h5(path):
    weights = {}
    with h5py.File(path) as file:
        model = json.loads(file.attrs["model_config"])
        for layer in file["model_weights"].values():
            for name in layer.attrs["weight_names"]:
                name = name.decode() if isinstance(name, bytes) else name
                weights["/".join(name.split(":")[0].split("/")[-2:])] = layer[name][...].astype("float32")
    return model, weights


def keras3(layer):
    """The description in Keras 3's form."""
    layer = copy.deepcopy(layer)
    config = layer["config"]
    if "batch_input_shape" in config:
        config["batch_shape"] = config.pop("batch_input_shape")
    nodes = layer.get("inbound_nodes", [])
    if nodes:
        layer["inbound_nodes"] = []
    for node in nodes:
        tensors = [{"class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": entry[:3]}}
                   for entry in node]
        layer["inbound_nodes"].append({"args": tensors if len(tensors) == 1 else [tensors], "kwargs": {"training": False}})
    if "layers" in config:
        config["layers"] = [keras3(inner) for inner in config["layers"]]
    if len(config.get("output_layers", [])) == 1:
        config["output_layers"] = config["output_layers"][0]
    return layer


def write_keras(path, model, weights):
    def put(group, layer):
        names = [] if "layers" in layer["config"] else weights_below(layer, weights)
        variables = group.create_group("vars")
        for i, name in enumerate(names):
            variables[str(i)] = weights[name]
        if "layers" not in layer["config"]:
            return
        counts = {}
        for inner in layers_of(layer):
            kind = snake_case(inner["class_name"])
            number = counts[kind] = counts.get(kind, -1) + 1
            put(group.create_group("layers/" + (f"{kind}_{number}" if number else kind)), inner)

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        put(file, model)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(keras3(model)))
        archive.writestr("model.weights.h5", content.getvalue())


def read_net(name):
    """What nets.mjs wrote."""
    with open(f"{name}.json") as file:
        net = json.load(file)
    values, weights, at = numpy.fromfile(f"{name}.bin", "float32"), {}, 0
    for weight in net["weights"]:
        count = int(numpy.prod(weight["shape"]))
        weights[weight["name"]] = values[at:at + count].reshape(weight["shape"])
        at += count
    return net["model"], weights


def write_net(name, model, weights):
    for layer in layers_of(model):  # in Keras's spelling TensorFlow.js does not know them
        layer["config"].update({key: None for key in layer["config"] if key.endswith("_regularizer")})
    with open(f"{name}.json", "w") as file:
        json.dump({"model": model, "weights": [{"name": n, "shape": list(w.shape)} for n, w in weights.items()]}, file)
    numpy.concatenate([w.ravel() for w in weights.values()]).astype("float32").tofile(f"{name}.bin")
