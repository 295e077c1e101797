from os import PathLike
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import NDArray

# A path, a file's bytes, a PIL image, uint8 pixels (height, width[, 3 or 4]), or the network's input, float32
# ([1,] 3, height, width), as a numpy array or a torch tensor.
ImageLike = Any
Size = Union[int, Tuple[int, int]]
# A class: its index, WordNet id or name; of `target` None or "" is the most probable one.
ClassText = Union[int, str, None]
Path = Union[str, "PathLike[str]"]

__version__: str

class Error(RuntimeError): ...
class UserError(Error, ValueError): ...
class ImageError(UserError): ...
class Stopped(Error): ...

class Stop:
    def __init__(self) -> None: ...
    def request(self) -> None: ...
    @property
    def requested(self) -> bool: ...

def gpu_devices() -> List[str]: ...
def upright(image: Union[Path, bytes]) -> NDArray[np.uint8]: ...

class ClassScore:
    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def wnid(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def probability(self) -> float: ...

class LayerInfo:
    @property
    def name(self) -> str: ...
    @property
    def torchvision(self) -> List[str]: ...
    @property
    def keras(self) -> List[str]: ...
    @property
    def channels(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def stage(self) -> str: ...

class Model:
    @staticmethod
    def load(file: Union[Path, bytes]) -> Model: ...
    @staticmethod
    def bundled(name: str = ...) -> Model: ...
    @staticmethod
    def convert(
        file: Path,
        *,
        arch: str = ...,
        classes: str = ...,
        key: str = ...,
        mean: Sequence[float] = ...,
        std: Sequence[float] = ...,
        resize: Optional[Size] = ...,
        crop: Optional[Size] = ...,
        channel_order: str = ...,
        interpolation: str = ...,
        pixel_range: int = ...,
        stages: Sequence[str] = ...,
        bottleneck_strides: int = ...,
        weights_16: bool = ...,
    ) -> Model: ...
    @staticmethod
    def initialise(
        arch: str, *, seed: int = ..., classes: int = ..., input_size: Optional[Size] = ...
    ) -> Model: ...
    def save(self, file: Path) -> None: ...
    def with_preprocess(
        self,
        *,
        resize: Optional[Size] = ...,
        mean: Optional[Sequence[float]] = ...,
        std: Optional[Sequence[float]] = ...,
        interpolation: str = ...,
    ) -> Model: ...
    def versus(self, one: ClassText, other: ClassText) -> Model: ...
    @staticmethod
    def bundled_path(name: str = ...) -> str: ...
    @property
    def arch(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def input_size(self) -> Tuple[int, int]: ...
    @property
    def mean(self) -> List[float]: ...
    @property
    def std(self) -> List[float]: ...
    @property
    def class_count(self) -> int: ...
    def class_name(self, index: int) -> str: ...
    def find_class(self, text: ClassText) -> int: ...
    @property
    def assumed(self) -> List[str]: ...
    def receptive_field(self, layer: str, y: int, x: int) -> List[int]: ...
    def stage_below(self, layer: str) -> str: ...
    def layers(self) -> List[LayerInfo]: ...
    def stages(self) -> List[str]: ...

class ActivationMap:
    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def top(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def values(self) -> NDArray[np.float32]: ...
    def whole(self) -> NDArray[np.float32]: ...

class Node:
    @property
    def layer(self) -> str: ...
    @property
    def channel(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def x(self) -> int: ...
    @property
    def contribution(self) -> float: ...
    @property
    def share(self) -> float: ...
    @property
    def peak(self) -> float: ...
    @property
    def value(self) -> float: ...
    @property
    def members(self) -> List[int]: ...
    @property
    def extra_peak(self) -> int: ...
    @property
    def place(self) -> str: ...
    @property
    def children(self) -> List[Node]: ...
    @property
    def against(self) -> List[Node]: ...
    @property
    def step(self) -> Optional[Step]: ...
    @property
    def map(self) -> Optional[ActivationMap]: ...
    @property
    def guided(self) -> Optional[NDArray[np.float32]]: ...
    @property
    def guided_at(self) -> Optional[Tuple[int, int]]: ...
    def guided_picture(self) -> NDArray[np.uint8]: ...
    @property
    def concept(self) -> Optional[Concept]: ...
    @property
    def patches(self) -> List[Patch]: ...

class Step:
    @property
    def layer(self) -> str: ...
    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def contribution(self) -> NDArray[np.float32]: ...
    @property
    def peak(self) -> NDArray[np.float32]: ...
    @property
    def position(self) -> NDArray[np.int32]: ...
    @property
    def mean_gradient(self) -> NDArray[np.float32]: ...
    @property
    def max_gradient(self) -> NDArray[np.float32]: ...
    @property
    def chosen(self) -> NDArray[np.int32]: ...
    @property
    def value(self) -> float: ...
    @property
    def positive(self) -> float: ...
    @property
    def total(self) -> float: ...
    @property
    def chosen_of_positive(self) -> float: ...
    @property
    def chosen_of_value(self) -> float: ...

class StageSurrogate:
    @property
    def decision(self) -> ClassScore: ...
    @property
    def same(self) -> bool: ...
    @property
    def probability(self) -> float: ...

class TreeLevel:
    @property
    def layer(self) -> str: ...
    @property
    def channels(self) -> int: ...
    @property
    def reach(self) -> float: ...
    @property
    def surrogate(self) -> Optional[StageSurrogate]: ...

class Tree:
    @property
    def decision(self) -> ClassScore: ...
    @property
    def top(self) -> List[ClassScore]: ...
    @property
    def layers(self) -> List[str]: ...
    @property
    def levels(self) -> List[TreeLevel]: ...
    @property
    def decompositions(self) -> int: ...
    @property
    def timings_ms(self) -> Dict[str, float]: ...
    @property
    def root(self) -> Node: ...
    @property
    def has_maps(self) -> bool: ...
    def json(self, indent: int = ...) -> str: ...
    def to_dict(self) -> Dict[str, Any]: ...
    def html(self, name: str = ...) -> str: ...
    def save(
        self,
        output_dir: Path,
        *,
        pictures: str = ...,
        colours: str = ...,
        svg: bool = ...,
        pdf: bool = ...,
        html: bool = ...,
        maps: str = ...,
        saliency: Sequence[SaliencyMap] = ...,
        name: str = ...,
        image: Optional[ImageLike] = ...,
        threads: int = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> None: ...
    def pyramid(self, *, colours: str = ..., image: Optional[ImageLike] = ...) -> NDArray[np.uint8]: ...
    def pyramid_svg(self, *, colours: str = ..., image: Optional[ImageLike] = ...) -> str: ...
    def pyramid_pdf(self, *, colours: str = ..., image: Optional[ImageLike] = ...) -> bytes: ...
    def sheet(
        self, level: int, *, colours: str = ..., image: Optional[ImageLike] = ...
    ) -> NDArray[np.uint8]: ...
    def overlay(
        self, node: Node, side: int = ..., *, colours: str = ..., image: Optional[ImageLike] = ...
    ) -> NDArray[np.uint8]: ...
    def save_html(self, file: Path, name: str = ...) -> None: ...
    def show(self, height: int = ...) -> None: ...
    def _repr_html_(self) -> Optional[str]: ...

class PhotoTree:
    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Optional[int]: ...
    @property
    def decision(self) -> Optional[ClassScore]: ...
    @property
    def tree(self) -> Optional[Tree]: ...
    @property
    def error(self) -> str: ...
    @property
    def is_wrong(self) -> bool: ...

class DecisionStep:
    @property
    def decision(self) -> Node: ...
    @property
    def step(self) -> Step: ...
    @property
    def class_name(self) -> str: ...
    @property
    def timings_ms(self) -> Dict[str, float]: ...
    def json(self, indent: int = ...) -> str: ...
    def to_dict(self) -> Dict[str, Any]: ...
    def save(
        self,
        output_dir: Path,
        *,
        maps: str = ...,
        threads: int = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> None: ...

class GroupDrop:
    @property
    def channels(self) -> List[int]: ...
    @property
    def drop(self) -> float: ...
    @property
    def members_drop(self) -> float: ...

class Ablation:
    @property
    def decision(self) -> Node: ...
    @property
    def step(self) -> Step: ...
    @property
    def fill(self) -> str: ...
    @property
    def drops(self) -> NDArray[np.float32]: ...
    @property
    def first_order(self) -> NDArray[np.float32]: ...
    @property
    def rounding(self) -> float: ...
    @property
    def unchanged(self) -> bool: ...
    @property
    def with_contribution(self) -> float: ...
    @property
    def with_peak(self) -> float: ...
    @property
    def with_mean_gradient(self) -> float: ...
    @property
    def with_max_gradient(self) -> float: ...
    @property
    def with_first_order(self) -> float: ...
    @property
    def groups(self) -> List[GroupDrop]: ...
    @property
    def timings_ms(self) -> Dict[str, float]: ...
    def json(self, indent: int = ...) -> str: ...
    def to_dict(self) -> Dict[str, Any]: ...

class SaliencyMap:
    @property
    def method(self) -> str: ...
    @property
    def decision(self) -> ClassScore: ...
    @property
    def layer(self) -> str: ...
    @property
    def values(self) -> NDArray[np.float32]: ...
    @property
    def completeness(self) -> Tuple[float, float]: ...
    @property
    def leaves(self) -> int: ...
    @property
    def paths(self) -> float: ...
    @property
    def ms(self) -> float: ...
    def picture(self, side: int = ...) -> NDArray[np.uint8]: ...
    def save(self, output: Path, side: int = ...) -> None: ...

def save_saliency(maps: Sequence[SaliencyMap], output: Path, side: int = ...) -> None: ...

class Explainer:
    def __init__(
        self,
        model: Union[Model, Path, None] = ...,
        *,
        device: str = ...,
        threads: int = ...,
        batch: int = ...,
        precision: str = ...,
        keep_last: bool = ...,
    ) -> None: ...
    @property
    def model(self) -> Model: ...
    @property
    def device(self) -> str: ...
    @property
    def batch(self) -> int: ...
    def classify(self, image: ImageLike, count: int = ...) -> List[ClassScore]: ...
    def explain(
        self,
        image: ImageLike,
        target: ClassText = ...,
        *,
        top: int = ...,
        depth: int = ...,
        keep_maps: bool = ...,
        guided: bool = ...,
        merge_overlaps: float = ...,
        mask_threshold: float = ...,
        peaks: int = ...,
        baseline: Union[str, Means] = ...,
        from_: str = ...,
        cover: float = ...,
        surrogate: bool = ...,
        concepts: Union[Concepts, Path, None] = ...,
        patches: Union[Patches, Path, Sequence[Union[Patches, Path]], None] = ...,
        stop: Optional[Stop] = ...,
        progress: Optional[Callable[[int], Any]] = ...,
        signed: bool = ...,
    ) -> Tree: ...
    def explain_batch(
        self,
        images: Iterable[ImageLike],
        target: ClassText = ...,
        *,
        top: int = ...,
        depth: int = ...,
        keep_maps: bool = ...,
        guided: bool = ...,
        merge_overlaps: float = ...,
        mask_threshold: float = ...,
        peaks: int = ...,
        baseline: Union[str, Means] = ...,
        from_: str = ...,
        cover: float = ...,
        surrogate: bool = ...,
        concepts: Union[Concepts, Path, None] = ...,
        patches: Union[Patches, Path, Sequence[Union[Patches, Path]], None] = ...,
        stop: Optional[Stop] = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
    ) -> List[Union[Tree, ImageError]]: ...
    def explain_many(
        self,
        images: Iterable[ImageLike],
        target: ClassText = ...,
        *,
        top: int = ...,
        depth: int = ...,
        keep_maps: bool = ...,
        guided: bool = ...,
        merge_overlaps: float = ...,
        mask_threshold: float = ...,
        peaks: int = ...,
        baseline: Union[str, Means] = ...,
        from_: str = ...,
        cover: float = ...,
        surrogate: bool = ...,
        concepts: Union[Concepts, Path, None] = ...,
        patches: Union[Patches, Path, Sequence[Union[Patches, Path]], None] = ...,
        stop: Optional[Stop] = ...,
    ) -> Iterator[Union[Tree, UserError]]: ...
    def explain_folder(
        self,
        images: Union[Path, Iterable[Path]],
        target: ClassText = ...,
        *,
        top: int = ...,
        depth: int = ...,
        keep_maps: bool = ...,
        guided: bool = ...,
        merge_overlaps: float = ...,
        mask_threshold: float = ...,
        peaks: int = ...,
        baseline: Union[str, Means] = ...,
        from_: str = ...,
        cover: float = ...,
        surrogate: bool = ...,
        concepts: Union[Concepts, Path, None] = ...,
        patches: Union[Patches, Path, Sequence[Union[Patches, Path]], None] = ...,
        stop: Optional[Stop] = ...,
        labels: Union[str, Iterable[Union[int, str, None]], None] = ...,
        exif: bool = ...,
        output_dir: Optional[Path] = ...,
        pictures: str = ...,
        colours: str = ...,
        svg: bool = ...,
        pdf: bool = ...,
        html: bool = ...,
        maps: str = ...,
        keep_trees: Optional[bool] = ...,
        each: Optional[Callable[[PhotoTree], Any]] = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
    ) -> List[PhotoTree]: ...
    def decompose(
        self,
        image: ImageLike,
        decision: str,
        to: str,
        *,
        top: int = ...,
        channels: Sequence[int] = ...,
        keep_maps: bool = ...,
        guided: bool = ...,
        baseline: Union[str, Means] = ...,
        cover: float = ...,
        against: bool = ...,
        stop: Optional[Stop] = ...,
    ) -> DecisionStep: ...
    def ablate(
        self,
        image: ImageLike,
        decision: str,
        to: str = ...,
        *,
        fill: Union[str, Means] = ...,
        method: str = ...,
        top: int = ...,
        baseline: Union[str, Means] = ...,
        merge_overlaps: float = ...,
        mask_threshold: float = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> Ablation: ...
    def saliency(
        self,
        image: ImageLike,
        method: str = ...,
        target: ClassText = ...,
        *,
        samples: int = ...,
        noise: float = ...,
        seed: int = ...,
        relu: bool = ...,
        top: int = ...,
        lrp_rule: str = ...,
        epsilon: float = ...,
        path_start: str = ...,
        gap_sum: str = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> SaliencyMap: ...
    def saliency_batch(
        self,
        images: Iterable[ImageLike],
        method: str = ...,
        target: ClassText = ...,
        *,
        samples: int = ...,
        noise: float = ...,
        seed: int = ...,
        relu: bool = ...,
        top: int = ...,
        lrp_rule: str = ...,
        epsilon: float = ...,
        path_start: str = ...,
        gap_sum: str = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> List[SaliencyMap]: ...
    def features(self, image: ImageLike, layer: str) -> NDArray[np.float32]: ...
    def attack(
        self,
        image: ImageLike,
        target: ClassText = ...,
        *,
        aim: ClassText = ...,
        eps: float = ...,
        steps: int = ...,
        step: float = ...,
        restarts: int = ...,
        random_start: bool = ...,
        seed: int = ...,
        channels: int = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> Attack: ...
    def attack_batch(
        self,
        images: Iterable[ImageLike],
        target: ClassText = ...,
        *,
        aim: ClassText = ...,
        eps: float = ...,
        steps: int = ...,
        step: float = ...,
        restarts: int = ...,
        random_start: bool = ...,
        seed: int = ...,
        channels: int = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> List[Attack]: ...
    def what_if(
        self,
        image: ImageLike,
        *,
        box: Optional[Sequence[int]] = ...,
        off: str = ...,
        fill: Union[str, Means, None] = ...,
        target: ClassText = ...,
        controls: int = ...,
        seed: int = ...,
        mask: Optional[NDArray[np.bool_]] = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> WhatIf: ...

class AttackedChannel:
    @property
    def channel(self) -> int: ...
    @property
    def before(self) -> float: ...
    @property
    def after(self) -> float: ...
    @property
    def moved(self) -> float: ...

class Attack:
    @property
    def before(self) -> ClassScore: ...
    @property
    def after(self) -> ClassScore: ...
    @property
    def new_before(self) -> ClassScore: ...
    @property
    def new_after(self) -> ClassScore: ...
    @property
    def distance(self) -> float: ...
    @property
    def loss_before(self) -> float: ...
    @property
    def loss(self) -> float: ...
    @property
    def fooled(self) -> bool: ...
    @property
    def fooled_in_8_bits(self) -> bool: ...
    @property
    def layer(self) -> str: ...
    @property
    def channels(self) -> List[List[AttackedChannel]]: ...
    @property
    def planes(self) -> NDArray[np.float32]: ...
    @property
    def pixels(self) -> NDArray[np.uint8]: ...

class Verdict:
    @property
    def decision(self) -> ClassScore: ...
    @property
    def top(self) -> List[ClassScore]: ...
    @property
    def predicted(self) -> ClassScore: ...

class ControlSummary:
    @property
    def controls(self) -> int: ...
    @property
    def class_changes(self) -> int: ...
    @property
    def mean_change(self) -> float: ...
    @property
    def least_change(self) -> float: ...
    @property
    def most_change(self) -> float: ...
    @property
    def mean_score_change(self) -> float: ...
    @property
    def as_low(self) -> int: ...
    @property
    def as_high(self) -> int: ...

class WhatIf:
    @property
    def before(self) -> Verdict: ...
    @property
    def after(self) -> Verdict: ...
    @property
    def controls(self) -> List[Verdict]: ...
    @property
    def control_boxes(self) -> List[List[int]]: ...
    @property
    def summary(self) -> ControlSummary: ...

class Means:
    @staticmethod
    def load(file: Path, model: Model, model_file: Path) -> Means: ...
    @property
    def images(self) -> int: ...

class Concept:
    @property
    def name(self) -> str: ...
    @property
    def part(self) -> float: ...
    @property
    def threshold(self) -> float: ...
    @property
    def mask(self) -> int: ...

class Concepts:
    @staticmethod
    def load(file: Path, model: Model, model_file: Path) -> Concepts: ...
    @property
    def images(self) -> int: ...
    @property
    def layers(self) -> List[str]: ...
    def find(self, layer: str, channel: int) -> Optional[Concept]: ...
    def words(self, layer: str, channel: int) -> str: ...

class Patch:
    @property
    def by(self) -> str: ...
    @property
    def image(self) -> str: ...
    @property
    def class_name(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def y(self) -> int: ...
    @property
    def x(self) -> int: ...
    @property
    def box(self) -> Tuple[int, int, int, int]: ...
    @property
    def jpeg(self) -> bytes: ...

class Patches:
    @staticmethod
    def load(file: Path, model: Model, model_file: Path) -> Patches: ...
    @property
    def by(self) -> str: ...
    @property
    def images(self) -> int: ...
    @property
    def top(self) -> int: ...
    def find(self, layer: str, channel: int) -> List[Patch]: ...

class GraphNode:
    @property
    def channel(self) -> int: ...
    @property
    def trees(self) -> int: ...
    @property
    def weight(self) -> float: ...

class GraphEdge:
    @property
    def above(self) -> int: ...
    @property
    def below(self) -> int: ...
    @property
    def trees(self) -> int: ...
    @property
    def weight(self) -> float: ...

class GraphLevel:
    @property
    def layer(self) -> str: ...
    @property
    def reach(self) -> float: ...
    @property
    def held(self) -> float: ...
    @property
    def nodes(self) -> List[GraphNode]: ...
    @property
    def edges(self) -> List[GraphEdge]: ...

class ClassGraph:
    @property
    def class_index(self) -> int: ...
    @property
    def trees(self) -> int: ...
    @property
    def levels(self) -> List[GraphLevel]: ...

class Results:
    @property
    def experiment(self) -> str: ...
    @property
    def options(self) -> Dict[str, str]: ...
    @property
    def steps(self) -> List[str]: ...
    @property
    def images(self) -> List[str]: ...
    @property
    def states(self) -> List[str]: ...
    @property
    def skipped(self) -> List[Tuple[str, str]]: ...
    @property
    def fields(self) -> Dict[str, List[int]]: ...
    def values(self, field: str) -> NDArray[np.float32]: ...
    def tables(self, *, share: float = ..., concepts: Optional[Concepts] = ...) -> Dict[str, str]: ...
    def save_tables(self, *, share: float = ..., concepts: Optional[Concepts] = ...) -> None: ...
    def page(
        self,
        *,
        share: float = ...,
        concepts: Optional[Concepts] = ...,
        patches: Union[Patches, Sequence[Patches], None] = ...,
    ) -> str: ...
    def save_page(
        self,
        *,
        share: float = ...,
        concepts: Optional[Concepts] = ...,
        patches: Union[Patches, Sequence[Patches], None] = ...,
    ) -> None: ...
    def save_graphs(
        self,
        output_dir: Path,
        *,
        share: float = ...,
        concepts: Optional[Concepts] = ...,
        patches: Union[Patches, Sequence[Patches], None] = ...,
    ) -> None: ...
    def graph_picture(
        self, of: Union[int, str], *, share: float = ..., concepts: Optional[Concepts] = ...
    ) -> NDArray[np.uint8]: ...
    def class_graphs(self, share: float = ...) -> List[ClassGraph]: ...

class Experiment:
    def __init__(
        self,
        kind: str,
        model: Path = ...,
        *,
        device: str = ...,
        threads: int = ...,
        batch: int = ...,
        precision: str = ...,
        # Which kind has which: settings().
        target: ClassText = ...,
        top: Union[int, Sequence[int], None] = ...,
        all_decisions: bool = ...,
        fill: Union[str, Means, None] = ...,
        method: str = ...,
        merge_overlaps: Optional[float] = ...,
        peaks: int = ...,
        mask_threshold: float = ...,
        ranking: str = ...,
        steps: Optional[int] = ...,
        seed: int = ...,
        count: str = ...,
        min_count: int = ...,
        shuffles: int = ...,
        depth: int = ...,
        aim: ClassText = ...,
        eps: float = ...,
        step: float = ...,
        restarts: int = ...,
        random_start: bool = ...,
        regions: Path = ...,
        region_names: Path = ...,
        region_kind: str = ...,
        first_label: Optional[int] = ...,
        at: str = ...,
        off: str = ...,
        region: str = ...,
        controls: int = ...,
        failures: bool = ...,
        methods: Sequence[str] = ...,
        order: str = ...,
        unit: str = ...,
        draw: str = ...,
        changed_target: str = ...,
        samples: int = ...,
        gap_sum: str = ...,
        other: Path = ...,
    ) -> None: ...
    @staticmethod
    def settings(kind: str) -> Dict[str, str]: ...
    def run(
        self,
        images: Union[Path, Iterable[Path]],
        output: Path,
        *,
        labels: Union[str, Iterable[Union[int, str, None]], None] = ...,
        resume: bool = ...,
        exif: bool = ...,
        progress: Optional[Callable[[int, int], Any]] = ...,
        stop: Optional[Stop] = ...,
    ) -> Results: ...

class CountedPhotos:
    @property
    def images(self) -> int: ...
    @property
    def skipped(self) -> Dict[int, str]: ...

def make_means(
    images: Union[Path, Iterable[Path]],
    output: Path,
    model: Path = ...,
    *,
    device: str = ...,
    threads: int = ...,
    batch: int = ...,
    precision: str = ...,
    exif: bool = ...,
    progress: Optional[Callable[[int, int], Any]] = ...,
    stop: Optional[Stop] = ...,
) -> CountedPhotos: ...
def make_patches(
    images: Union[Path, Iterable[Path]],
    output: Path,
    model: Path = ...,
    *,
    layers: Sequence[str] = ...,
    by: str = ...,
    top: int = ...,
    tree_top: int = ...,
    side: int = ...,
    labels: Union[str, Iterable[Union[int, str, None]], None] = ...,
    resume: bool = ...,
    exif: bool = ...,
    device: str = ...,
    threads: int = ...,
    batch: int = ...,
    precision: str = ...,
    progress: Optional[Callable[[int, int], Any]] = ...,
    stop: Optional[Stop] = ...,
) -> CountedPhotos: ...
def make_concepts(
    images: Union[Path, Iterable[Path]],
    output: Path,
    model: Path = ...,
    *,
    regions: Path,
    region_names: Path = ...,
    region_kind: str = ...,
    first_label: Optional[int] = ...,
    layers: Sequence[str] = ...,
    share: float = ...,
    min_iou: float = ...,
    resume: bool = ...,
    exif: bool = ...,
    device: str = ...,
    threads: int = ...,
    batch: int = ...,
    precision: str = ...,
    progress: Optional[Callable[[int, int], Any]] = ...,
    stop: Optional[Stop] = ...,
) -> CountedPhotos: ...
def concepts_from_patches(
    patches: Path, output: Path, model: Path = ..., *, min_share: float = ...
) -> CountedPhotos: ...
def from_torch(module: Any, example: Any, classes: Optional[Iterable[str]] = ..., **said: Any) -> Model: ...
