"""Writes small good files for each fuzz target: make_seeds.py FOLDER. Python's own library suffices."""

import argparse
import collections
import io
import json
import pathlib
import pickle
import struct
import zipfile
import zlib

GOLDENS = pathlib.Path(__file__).resolve().parent.parent / "goldens"


class Storage:
    """What torch's persistent ids say: storage, kind, key, device, count."""

    def __init__(self, key, count):
        self.key, self.count = key, count


class Call:
    """Pickles as a call of a global of torch's."""

    def __init__(self, module, name, *arguments):
        self.module, self.name, self.arguments = module, name, arguments


class Global:
    def __init__(self, module, name):
        self.module, self.name = module, name


class Pickler(pickle._Pickler):
    """The pure Python pickler: it lets globals be named that are not there."""

    def save(self, thing, save_persistent_id=True):
        if isinstance(thing, Global):
            return self.write(b"c" + thing.module.encode() + b"\n" + thing.name.encode() + b"\n")
        if isinstance(thing, Call):
            self.save(Global(thing.module, thing.name))
            self.save(tuple(thing.arguments))
            return self.write(pickle.REDUCE)
        return super().save(thing, save_persistent_id)

    def persistent_id(self, thing):
        if isinstance(thing, Storage):
            return ("storage", Global("torch", "FloatStorage"), thing.key, "cpu", thing.count)
        return None


def pickled(thing):
    out = io.BytesIO()
    Pickler(out, 2).dump(thing)
    return out.getvalue()


def tensor(key, *dims):
    count = 1
    strides = []
    for dim in reversed(dims):
        strides.insert(0, count)
        count *= dim
    return Call("torch._utils", "_rebuild_tensor_v2", Storage(key, count), 0, dims, tuple(strides), False,
                collections.OrderedDict())


def dicts():
    small = {"conv.weight": tensor("0", 2, 3, 1, 1), "conv.bias": tensor("1", 2)}
    return [small, {"state_dict": small, "epoch": 3, "args": {"lr": 0.1, "names": ["a", None, True]}},
            collections.OrderedDict(small), {"state_dict": small, "state_dict_ema": small}]


def archive(thing, compression):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        file.writestr("net/data.pkl", pickled(thing))
        file.writestr("net/data/0", b"\1\2\3\4" * 6)
        file.writestr("net/data/1", b"\0" * 8)
        file.writestr("net/version", "3\n")
    return out.getvalue()


def legacy(thing):
    parts = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}, thing, ["0", "1"]]
    storages = (6).to_bytes(8, "little") + b"\1" * 24 + (2).to_bytes(8, "little") + b"\2" * 8
    return b"".join(pickled(part) for part in parts) + storages


