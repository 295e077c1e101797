/// Trees of many images in Python, one after the other, while the next ones are prepared.
#include "tools/python/tree_stream.h"

#include "hdecomp/cores.h"
#include "hdecomp/error.h"
#include "tools/page/page_data.h"

namespace hdecomp::python {
namespace {

/// What an item of the caller's is: decoded later, or there already.
ComingImage coming_image(const py::object& given, const Preprocess& rule) {
  ComingImage one;
  one.file = file_from(given);
  one.name = name_of(one.file);
  if (one.file) return one;
  try {
    one.image = *image_from(given, rule).image;
  } catch (const UserError& fault) {
    one.error = fault.what();
  }
  return one;
}

/// Sets a flag while it lives.
class Running {
 public:
  explicit Running(bool& flag) : flag_(flag) {
    if (flag_) throw py::value_error("explain_many: another thread is waiting for its next tree");
    flag_ = true;
  }
  ~Running() { flag_ = false; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  bool& flag_;
};

}  // namespace

EvidenceTree evidence_tree(Tree made, const NamedImage& photo, const Model& model,
                           const TreeQuestion& question, std::vector<EvidenceAgainst> against) {
  Beside beside{made.concepts, question.patches};
  beside.against = std::move(against);
  if (!beside.patches.empty()) beside.pixels = pixel_number(*photo.image);
  EvidenceTree tree{std::make_shared<const Tree>(std::move(made)),
                    {},
                    model,
                    std::make_shared<const Beside>(std::move(beside)),
                    {nullptr, photo.name}};
  if (!question.options.keep_maps) return tree;
  tools::PageSubject page =
      tools::page_subject(photo.name, *photo.image, model, question.options.top);
  page.patches = question.patches;
  page.pixels = tree.beside->pixels;
  tree.page = std::make_shared<const tools::PageSubject>(std::move(page));
  return tree;
}

TreeOrNot tree_or_not(Explained made, const NamedImage& photo, const Model& model,
                      const TreeQuestion& question) {
  if (!made.tree) return NoTree{true, std::move(made.error)};
  return evidence_tree(std::move(*made.tree), photo, model, question);
}

py::object object_of(const TreeOrNot& one) {
  if (const auto* tree = std::get_if<EvidenceTree>(&one)) return py::cast(*tree);
  const auto& no = std::get<NoTree>(one);
  const py::module_ module = py::module_::import("hdecomp._hdecomp");
  return module.attr(no.is_wrong_image ? "ImageError" : "UserError")(text_of(no.why));
}

TreeStream::TreeStream(py::object explainer, const py::object& images, TreeQuestion question)
    : explainer_(std::move(explainer)),
      its_(py::cast<SharedExplainer&>(explainer_)),
      images_(iterator_over_images(images)),
      question_(std::move(question)) {
  its_.check(question_.options);
}

py::object TreeStream::next() {
  const Running running(is_running_);
  while (ready_.empty()) {
    check_signals();
    if (!coming_) coming_ = pull();
    const bool more = coming_ != nullptr;
    if (more) {
      begin_next();
    } else if (begun_.empty()) {
      if (fault_) std::rethrow_exception(std::exchange(fault_, {}));
      throw py::stop_iteration();
    }
    if (begun_.size() > (more ? 1u : 0u)) finish_oldest();
  }
  const TreeOrNot first = std::move(ready_.front());
  ready_.pop_front();
  return object_of(first);
}

/// The next batch of the iterator, which is being decoded; null at its end.
std::unique_ptr<DecodingBatch> TreeStream::pull() {
  std::vector<ComingImage> images;
  try {
    while (images_ && std::ssize(images) < its_.itself().batch()) {
      PyObject* given = PyIter_Next(images_.ptr());
      if (given == nullptr) {
        images_ = py::object();  // at its end, or at a fault
        if (PyErr_Occurred() != nullptr) throw py::error_already_set();
        break;
      }
      images.push_back(
          coming_image(py::reinterpret_steal<py::object>(given), its_.model().preprocess()));
    }
  } catch (...) {
    images_ = py::object();
    fault_ = std::current_exception();
  }
  if (images.empty()) return nullptr;
  const int threads = its_.itself().device() == "cpu" ? 1 : process_cores();
  return std::make_unique<DecodingBatch>(std::move(images), threads);
}

void TreeStream::begin_next() {
  Begun next;
  {
    const py::gil_scoped_release others_run;
    next.images = std::move(coming_->images());
  }
  coming_ = pull();  // is decoded while this one is worked on
  std::vector<Image> good;
  for (ComingImage& one : next.images) {
    if (one.fault) std::rethrow_exception(one.fault);
    if (one.error.empty()) good.push_back(std::move(one.image));
  }
  if (!good.empty()) {
    next.batch = std::make_shared<BegunBatch>(BegunBatch{std::move(good)});
    its_.begin(next.batch, question_.options);
  }
  begun_.push_back(std::move(next));
}

void TreeStream::finish_oldest() {
  const Begun oldest = std::move(begun_.front());
  begun_.pop_front();
  std::vector<Explained> found;
  if (oldest.batch) found = its_.finish(oldest.batch);
  const py::gil_scoped_release others_run;
  size_t good = 0;
  for (const ComingImage& one : oldest.images) {
    if (!one.error.empty()) {
      ready_.emplace_back(NoTree{false, one.error});
      continue;
    }
    Image& photo = oldest.batch->images[good];
    const NamedImage named{std::make_shared<const Image>(std::move(photo)), one.name};
    ready_.push_back(tree_or_not(std::move(found.at(good++)), named, its_.model(), question_));
  }
}

}  // namespace hdecomp::python
