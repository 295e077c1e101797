/// Reads a results file's layout, held against a plan.
#include "runtime/results/results_layout.h"

#include <hdf5.h>

#include <filesystem>
#include <map>
#include <string>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_read.h"

namespace hdecomp {

std::vector<hsize_t> extent_of(const ResultsPlan& plan, const ResultField& field) {
  std::vector<hsize_t> extent{plan.images.size()};
  extent.insert(extent.end(), field.extent.begin(), field.extent.end());
  return extent;
}

namespace {

/// What plans and files tell of where it is not as usual alone.
const std::map<std::string, std::string> unusual_options{{"exif", "stored"},
                                                         {"precision", "float32"}};

/// Opens a plan's file and compares what it says of itself.
class LayoutReader {
 public:
  LayoutReader(const std::string& path, const ResultsPlan& plan)
      : path_(path), plan_(plan), size_(std::filesystem::file_size(path)), file_(open_hdf5(path)) {}

  ResultsLayout read() const {
    const Hdf5Reader root(path_, file_);
    if (!has_attribute(file_, "format") || root.text_attribute("format") != results_format) {
      throw UserError(joined(path_, ": is no results file of hdecomp; give --output another name"));
    }
    if (const int64_t version = root.int_attribute("format_version"); version != results_version) {
      throw UserError(joined(path_, ": results version ", version,
                             ", of another hdecomp; this one writes version ", results_version,
                             " and cannot go on with it: give --output another name"));
    }
    same("the experiment", root.text_attribute("experiment"), plan_.experiment);
    same("the model's SHA-256", root.text_attribute("model_sha256"), plan_.model);
    const bool other_tables = compare_options();
    same_lists("step", root.strings("steps"), plan_.steps);
    same_lists("image", root.strings("images"), plan_.images);
    compare_labels();
    ResultsLayout layout = arrays();
    layout.other_tables = other_tables;
    return layout;
  }

 private:
  void same(const std::string& what, const std::string& theirs, const std::string& ours) const {
    if (theirs == ours) return;
    throw UserError(joined(path_, ": cannot go on: ", what, " is ", in_quotes(theirs),
                           " in the file and ", in_quotes(ours), " in this run"));
  }

  /// Whether options of tables are others.
  bool compare_options() const {
    const H5Handle group = open_group(file_, "options");
    if (!group.valid()) throw UserError(joined(path_, ": no group 'options': the file is damaged"));
    const Hdf5Reader options(path_, group);
    for (const auto& [name, usual] : unusual_options) {
      const auto ours = plan_.options.find(name);
      same(joined("the option ", name),
           options.has_attribute(name) ? options.text_attribute(name) : usual,
           ours != plan_.options.end() ? ours->second : usual);
    }
    bool other_tables = false;
    for (const auto& [name, value] : plan_.options) {
      if (unusual_options.contains(name)) continue;
      const std::string theirs = options.text_attribute(name);
      if (plan_.of_tables.contains(name)) {
        other_tables = other_tables || theirs != value;
      } else {
        same("the option " + name, theirs, value);
      }
    }
    return other_tables;
  }

  void same_lists(const std::string& what, const std::vector<std::string>& theirs,
                  const std::vector<std::string>& ours) const {
    same(joined("the number of ", what, "s"), joined(theirs.size()), joined(ours.size()));
    for (size_t i = 0; i < ours.size(); ++i) same(joined(what, " ", i + 1), theirs[i], ours[i]);
  }

  void compare_labels() const {
    std::vector<int32_t> labels(plan_.images.size());
    const H5Handle data = dataset("labels", {plan_.images.size()}, H5T_STD_I32LE);
    checked(H5Dread(data, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, labels.data()), path_,
            ": dataset 'labels' is unreadable");
    for (size_t i = 0; i < labels.size(); ++i) {
      same("the label of " + plan_.images[i], joined(labels[i]), joined(plan_.labels[i]));
    }
  }

