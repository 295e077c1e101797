"""One network's weights in every form of file that `hdecomp convert` reads: tests/compare_torch.py holds their trees
against each other. Keras's forms are written as its saving code lays them out (keras/src/saving), without Keras."""
import io
import json
import struct
import zipfile
from collections import OrderedDict

import h5py
import numpy as np
import torch

KERAS_CONVS = [f"block{block}_conv{i}" for block, depth in enumerate((2, 2, 3, 3, 3), 1) for i in range(1, depth + 1)]


def torch_forms(state, folder):
    """(name, path) of each."""
    def saved(name, content, **how):
        path = f"{folder}/{name}.pth"
        torch.save(content, path, **how)
        return name, path

    prefixed = lambda prefix: OrderedDict((prefix + key, value) for key, value in state.items())
    yield saved("legacy", state, _use_new_zipfile_serialization=False)
    yield saved("DataParallel", {"state_dict": prefixed("module."), "epoch": 3})
    yield saved("compiled", prefixed("_orig_mod."))
    yield saved("Lightning", {"state_dict": prefixed("model.net."), "hyper_parameters": {"lr": 0.1}})
    path = f"{folder}/net.safetensors"
    write_safetensors(path, state)
    yield "safetensors", path


def write_safetensors(path, state):
    header, data = {}, b""
    for name, value in state.items():
        array = value.numpy()
        kind = {"float32": "F32", "int64": "I64"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def keras_layers(state, map_size):
    """(name, class, arrays) of a torchvision VGG-16's layers; `map_size`: of the map that is flattened."""
    names = sorted({key.rsplit(".", 1)[0] for key in state}, key=lambda n: (n.startswith("classifier"), int(n.split(".")[1])))
    convs = iter(KERAS_CONVS)
    dense = iter(("fc1", "fc2", "predictions"))
    for name in names:
        weight, bias = state[name + ".weight"].numpy(), state[name + ".bias"].numpy()
        if weight.ndim == 4:
            yield next(convs), "Conv2D", [weight.transpose(2, 3, 1, 0), bias]
            continue
        layer = next(dense)
        if layer == "fc1":  # Keras flattens (row, column, channel)
            weight = weight.reshape(len(weight), -1, map_size, map_size).transpose(0, 2, 3, 1).reshape(len(weight), -1)
        yield layer, "Dense", [weight.T, bias]


def keras3_weights(file, layers, nested):
    """Fills an open h5py.File as model.save_weights("NAME.weights.h5") does."""
    counts = {}
    for _, kind, arrays in layers:
        place = "layers/functional/layers" if nested and kind == "Conv2D" else "layers"
        group = kind.lower()
        number = counts.setdefault((place, group), 0)
        counts[place, group] += 1
        variables = file.create_group(f"{place}/{group}_{number}" if number else f"{place}/{group}").create_group("vars")
        for i, array in enumerate(arrays):
            variables[str(i)] = np.ascontiguousarray(array)


def keras3_config(layers, nested):
    entry = lambda name, kind: {"class_name": kind, "config": {"name": name, "activation": "relu"}, "name": name}
    convs = [entry(name, kind) for name, kind, _ in layers if kind == "Conv2D"]
    rest = [entry(name, kind) for name, kind, _ in layers if kind == "Dense"]
    if nested:
        convs = [{"class_name": "Functional", "config": {"name": "vgg16", "layers": convs}}]
    return json.dumps({"class_name": "Sequential" if nested else "Functional", "config": {"name": "m", "layers": convs + rest}})


def write_keras2(file, layers, nested, whole):
    """model.save_weights("NAME.h5"), or with `whole` model.save("NAME.h5")."""
    root = file.create_group("model_weights") if whole else file
    owners = OrderedDict()
    for name, kind, arrays in layers:
        owners.setdefault("vgg16" if nested and kind == "Conv2D" else name, []).append((name, arrays))
    root.attrs["layer_names"] = [owner.encode() for owner in owners]
    for owner, parts in owners.items():
        group = root.create_group(owner)
        names = []
        for name, arrays in parts:
            for role, array in zip(("kernel", "bias"), arrays):
                names.append(f"{name}/{role}:0".encode())
                group[names[-1].decode()] = np.ascontiguousarray(array)
        group.attrs["weight_names"] = names


def keras_forms(state, map_size, folder):
    """(name, path) of each form of a torchvision VGG-16's weights as a Keras model's."""
    layers = list(keras_layers(state, map_size))
    for nested in (False, True):
        how = " nested" if nested else ""
        for whole in (False, True):
            path = f"{folder}/keras2{nested}{whole}.h5"
            with h5py.File(path, "w") as file:
                write_keras2(file, layers, nested, whole)
            yield f"Keras 2 {'whole ' if whole else ''}.h5{how}", path
        path = f"{folder}/keras{nested}.weights.h5"
        with h5py.File(path, "w") as file:
            keras3_weights(file, layers, nested)
        yield f"Keras 3 .weights.h5{how}", path
        path = f"{folder}/keras{nested}.keras"
        memory = io.BytesIO()
        with h5py.File(memory, "w") as file:
            keras3_weights(file, layers, nested)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", json.dumps({"keras_version": "3.0.0"}))
            archive.writestr("config.json", keras3_config(layers, nested))
            archive.writestr("model.weights.h5", memory.getvalue())
        yield f".keras{how}", path
