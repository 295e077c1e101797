/// OutputFolder through a staging folder and renames.
#include "tools/output_folder.h"

#include <unistd.h>

#include <fstream>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;
namespace {

/// Renames what is in `from` into `to`; a folder that is there already keeps what else it holds.
void move_into(const fs::path& from, const fs::path& to, std::error_code& fault) {
  for (const auto& entry : fs::directory_iterator(from, fault)) {
    const fs::path place = to / entry.path().filename();
    std::error_code ignored;
    if (entry.is_directory(ignored) && fs::is_directory(place, ignored)) {
      move_into(entry.path(), place, fault);
    } else {
      fs::rename(entry.path(), place, fault);
    }
    if (fault) return;
  }
}

}  // namespace

OutputFolder::OutputFolder(const std::string& path) : target_(path) {
  std::error_code fault;
  for (fs::path way = target_; !way.empty() && !fs::exists(way, fault); way = way.parent_path()) {
    made_.push_back(way);
  }
  fs::create_directories(target_, fault);
  staging_ = target_ / text(".hdecomp-", getpid());
  if (!fault) fs::create_directory(staging_, fault);
  if (fault) {
    take_away();
    throw UserError(text("--output-dir ", path, ": cannot be written to (", fault.message(), ")"));
  }
}

OutputFolder::~OutputFolder() { take_away(); }

void OutputFolder::take_away() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
  for (const fs::path& path : made_) fs::remove(path, ignored);  // only if it is still empty
}

void OutputFolder::make_folder(const std::string& name) const {
  std::error_code fault;
  fs::create_directory(staged(name), fault);
  if (fault) {
    throw UserError(text((target_ / name).string(), ": cannot be made (", fault.message(), ")"));
  }
}

void OutputFolder::write_text(const std::string& name, const std::string& content) {
  std::ofstream out(staged(name), std::ios::binary);
  out << content << '\n';
  out.close();
  if (!out) {
    throw UserError(text((target_ / name).string(), ": cannot be written; is the disk full?"));
  }
}

void OutputFolder::commit() {
  std::error_code fault;
  move_into(staging_, target_, fault);
  if (fault) {
    throw UserError(
        text("--output-dir ", target_.string(), ": cannot be written to (", fault.message(), ")"));
  }
  made_.clear();
}

}  // namespace hdecomp::tools
