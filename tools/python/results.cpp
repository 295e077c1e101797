/// What trees are of in Python: scores, nodes, steps, maps.
#include <algorithm>

#include "hdecomp/error.h"
#include "tools/python/bindings.h"

namespace hdecomp::python {
namespace {

/// What a node's or step's list of one number per channel is in Python.
template <class T>
py::cpp_function channels_array(SharedList<T> Decomposition::*list) {
  return [list](const Step& it) {
    const SharedList<T>& values = it.step->*list;
    return array_on(std::span(values.data(), values.size()), {py::ssize_t(values.size())},
                    it.owner);
  };
}
template <class T>
py::cpp_function step_number(T Decomposition::*number) {
  return [number](const Step& it) { return it.step->*number; };
}
template <class T>
py::cpp_function node_value(T TreeNode::*value) {
  return [value](const Node& it) { return it.node->*value; };
}

std::vector<Node> children_of(const Node& it) {
  std::vector<Node> children;
  for (const TreeNode& child : it.node->children())
    children.push_back({it.owner, &child, it.beside});
  return children;
}

/// What speaks against the node's decision.
std::vector<Node> against_of(const Node& it) {
  std::vector<Node> nodes;
  if (!it.beside || it.beside->against.empty()) return nodes;
  const auto& all = it.beside->against;
  const auto found = std::ranges::find(all, place_of(*it.node), &EvidenceAgainst::place);
  if (found == all.end()) return nodes;
  for (const TreeNode& node : found->step.decision.children()) {
    nodes.push_back({it.beside, &node, it.beside});
  }
  return nodes;
}

py::object concept_of(const Node& it) {
  return concept_object(it.beside ? it.beside->concepts.get() : nullptr, it.node->layer,
                        it.node->channel);
}

py::list patches_of(const Node& it) {
  if (!it.beside) return py::list();
  return patch_objects(it.beside->patches, it.node->layer, it.node->channel, it.beside->pixels);
}

py::array guided_picture(const Node& it) {
  if (!it.node->guided) throw UserError("the node has no guided backpropagation; guided=True");
  return pixels_of(draw_guided(*it.node));
}

std::optional<std::pair<int64_t, int64_t>> guided_at(const Node& it) {
  if (!it.node->guided) return {};
  return std::pair(it.node->guided->y, it.node->guided->x);
}

void add_scores(py::module_& module) {
  py::class_<ClassScore>(module, "ClassScore", "What a network says of one class.")
      .def_readonly("index", &ClassScore::index)
      .def_readonly("name", &ClassScore::name)
      .def_readonly("wnid", &ClassScore::wnid, "WordNet id; '' where the model has none.")
      .def_readonly("score", &ClassScore::score, "Before the softmax, or the sigmoid.")
      .def_readonly("probability", &ClassScore::probability)
      .def("__repr__", [](const ClassScore& it) {
        return joined("<hdecomp.ClassScore ", it.index, " ", it.name, " ", it.probability, ">");
      });
}

void add_maps(py::module_& module) {
  const auto values = [](const Map& it) {
    return array_on(std::span(it.map->values), {it.map->rows, it.map->columns}, it.map);
  };
  const auto whole = [](const Map& it) {
    return array_of(it.map->whole(), {it.map->height, it.map->width});
  };
  py::class_<Map>(
      module, "ActivationMap",
      "A = G * F (Eq. 3): the rectangle outside which it is 0, of a (height, width) map.")
      .def_property_readonly("height", [](const Map& it) { return it.map->height; })
      .def_property_readonly("width", [](const Map& it) { return it.map->width; })
      .def_property_readonly("top", [](const Map& it) { return it.map->top; })
      .def_property_readonly("left", [](const Map& it) { return it.map->left; })
      .def_property_readonly("values", values,
                             "float32 (rows, columns), not copied; its first is at (top, left).")
      .def("whole", whole, "float32 (height, width), a copy.");
}

void add_nodes(py::module_& module) {
  const auto map = [](const Node& it) {
    return it.node->map ? py::cast(Map{it.node->map}) : py::none();
  };
  const auto guided = [](const Node& it) -> py::object {
    if (!it.node->guided) return py::none();
    const GuidedCrop& crop = *it.node->guided;
    return array_on(std::span(crop.gradient), {3, crop.height, crop.width}, it.node->guided);
  };
  py::class_<Node>(module, "Node",
                   "A feature F(channel, y, x) that supports its parent's decision.")
      .def_property_readonly("layer", node_value(&TreeNode::layer))
      .def_property_readonly("channel", node_value(&TreeNode::channel))
      .def_property_readonly("y", node_value(&TreeNode::y), "Row in the layer's map (Eq. 5).")
      .def_property_readonly("x", node_value(&TreeNode::x))
      .def_property_readonly("contribution", node_value(&TreeNode::contribution), "alpha, Eq. 4.")
      .def_property_readonly("share", node_value(&TreeNode::share),
                             "Of the parent's positive contributions, 0 to 1.")
      .def_property_readonly("peak", node_value(&TreeNode::peak), "The maximum of A.")
      .def_property_readonly("value", node_value(&TreeNode::value), "F(channel, y, x).")
      .def_property_readonly("members", node_value(&TreeNode::members),
                             "Channels that it overlaps and stands for, too.")
      .def_property_readonly("extra_peak", node_value(&TreeNode::extra_peak))
      .def_property_readonly(
          "place", [](const Node& it) { return place_of(*it.node); },
          "'conv5_3:70@3,3', as decompose() takes it.")
      .def_property_readonly("children", &children_of, "The evidence that its own step chose.")
      .def_property_readonly("against", &against_of,
                             "Of explain(signed=True): the channels that most speak against it,\n"
                             "lowest contribution first, each where its map is lowest.")
      .def_property_readonly("step", &step_of, "Its decomposition; None at the last level.")
      .def_property_readonly("map", map, "Its ActivationMap; None if maps were not kept.")
      .def_property_readonly("guided", guided,
                             "Guided backpropagation, float32 (3, height, width); or None.")
      .def_property_readonly("guided_at", &guided_at,
                             "(y, x) of its first pixel in the network's input; or None.")
      .def("guided_picture", &guided_picture,
           "The same in colour, as guided/ has it: uint8 (height, width, 3).")
      .def_property_readonly("concept", &concept_of,
                             "Its channel's Concept, where explain() had `concepts`; or None.")
      .def_property_readonly("patches", &patches_of,
                             "Where its channel is at its largest on other photographs: a list\n"
                             "of Patch, where explain() had `patches`.")
      .def("__repr__", [](const Node& it) {
        return joined("<hdecomp.Node ", place_of(*it.node), ", ", it.node->children().size(),
                      " children>");
      });
}

void add_steps(py::module_& module) {
  const char* per_channel = "float32 (channels,), not copied.";
  py::class_<Step>(module, "Step", "One gAP step: a decision's support in a lower layer.")
      .def_property_readonly("layer", step_number(&Decomposition::layer))
      .def_property_readonly("height", step_number(&Decomposition::height))
      .def_property_readonly("width", step_number(&Decomposition::width))
      .def_property_readonly("contribution", channels_array(&Decomposition::contribution),
                             per_channel)
      .def_property_readonly("peak", channels_array(&Decomposition::peak), per_channel)
      .def_property_readonly("position", channels_array(&Decomposition::position),
                             "int32 (channels,): y * width + x of the peak; -1 without one.")
      .def_property_readonly("mean_gradient", channels_array(&Decomposition::mean_gradient),
                             per_channel)
      .def_property_readonly("max_gradient", channels_array(&Decomposition::max_gradient),
                             per_channel)
      .def_property_readonly("chosen", channels_array(&Decomposition::chosen),
                             "int32 (n,): the channels of its evidence, in order.")
      .def_property_readonly("value", step_number(&Decomposition::value), "F of the decision.")
      .def_property_readonly("positive", step_number(&Decomposition::positive))
      .def_property_readonly("total", step_number(&Decomposition::total),
                             "Sum of A over the layer; value - total is the biases' part.")
      .def_property_readonly("chosen_of_positive", step_number(&Decomposition::chosen_of_positive))
      .def_property_readonly("chosen_of_value", step_number(&Decomposition::chosen_of_value))
      .def("__repr__", [](const Step& it) {
        return joined("<hdecomp.Step into ", it.step->layer, ", ", it.step->contribution.size(),
                      " channels>");
      });
}

}  // namespace

py::object as_dict(const std::string& json) {
  return py::module_::import("json").attr("loads")(json);
}

py::object step_of(const Node& it) {
  return it.node->step ? py::cast(Step{it.owner, it.node->step.get()}) : py::none();
}

void add_results(py::module_& module) {
  add_scores(module);
  add_maps(module);
  add_nodes(module);
  add_steps(module);
}

}  // namespace hdecomp::python
