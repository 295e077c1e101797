/// The models that come with hdecomp: their names, and where their files lie.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "hdecomp/model.h"
#include "hdecomp/model_file.h"
#include "runtime/install_paths.h"

namespace hdecomp {
namespace {

struct BundledFile {
  const char* name;
  const char* file;
};

/// The first one is taken where none is named.
constexpr std::array bundled_files{BundledFile{"squeezenet", "squeezenet1_1-imagenet.h5"},
                                   BundledFile{"vgg16-slim", "vgg16_bn-caltech101-slim.h5"}};

/// The file of the library or program that holds this code.
std::filesystem::path own_file() {
  static const char marker = 0;
  Dl_info info{};
  if (dladdr(&marker, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code fault;
  return std::filesystem::canonical(info.dli_fname, fault);
}

std::string all_names() { return listed(Model::bundled_names(), " and "); }

std::string file_of(const std::string& name) {
  if (name.empty()) return bundled_files[0].file;
  const auto found = std::ranges::find(bundled_files, name, &BundledFile::name);
  if (found != bundled_files.end()) return found->file;
  throw UserError(joined("no bundled model is called '", name, "'; there are ", all_names()));
}

}  // namespace

std::vector<std::string> Model::bundled_names() {
  std::vector<std::string> names;
  for (const BundledFile& one : bundled_files) names.emplace_back(one.name);
  return names;
}

Model Model::bundled(const std::string& name) { return load(bundled_path(name)); }

std::string Model::bundled_path(const std::string& name) {
  const std::string file = file_of(name);
  const std::filesystem::path installed = own_file().parent_path() / data_from_library / file;
  const std::filesystem::path source = std::filesystem::path(source_models) / file;
  for (const auto& path : {installed, source}) {
    std::error_code fault;
    if (std::filesystem::is_regular_file(path, fault)) return path.lexically_normal().string();
  }
  throw Error(joined("the bundled model is neither at ", installed.lexically_normal().string(),
                     " nor at ", source.string(), "; install hdecomp again, or load a file"));
}

std::string model_file(const std::string& given) {
  if (given.empty()) return Model::bundled_path();
  std::error_code fault;
  const bool is_path = given.find_first_of("/.") != std::string::npos;
  // Why a path cannot be read says who opens it.
  if (is_path || std::filesystem::exists(given, fault)) return given;
  if (std::ranges::find(bundled_files, given, &BundledFile::name) == bundled_files.end()) {
    throw UserError(joined(given,
                           ": there is no such model file, nor a bundled model of that name; "
                           "bundled are ",
                           all_names()));
  }
  return Model::bundled_path(given);
}

}  // namespace hdecomp