def class_lists():
    pairs = {"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}
    return ["tench\ngoldfish\n", "n01440764 tench, Tinca tinca\r\nn01443537 goldfish\r\n", "\ufefftench\n",
            json.dumps(["tench", "goldfish"], indent=1), json.dumps(pairs), json.dumps({"0": "tench", "1": "goldfish"}),
            json.dumps({"tench": 0, "goldfish": 1}), json.dumps(list(pairs.values()))]


def keras_configs():
    def layer(kind, **config):
        return {"module": "keras.layers", "class_name": kind, "config": config}

    layers = [layer("InputLayer", name="in", batch_shape=[None, 32, 32, 3]),
              layer("Conv2D", name="conv", activation="relu", filters=4, kernel_size=[3, 3]),
              layer("BatchNormalization", name="bn", epsilon=0.001), layer("MaxPooling2D", name="pool"),
              layer("Flatten", name="flat"), layer("Dense", name="out", activation="softmax", units=2)]
    inner = {"class_name": "Functional", "config": {"name": "base", "layers": layers}}
    return [{"class_name": "Sequential", "config": {"name": "net", "layers": layers}}, inner,
            {"class_name": "Sequential", "config": {"name": "net", "layers": [inner, layers[-1]]}}]


def onnx_files():
    """Small nets, field by field."""
    def varint(value):
        out = bytearray()
        while value >= 128:
            out.append(value & 127 | 128)
            value >>= 7
        return bytes(out) + bytes([value])

    def number(field, value):
        return varint(field << 3) + varint(value & (1 << 64) - 1)

    def message(field, content):
        content = content.encode() if isinstance(content, str) else content
        return varint(field << 3 | 2) + varint(len(content)) + content

    def tensor(name, *dims):
        count = 1
        for dim in dims:
            count *= dim
        return message(5, b"".join(number(1, dim) for dim in dims) + number(2, 1) + message(8, name)
                       + message(9, b"\0\0\x80\x3f" * count))

    def node(op, inputs, output, **lists):
        attributes = b"".join(message(5, message(1, name) + b"".join(number(8, v) for v in values) + number(20, 7))
                              for name, values in lists.items())
        return message(1, b"".join(message(1, name) for name in inputs) + message(2, output) + message(4, op) + attributes)

    def model(*parts):
        shape = b"".join(message(1, number(1, dim)) for dim in (1, 3, 8, 8))
        image = message(11, message(1, "i") + message(2, message(1, number(1, 1) + message(2, shape))))
        graph = b"".join(parts) + image + message(12, message(1, "s"))
        return number(1, 7) + message(7, graph) + message(8, number(2, 13))

    head = [node("GlobalAveragePool", "m", "p"), node("Flatten", "p", "f"), tensor("v", 4, 2), node("MatMul", "fv", "s")]
    conv = [tensor("w", 4, 3, 3, 3), node("Conv", "iw", "c", pads=[1, 1, 1, 1])]
    return [model(*conv, node("Relu", "c", "m"), *head),
            model(*conv, node("Sigmoid", "c", "g"), node("Mul", "cg", "a"), node("MaxPool", "a", "m", kernel_shape=[2, 2]), *head),
            model(*conv, node("Concat", "cc", "d"), node("Slice", "dxy", "e"), node("Add", "ec", "m"), *head),
            model(*conv, node("Transpose", "c", "t", perm=[0, 2, 3, 1]), node("ReduceMean", "t", "f", axes=[1, 2]), *head[2:]),
            model(*conv, node("ReduceMax", "c", "x", axes=[1]), node("Sigmoid", "x", "g"), node("Shape", "c", "h"),
                  node("Expand", "gh", "e"), node("Mul", "ce", "m"), *head),
            model(*conv, tensor("o", 4), node("InstanceNormalization", "coo", "n"), node("Sqrt", "n", "q"),
                  node("Div", "nq", "d"), node("ReduceMean", "d", "r", axes=[-1]), node("ReduceMean", "r", "p", axes=[2]), *head[1:])]


def graph_texts():
    image = {"op": "input", "name": "input", "inputs": []}
    conv = {"op": "conv", "name": "c", "inputs": [0], "out_channels": 4, "y": [3, 1, 1, 1, 1], "x": [3, 1, 1, 1, 1]}
    middles = [[], [{"op": "max_pool", "name": "p", "inputs": [1], "y": [2, 2, 0, 0, 1], "x": [2, 2, 0, 0, 1], "ceil": True}],
               [{"op": "activation", "name": "a", "inputs": [1], "function": "elu", "alpha": 1.0}],
               [{"op": "add", "name": "a", "inputs": [1, 1], "activation": "relu", "also": ["x.y"]}],
               [{"op": "lrn", "name": "n", "inputs": [1], "lrn_size": 3, "lrn_k": 2.0}],
               [{"op": "pad", "name": "q", "inputs": [1], "out_channels": 4, "y": [1, 1, -1, 2, 1]}]]
    texts = []
    for middle in middles:
        nodes = [image, conv, *middle, {"op": "adaptive_avg_pool", "name": "m", "inputs": [len(middle) + 1]}]
        texts.append("\n".join([json.dumps(node) for node in nodes] + ["c"]))
    return texts


def png_of(depth, colour, rows):
    """A PNG of 2 x 1 pixels."""
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([depth, colour, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def images():
    files = [path.read_bytes() for path in sorted(GOLDENS.iterdir())
             if path.suffix in (".jpg", ".webp", ".gif", ".tif") and path.stat().st_size < 4096]
    tga = bytes([0, 0, 2]) + bytes(9) + bytes([1, 0, 1, 0, 24, 32]) + bytes(3)
    return files + [b"P6 2 1 255\n" + bytes(6), png_of(8, 2, bytes(7)), tga]


def mat_element(kind, data):
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def mat(variables, compressed):
    """A MATLAB 5 file of matrices: name, class, type, rows, columns, values as bytes."""
    content = b"MATLAB 5.0 MAT-file, a seed".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    for name, kind, stored, rows, columns, values in variables:
        matrix = mat_element(14, mat_element(6, struct.pack("<II", kind, 0)) + mat_element(5, struct.pack("<ii", rows, columns))
                             + mat_element(1, name) + mat_element(stored, values))
        packed = zlib.compress(matrix)
        content += struct.pack("<II", 15, len(packed)) + packed if compressed else matrix
    return content


def labels():
    label_map = [(b"LabelMap", 11, 4, 2, 3, struct.pack("<6H", 1, 2, 300, 0, 459, 255))]
    outline = [(b"box_coord", 6, 9, 1, 4, struct.pack("<4d", 1, 20, 2, 30)),
               (b"obj_contour", 6, 9, 2, 3, struct.pack("<6d", 0, 0, 9, 1, 3, 12))]
    grey = png_of(8, 0, bytes([0, 1, 2]))
    tiffs = [path.read_bytes() for path in sorted(GOLDENS.iterdir()) if path.suffix == ".tif"]
    return ([b"\0" + grey] + [b"\1" + tiff for tiff in tiffs if len(tiff) < 4000]
            + [b"\2" + mat(label_map, packed) for packed in (False, True)]
            + [b"\3" + mat(outline, packed) for packed in (False, True)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    seeds = {"pickle": [pickled(each) for each in dicts()],
             "torch": [archive(each, how) for each in dicts() for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)]
                      + [legacy(each) for each in dicts()],
             "keras_config": [json.dumps(each).encode() for each in keras_configs()],
             "onnx": onnx_files(), "graph_text": [each.encode() for each in graph_texts()],
             "class_names": [each.encode() for each in class_lists()], "image": images(), "labels": labels()}
    for target, files in seeds.items():
        folder = options.folder / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(files):
            (folder / str(number)).write_bytes(content)


if __name__ == "__main__":
    main()
