/// Trees of many images in Python, one after the other, while the next ones are prepared.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/python/bindings.h"
#include "tools/python/decoding_batch.h"

namespace hdecomp::python {

/// What trees are asked for.
struct TreeQuestion {
  ExplainOptions options;
  PatchFiles patches;
};

/// A tree as Python has it, made while others run. `photo` is read here; the tree keeps none.
EvidenceTree evidence_tree(Tree made, const NamedImage& photo, const Model& model,
                           const TreeQuestion& question, std::vector<EvidenceAgainst> against = {});

/// Why an image has no tree.
struct NoTree {
  bool is_wrong_image;  // ImageError; else it could not be read, UserError
  std::string why;
};
using TreeOrNot = std::variant<EvidenceTree, NoTree>;
/// Of what an explainer made of one of several images.
TreeOrNot tree_or_not(Explained made, const NamedImage& photo, const Model& model,
                      const TreeQuestion& question);
/// The Tree; or the error, as an object.
py::object object_of(const TreeOrNot& one);

/// What explain_many() returns: an iterator. While its caller looks at a tree, one batch is begun,
/// on which a GPU works, and the images of the one after it are being decoded.
class TreeStream {
 public:
  /// `explainer`: the object in Python, which is kept; throws what Explainer::check() throws.
  TreeStream(py::object explainer, const py::object& images, TreeQuestion question);

  /// Throws py::stop_iteration after the last one, what the images' own iterator throws once all
  /// before are handed out, py::value_error where another thread is in it, and what begin_batch()
  /// throws.
  py::object next();

 private:
  /// A batch that is begun, with what is known of each of its images.
  struct Begun {
    std::vector<ComingImage> images;    // those that are wrong have their error
    std::shared_ptr<BegunBatch> batch;  // of the others; null if there are none
  };

  std::unique_ptr<DecodingBatch> pull();
  void begin_next();
  void finish_oldest();

  py::object explainer_;
  SharedExplainer& its_;
  py::object images_;  // the iterator; null after its end
  TreeQuestion question_;
  std::exception_ptr fault_;  // that ended it
  std::unique_ptr<DecodingBatch> coming_;
  std::deque<Begun> begun_;
  std::deque<TreeOrNot> ready_;
  bool is_running_ = false;
};

}  // namespace hdecomp::python
