/// Written files as lines of a hidden text file.
#include "tools/output/written_files.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;
namespace {

constexpr const char* list_name = ".hdecomp-written";
constexpr uintmax_t most_bytes_of_list = uintmax_t{64} << 20;

/// A list from elsewhere must not make us remove anything outside the folder.
bool stays_inside(const fs::path& folder, const fs::path& file) {
  if (file.empty() || !file.is_relative()) return false;
  fs::path way = folder;
  for (const fs::path& part : file) {
    if (part == ".." || fs::is_symlink(fs::symlink_status(way))) return false;
    way /= part;
  }
  return true;
}

}  // namespace

WrittenFiles files_below(const fs::path& folder) {
  WrittenFiles files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.insert(entry.path().lexically_relative(folder));
  }
  return files;
}

WrittenFiles read_written_files(const fs::path& folder) {
  const fs::path list = folder / list_name;
  std::error_code fault;
  if (!fs::is_regular_file(fs::symlink_status(list, fault)) ||
      fs::file_size(list, fault) > most_bytes_of_list) {
    return {};
  }
  WrittenFiles files;
  std::ifstream in(list, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) files.insert(line);
  }
  return files;
}

void write_written_files(const fs::path& folder, const WrittenFiles& files) {
  const fs::path list = folder / list_name;
  std::ofstream out(list, std::ios::binary | std::ios::trunc);
  for (const fs::path& file : files) out << file.string() << '\n';
  out.close();
  if (!out) throw UserError(joined(list.string(), ": cannot be written; is the disk full?"));
}

void remove_written_files(const fs::path& folder, const WrittenFiles& files) {
  std::error_code ignored;
  for (const fs::path& file : files) {
    if (!stays_inside(folder, file)) continue;
    const fs::path place = folder / file;
    if (!fs::is_regular_file(fs::symlink_status(place, ignored))) continue;
    fs::remove(place, ignored);
    for (fs::path above = file.parent_path(); !above.empty(); above = above.parent_path()) {
      if (!fs::remove(folder / above, ignored)) break;  // not empty
    }
  }
}

}  // namespace hdecomp::tools