  H5Handle dataset(const std::string& name, const std::vector<hsize_t>& extent,
                   hid_t expected) const {
    H5Handle data = open_dataset(file_, name);
    if (!data.valid()) {
      throw UserError(joined(path_, ": no dataset '", name, "': the file is damaged"));
    }
    const H5Handle type(H5Dget_type(data), H5Tclose), space(H5Dget_space(data), H5Sclose),
        creation(H5Dget_create_plist(data), H5Pclose);
    std::vector<hsize_t> found(H5S_MAX_RANK);
    const int rank = H5Sget_simple_extent_dims(space, found.data(), nullptr);
    found.resize(std::max(rank, 0));
    // Values elsewhere would be read from whatever file or pipe is named, chunks as large as named.
    const bool in_place =
        H5Pget_layout(creation) == H5D_CONTIGUOUS && H5Pget_external_count(creation) == 0;
    if (H5Tequal(type, expected) <= 0 || found != extent || !in_place) {
      throw UserError(joined(path_, ": dataset '", name, "' is not as this run would make it"));
    }
    return data;
  }

  off_t address(const std::string& name, const std::vector<hsize_t>& extent, hid_t type) const {
    const H5Handle data = dataset(name, extent, type);
    hsize_t bytes = H5Tget_size(type);
    for (const hsize_t dim : extent) bytes *= dim;
    const haddr_t at = H5Dget_offset(data);
    if (at == HADDR_UNDEF || H5Dget_storage_size(data) != bytes || at > size_ ||
        bytes > size_ - at) {
      throw UserError(joined(path_, ": dataset '", name, "' has no place: the file is damaged"));
    }
    return static_cast<off_t>(at);
  }

  ResultsLayout arrays() const {
    const hsize_t images = plan_.images.size();
    ResultsLayout layout;
    layout.state = address("state", {images}, H5T_STD_U8LE);
    layout.decision = address("decision", {images}, H5T_STD_I32LE);
    for (const ResultField& field : plan_.fields) {
      layout.fields.push_back(
          address("values/" + field.name, extent_of(plan_, field), H5T_IEEE_F32LE));
    }
    return layout;
  }

  std::string path_;
  const ResultsPlan& plan_;
  uintmax_t size_;
  H5Handle file_;
};

}  // namespace

ResultsLayout read_layout(const std::string& path, const ResultsPlan& plan) {
  const SilentHdf5 silent;
  return LayoutReader(path, plan).read();
}

ChangedCopy::ChangedCopy(const std::string& path)
    : path_(path),
      target_(std::filesystem::canonical(path)),
      copy_(target_.parent_path() / joined(".hdecomp-", target_.filename().string(), ".tmp")) {}

/// Once the names are there the destructor clears up, whatever this throws.
ChangedCopy::ChangedCopy(const std::string& path, const ResultsPlan& plan) : ChangedCopy(path) {
  std::error_code fault;
  std::filesystem::remove(copy_, fault);  // of a run that was killed
  if (!std::filesystem::copy_file(target_, copy_, fault)) {
    throw UserError(joined(path, ": no changed copy of it can be written: ", fault.message()));
  }
  write(plan);
}

ChangedCopy::~ChangedCopy() {
  std::error_code fault;
  if (!copy_.empty()) std::filesystem::remove(copy_, fault);
}

void ChangedCopy::write(const ResultsPlan& plan) const {
  const SilentHdf5 silent;
  H5Handle file = change_hdf5(copy_.string());
  {
    const H5Handle options(open_group(file, "options"));
    const Hdf5Reader there(path_, options);
    for (const std::string& name : plan.of_tables) {
      if (there.text_attribute(name) == plan.options.at(name)) continue;
      checked(H5Adelete(options, name.c_str()), path_, ": the option ", name, " can't be changed");
      write_attribute(options, name, plan.options.at(name));
    }
  }
  if (!file.reset()) throw UserError(path_ + ": can't be written; is the disk full?");
}

void ChangedCopy::replace() {
  std::error_code fault;
  std::filesystem::rename(copy_, target_, fault);
  if (fault) throw UserError(joined(path_, ": can't be written: ", fault.message()));
  copy_.clear();
}

}  // namespace hdecomp
