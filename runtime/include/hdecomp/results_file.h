/// ResultsFile: what a run over many images measured, a row per image in one HDF5 file
/// (tools/RESULTS_FORMAT.md), filled in place, so that a killed run can go on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/export.h"

namespace hdecomp {

/// A named array that each image has one of, float32.
struct HDECOMP_API ResultField {
  std::string name;
  std::vector<int64_t> extent;
  bool total = false;  // a sum over the image's decisions; else their mean, NaN without one

  int64_t size() const;  // numbers per image
};

/// Everything that decides a run's results. Two runs of the same plan give the same file.
struct HDECOMP_API ResultsPlan {
  std::string experiment;  // "pcc"
  std::string model;       // SHA-256 of the model file
  std::map<std::string, std::string> options;
  std::set<std::string> of_tables = {};  // those of them that no row hangs on, only what is made of
                                         // the rows: a run that goes on may have others
  std::vector<std::string> steps;        // the decompositions: "scores->conv5_3"
  std::vector<std::string> images;       // as listed
  std::vector<int32_t> labels;           // a class index per image, -1 without one
  std::vector<ResultField> fields;

  int64_t row_size() const;  // numbers per image, of all fields
};

/// What a step of a plan leads to: the "conv5_3" of "scores->conv5_3". Throws UserError where it
/// leads nowhere: the file that the plan was read from is damaged.
HDECOMP_API std::string lower_layer(const std::string& step);

enum class ImageState : uint8_t {
  pending,     // not yet
  measured,    // its row is there
  unreadable,  // the file is no image that can be decoded
  undecided,   // it has no decision to measure: the score is not positive (Eq. 1)
};

struct ResultRow {
  int64_t image = 0;
  ImageState state = ImageState::pending;
  int32_t decision = -1;      // the class whose score was decomposed
  std::vector<float> values;  // of all fields, one after the other; empty unless measured
  std::string error;          // why it was not measured, one line; not kept in the file
};

class HDECOMP_API ResultsFile {
 public:
  /// A new file in which every image is pending. Throws UserError if there is a file of that name,
  /// or it cannot be written.
  static ResultsFile create(const std::string& path, const ResultsPlan& plan);
  /// Opens a file of the same plan to go on with; where options of tables differ, it has this
  /// plan's then. Throws UserError that says what else differs, or that the file is damaged,
  /// missing or in use by another run.
  static ResultsFile resume(const std::string& path, const ResultsPlan& plan);
  ~ResultsFile();
  ResultsFile(ResultsFile&&) noexcept;
  ResultsFile& operator=(ResultsFile&&) noexcept;

  const ResultsPlan& plan() const;
  const std::vector<ImageState>& states() const;
  int64_t count(ImageState state) const;
  /// Writes rows, to the disk, and only then marks their images. Throws UserError (a full disk),
  /// Error for a row of another size.
  void put(std::span<const ResultRow> rows);
  /// A field's values of all images, in order; NaN where there is none.
  std::vector<float> values(const std::string& field) const;
  /// A number that a field has, as one of what is counted from `first` to `last`: a class or a
  /// channel. Throws UserError that names the file, the field, the number and that range.
  int64_t index_in(const std::string& field, float value, int64_t first, int64_t last) const;

 private:
  struct Impl;
  explicit ResultsFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hdecomp
