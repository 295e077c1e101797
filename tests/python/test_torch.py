"""Models straight from PyTorch."""

import hdecomp
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


class Branches(torch.nn.Module):
    """No family's: two ways that join, batch norm, dropout."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm = torch.nn.BatchNorm2d(8)
        self.left = torch.nn.Conv2d(8, 8, 3, padding=1)
        self.right = torch.nn.Conv2d(8, 8, 1)
        self.drop = torch.nn.Dropout(0.5)
        self.classes = torch.nn.Linear(8, 5)

    def forward(self, x):
        x = torch.relu(self.norm(self.first(x)))
        x = torch.relu(self.left(x) + self.right(x))
        x = torch.nn.functional.max_pool2d(x, 2).mean((2, 3))
        return self.classes(self.drop(x))


def seeded():
    torch.manual_seed(3)
    module = Branches()
    module.norm.running_mean.uniform_(-0.5, 0.5)
    module.norm.running_var.uniform_(0.5, 2)
    return module, torch.randn(1, 3, 32, 48)


def test_a_module_has_torchs_scores():
    module, example = seeded()
    module.train()
    module.norm.eval()
    model = hdecomp.from_torch(module, example)
    assert module.training and not module.norm.training  # as they were
    assert model.input_size == (32, 48) and model.class_count == 5
    explainer = hdecomp.Explainer(model, device="cpu")
    module.eval()
    for _ in range(3):
        x = torch.randn(1, 3, 32, 48)
        with torch.no_grad():
            told = module(x)[0].numpy()
        found = explainer.features(x, "scores")[:, 0, 0]
        assert np.abs(found - told).max() <= 1e-5 * np.abs(told).max()


def test_a_tree_adds_up_to_torchs_score():
    module, example = seeded()
    module.eval()
    explainer = hdecomp.Explainer(hdecomp.from_torch(module, example), device="cpu")
    with torch.no_grad():
        scores = module(example)[0]
    best = int(scores.argmax())
    if scores[best] <= 0:
        pytest.fail("the seed gives no positive score")
    tree = explainer.explain(example)
    assert tree.decision.index == best
    assert tree.decision.score == pytest.approx(float(scores[best]), rel=1e-5)
    x = example.clone().requires_grad_()
    module(x)[0, best].backward()
    found = explainer.saliency(example, "gradient").values
    told = x.grad[0].numpy()
    assert np.abs(found - told).max() <= 1e-5 * np.abs(told).max()


def test_what_is_said_of_the_input_is_kept():
    module, example = seeded()
    names = ["hen", "owl", "wren", "swan", "Straußenvogel"]
    model = hdecomp.from_torch(module, example, names, mean=[0.5], std=[0.25], resize=(32, 48))
    assert model.mean == [0.5] * 3 and model.std == [0.25] * 3
    assert [model.class_name(i) for i in range(5)] == names


def test_what_hdecomp_cannot_do_is_one_line():
    class Sorted(torch.nn.Module):
        def forward(self, x):
            return torch.topk(x.flatten(1), 4)[0] + 1  # one that ends the network is left out

    with pytest.raises(hdecomp.UserError, match="TopK"):
        hdecomp.from_torch(Sorted(), torch.randn(1, 3, 8, 8))
