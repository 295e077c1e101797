#!/usr/bin/env bash
# PyTorch saves a conjugated tensor without its conjugation, and the imaginary part of one with the opposite sign.
# Library: PyTorch 1.13.1 (Debian 12: python3-torch 1.13.1+dfsg-4), torch.save, pickle, torch.jit.save.
# Behaviour: conj() is documented to be a view since 1.10: nothing is computed, a bit says that the numbers are to be conjugated, and every
# operation heeds it (numpy() raises an error). What torch.load gives was expected to equal what was saved. The bit isn't saved: the
# tensor comes back unconjugated. So a network that correlates by Fourier transforms, with the kernel's conjugated spectrum
# as a buffer, convolves after it was saved, with the kernel turned round; its maps are other maps. Shapes and
# types are as they were; nothing is said. copy.deepcopy is right, contiguous() is no help. What helps: resolve_conj(), resolve_neg().
# Seen, 2026-12-01, the spectrum of 1 2 3 4, and the differences in a row of 0 0 1 1 4 4 4 9, by a network with such a buffer:
#   plain: 10+0i -2+2i -2+0i -2-2i, loaded 10+0i -2+2i -2+0i -2-2i
#   conj(): 10-0i -2-2i -2-0i -2+2i, loaded 10+0i -2+2i -2+0i -2-2i
#   conj().imag: -0 -2 -0 2, loaded 0 2 0 -2
#   conj().contiguous(): 10-0i -2-2i -2-0i -2+2i, loaded 10+0i -2+2i -2+0i -2-2i
#   conj().resolve_conj(): 10-0i -2-2i -2-0i -2+2i, loaded 10-0i -2-2i -2-0i -2+2i
#   as made: 0 1 0 3 0 0 5 -9
#   state_dict saved and loaded: 9 0 -1 0 -3 0 0 -5
#   torch.jit.save and load: 9 0 -1 0 -3 0 0 -5
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; }
debs python3-torch=1.13.1+dfsg-4

cat >spectra.py <<'PY'
import copy
import io
import pickle
import sys

import torch
from torch import fft, nn

seen = torch.__version__.startswith("1.13")


def again(what, save=torch.save, load=torch.load):
    file = io.BytesIO()
    save(what, file)
    file.seek(0)
    return load(file)


def told(tensor):
    numbers = tensor.resolve_conj().resolve_neg().flatten().tolist()
    return " ".join(f"{v.real:g}{v.imag:+g}i" if isinstance(v, complex) else f"{v:g}" for v in numbers)


spectrum = fft.fft(torch.tensor([1.0, 2, 3, 4]))
for name, tensor, right in [("plain", spectrum, True), ("conj()", spectrum.conj(), False), ("conj().imag", spectrum.conj().imag, False),
                            ("conj().contiguous()", spectrum.conj().contiguous(), False), ("conj().resolve_conj()", spectrum.conj().resolve_conj(), True)]:
    loaded, pickled, copied = again(tensor), pickle.loads(pickle.dumps(tensor)), copy.deepcopy(tensor)
    print(f"{name}: {told(tensor)}, loaded {told(loaded)}")
    seen &= torch.equal(loaded, tensor) == right == torch.equal(pickled, tensor) and torch.equal(copied, tensor)


class Edges(nn.Module):
    """Correlates a row with -1 1 0 0 0 0 0 0: where a number is larger than the one on its left."""

    def __init__(self):
        super().__init__()
        kernel = torch.zeros(8)
        kernel[:2] = torch.tensor([-1.0, 1])
        self.register_buffer("spectrum", fft.rfft(kernel).conj())

    def forward(self, x):
        return fft.irfft(fft.rfft(x) * self.spectrum, 8)


net, loaded = Edges(), Edges()
loaded.load_state_dict(again(net.state_dict()))
scripted = again(torch.jit.script(net), torch.jit.save, torch.jit.load)
row = torch.tensor([0.0, 0, 1, 1, 4, 4, 4, 9])
results = {"as made": net(row), "state_dict saved and loaded": loaded(row), "torch.jit.save and load": scripted(row)}
right = torch.roll(row, -1) - row
for name, result in results.items():
    print(f"{name}: {' '.join(f'{v + 0.0:.0f}' for v in result.round().tolist())}")
    seen &= torch.allclose(result, right, atol=1e-5) == (name == "as made")
sys.exit(0 if seen else 1)
PY
LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread "$T/root/usr/bin/python3.11" -E -s -W ignore spectra.py
