/// A walk from the output back, depth first, on a stack of its own: a file may be deeper than the
/// program's.
#include "weights/keras_graph/order.h"

#include <algorithm>
#include <map>
#include <set>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"

namespace hdecomp::keras_graph {
namespace {

using Place = std::pair<size_t, size_t>;  // a layer and its call

class Order {
 public:
  explicit Order(const KerasLayer& model) : model_(model) {
    for (size_t i = 0; i < model.layers.size(); ++i) {
      if (!places_.emplace(model.layers[i].name, i).second) {
        throw UserError(joined("two layers are called ", in_quotes(model.layers[i].name)));
      }
    }
    find_first_calls();
  }

  std::vector<Step> run() {
    if (model_.outputs.empty()) throw UserError("the model names no output_layers");
    std::vector<Place> stack{place_of(model_.outputs[0])};
    while (!stack.empty()) {
      const Place at = stack.back();
      if (done_.contains(at)) {
        stack.pop_back();
        continue;
      }
      const std::vector<Place> inputs = inputs_of(at);
      const bool first_time = begun_.insert(at).second;
      bool ready = true;
      for (size_t i = inputs.size(); i-- > 0;) {
        if (done_.contains(inputs[i])) continue;
        if (!first_time) throw UserError(joined("layer ", name(at), " depends on itself"));
        stack.push_back(inputs[i]);
        ready = false;
      }
      if (!ready) continue;
      append(at, inputs);
      stack.pop_back();
    }
    ++steps_.back().readers;
    return std::move(steps_);
  }

 private:
  std::string name(const Place& at) const { return in_quotes(model_.layers[at.first].name); }

  /// A model counts its calls from 1, since making it was the first; other layers from 0.
  void find_first_calls() {
    std::map<std::string, int64_t> last;
    const auto see = [&](const KerasOutput& read) {
      last[read.layer] = std::max(last[read.layer], read.node);
    };
    for (const KerasLayer& layer : model_.layers) {
      for (const KerasCall& call : layer.calls) std::ranges::for_each(call.inputs, see);
    }
    std::ranges::for_each(model_.outputs, see);
    for (const KerasLayer& layer : model_.layers) {
      const auto calls = static_cast<int64_t>(std::max<size_t>(layer.calls.size(), 1));
      first_call_.push_back(last[layer.name] >= calls && !layer.layers.empty() ? 1 : 0);
    }
  }

  Place place_of(const KerasOutput& read) const {
    const auto found = places_.find(read.layer);
    if (found == places_.end()) {
      throw UserError(joined("layer ", in_quotes(read.layer), " is read but not there"));
    }
    const KerasLayer& layer = model_.layers[found->second];
    const int64_t call = read.node - first_call_[found->second];
    const auto calls = static_cast<int64_t>(std::max<size_t>(layer.calls.size(), 1));
    if (call < 0 || call >= calls || read.tensor != 0) {
      throw UserError(joined("output ", read.node, ", ", read.tensor, " of layer ",
                             in_quotes(read.layer), " is read but not there"));
    }
    return {found->second, static_cast<size_t>(call)};
  }

  std::vector<Place> inputs_of(const Place& at) const {
    std::vector<Place> inputs;
    const KerasLayer& layer = model_.layers[at.first];
    if (layer.calls.empty()) return inputs;
    for (const KerasOutput& read : layer.calls[at.second].inputs) inputs.push_back(place_of(read));
    return inputs;
  }

  void append(const Place& at, const std::vector<Place>& inputs) {
    Step step;
    step.layer = at.first, step.call = at.second;
    for (const Place& input : inputs) {
      const size_t from = done_.at(input);
      step.inputs.push_back(from);
      ++steps_[from].readers;
    }
    done_[at] = steps_.size();
    steps_.push_back(std::move(step));
  }

  const KerasLayer& model_;
  std::map<std::string, size_t> places_;
  std::vector<int64_t> first_call_;
  std::set<Place> begun_;
  std::map<Place, size_t> done_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> steps_of(const KerasLayer& model) { return Order(model).run(); }

}  // namespace hdecomp::keras_graph
