/// Class lists and sources.
#include "weights/import/labels.h"

#include "hdecomp/error.h"
#include "weights/file/class_names.h"
#include "weights/file/sha256.h"
#include "weights/model/model_format.h"

namespace hdecomp {

void read_classes(ModelData& model, const std::string& classes_file) {
  if (classes_file.empty()) return;
  ClassNames names = read_class_names(classes_file);
  model.classes = std::move(names.names);
  model.wnids = std::move(names.wnids);
  check_class_lists(model, classes_file);
}

std::string source_of(const std::string& path) {
  return joined(path.substr(path.rfind('/') + 1), " sha256:", sha256_of_file(path));
}

}  // namespace hdecomp
