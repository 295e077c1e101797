/// What a run for channels' names keeps, so that a killed one can go on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hdecomp/results_file.h"
#include "runtime/experiments/plan_parts.h"
#include "weights/file/file_descriptor.h"

namespace hdecomp {

/// Over the images.
enum class ConceptTime : uint8_t { first, second, over };

struct ConceptsKnown {
  ConceptTime time;
  std::vector<ImageState> states;
  std::vector<uint8_t> thresholds;  // of the second time
  std::vector<uint8_t> counts;      // a ConceptSearch's, of this time
};

/// The file of it, locked against other runs once it is kept or taken up.
class ConceptPartial {
 public:
  ConceptPartial(std::string path, PlanParts plan)
      : path_(std::move(path)), plan_(std::move(plan)) {}

  const std::string& path() const { return path_; }
  bool is_there() const;
  /// Whole, in place of what was kept before. Throws UserError (a full disk), and where another run
  /// began meanwhile.
  void keep(const ConceptsKnown& known);
  /// What an earlier run of this plan kept, over so many images. Throws UserError for anything
  /// else, and where another run has it.
  ConceptsKnown take_up(size_t images);
  /// There is nothing to go on with.
  void remove() const;

 private:
  void lock();

  std::string path_;
  PlanParts plan_;
  FileDescriptor locked_;
};

}  // namespace hdecomp
