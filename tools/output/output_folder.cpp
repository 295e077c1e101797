/// OutputFolder through a staging folder and renames.
#include "tools/output/output_folder.h"

#include <fstream>

#include "hdecomp/error.h"
#include "hdecomp/experiment_files.h"
#include "tools/output/folder_watch.h"
#include "tools/output/written_files.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(const fs::path& target, const std::error_code& fault) {
  throw UserError(
      joined("--output-dir ", target.string(), ": cannot be written to (", fault.message(), ")"));
}

/// Calls `move(from, to)` for every file below `from`, and for every folder that is not there in
/// `to`: a folder that is there already keeps what else it holds.
template <class Move>
void for_each_move(const fs::path& from, const fs::path& to, Move move) {
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path place = to / entry.path().filename();
    if (entry.is_directory() && fs::is_directory(place)) {
      for_each_move(entry.path(), place, move);
    } else {
      move(entry, place);
    }
  }
}

/// Throws UserError where something else than a file has a file's name, or something else than a
/// folder a folder's, before anything is moved.
void refuse_other_kind(const fs::directory_entry& entry, const fs::path& place) {
  const fs::file_status there = fs::status(place);
  if (!fs::exists(there)) return;
  if (entry.is_directory()) {
    throw UserError(joined(place.string(), ": is there and no folder; move it away"));
  }
  if (fs::is_directory(there)) {
    throw UserError(joined(place.string(), ": is a folder, where a file is to be; move it away"));
  }
}

}  // namespace

OutputFolder::OutputFolder(const std::string& path) : target_(path) {
  std::error_code fault;
  for (fs::path way = target_; !way.empty() && !fs::exists(way, fault); way = way.parent_path()) {
    made_.push_back(way);
    folder_watch().made(way, Contents::none);
  }
  try {
    fs::create_directories(target_);
    staging_.emplace(target_);
  } catch (const fs::filesystem_error& error) {
    take_away();
    refuse(target_, error.code());
  }
}

OutputFolder::~OutputFolder() { take_away(); }

void OutputFolder::take_away() {
  staging_.reset();
  std::error_code ignored;
  for (const fs::path& path : made_) {
    fs::remove(path, ignored);  // only if it is still empty
    folder_watch().settled(path);
  }
}

void OutputFolder::make_folder(const fs::path& name) const {
  std::error_code fault;
  fs::create_directory(staged(name), fault);
  if (fault) {
    throw UserError(joined((target_ / name).string(), ": cannot be made (", fault.message(), ")"));
  }
}

void OutputFolder::write_text(const fs::path& name,
                              const std::function<void(const TextSink&)>& put) const {
  std::ofstream out(staged(name), std::ios::binary);
  put([&](std::string_view piece) { out << piece; });
  out << '\n';
  out.close();
  if (!out) {
    throw UserError(joined((target_ / name).string(), ": cannot be written; is the disk full?"));
  }
}

void OutputFolder::commit() {
  try {
    const fs::path from = staging_->files();
    for_each_move(from, target_, refuse_other_kind);
    for_each_move(from, target_, [](const fs::directory_entry& entry, const fs::path& place) {
      fs::rename(entry.path(), place);
    });
  } catch (const fs::filesystem_error& error) {
    refuse(target_, error.code());
  }
  for (const fs::path& path : made_) folder_watch().settled(path);
  made_.clear();
}

/// The list names more than there is while files come and go, so that a run that dies in between
/// leaves nothing that the next one does not know.
void OutputFolder::commit_in_place_of_earlier() {
  const WrittenFiles files = files_below(staging_->files());
  WrittenFiles stale = read_written_files(target_), all = stale;
  all.insert(files.begin(), files.end());
  for (const fs::path& file : files) stale.erase(file);
  for_each_move(staging_->files(), target_, refuse_other_kind);
  write_written_files(target_, all);
  commit();
  remove_written_files(target_, stale);
  write_written_files(target_, files);
}

void check_output(const std::string& output, std::span<const std::string> inputs) {
  if (fs::path(output).extension() != ".h5") {
    throw UserError(joined("--output ", output, ": give a file name that ends with .h5"));
  }
  require_output(output, inputs);
}

void write_beside(const std::string& output, const char* extension, std::string content) {
  content.pop_back();  // its last line's end is written again
  const fs::path path = fs::path(output).replace_extension(extension);
  const fs::path folder = path.parent_path();
  OutputFolder target(folder.empty() ? "." : folder.string());
  target.write_text(path.filename().string(), [&](const TextSink& sink) { sink(content); });
  target.commit();
}

}  // namespace hdecomp::tools
