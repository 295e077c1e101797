/// OutputFolder through a staging folder and renames.
#include "tools/output_folder.h"

#include <unistd.h>

#include <fstream>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;

OutputFolder::OutputFolder(const std::string& path) : target_(path) {
  std::error_code fault;
  made_target_ = !fs::exists(target_, fault);
  fs::create_directories(target_, fault);
  staging_ = target_ / text(".hdecomp-", getpid());
  if (!fault) fs::create_directory(staging_, fault);
  if (fault) {
    throw UserError(text("--output-dir ", path, ": cannot be written to (", fault.message(), ")"));
  }
}

OutputFolder::~OutputFolder() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
  if (made_target_) fs::remove(target_, ignored);  // only if it is still empty
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
  for (const auto& entry : fs::directory_iterator(staging_, fault)) {
    if (!fault) fs::rename(entry.path(), target_ / entry.path().filename(), fault);
    if (fault) break;
  }
  if (fault) {
    throw UserError(
        text("--output-dir ", target_.string(), ": cannot be written to (", fault.message(), ")"));
  }
  made_target_ = false;
}

}  // namespace hdecomp::tools
