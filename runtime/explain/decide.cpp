/// The choice of a class and what it must be.
#include "runtime/explain/decide.h"

#include "hdecomp/error.h"
#include "runtime/network/decision.h"

namespace hdecomp {

int64_t asked_class(const Model& model, const std::string& name) {
  return name.empty() ? -1 : model.find_class(name);
}

ClassScore choose(NetworkRunner& network, const ForwardRun& run, int64_t image, const Image& photo,
                  int64_t asked) {
  network.require_finite(run, image, photo);
  const Classification scores(network.model, run);
  return asked < 0 ? scores.ranking(image, 1).front() : scores.score_of(image, asked);
}

std::vector<ClassScore> choose(NetworkRunner& network, std::span<const Image> images,
                               int64_t asked) {
  network.forward(images);
  std::vector<ClassScore> decisions;
  for (int64_t i = 0; i < std::ssize(images); ++i) {
    decisions.push_back(choose(network, network.last_run(), i, images[i], asked));
  }
  return decisions;
}

ClassScore decide(NetworkRunner& network, const ForwardRun& run, int64_t image, const Image& photo,
                  int64_t asked) {
  ClassScore decision = choose(network, run, image, photo, asked);
  require_positive(joined("the score of class '", decision.name, "'"), decision.score);
  return decision;
}

ValuedNeuron root_of(const ClassScore& decision, int64_t image) {
  return {{decision.index, 0, 0, image}, decision.score, image};
}

}  // namespace hdecomp
