/// Reading lines, a bounded number of bytes.
#include "tools/console/text_lines.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "hdecomp/error.h"

namespace hdecomp::tools {

std::vector<std::string> read_lines(const std::string& path) {
  constexpr std::streamsize most_bytes = std::streamsize{256} << 20;
  const auto refuse = [&](const auto&... why) {
    throw UserError(joined(path, why..., "; a text file of a line per image is needed"));
  };
  if (std::error_code fault; std::filesystem::is_directory(path, fault)) refuse(": is a folder");
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse(": cannot be read: ", std::strerror(errno));
  std::string content;
  for (std::string part(1 << 16, 0); in.read(part.data(), std::ssize(part)) || in.gcount() > 0;) {
    content.append(part, 0, static_cast<size_t>(in.gcount()));
    if (std::ssize(content) > most_bytes) refuse(": is larger than 256 MiB");
  }
  // A photograph in place of its list, or what a Windows shell's > writes.
  if (content.find('\0') != std::string::npos) refuse(": has zero bytes, as UTF-16 has");
  std::vector<std::string> lines;
  for (size_t begin = content.starts_with("\xEF\xBB\xBF") ? 3 : 0;  // a byte order mark
       begin < content.size();) {
    const size_t end = std::min(content.find('\n', begin), content.size());
    std::string line = content.substr(begin, end - begin);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) lines.push_back(std::move(line));
    begin = end + 1;
  }
  if (lines.empty()) throw UserError(joined(path, ": the list is empty"));
  return lines;
}

std::optional<LabelledPath> labelled_path(const std::string& line,
                                          const std::function<bool(const std::string&)>& is_path) {
  constexpr size_t longest = 8192;  // two of Linux's longest paths
  constexpr int most_words = 32;    // of a label
  if (line.size() > longest) return {};
  size_t gap = line.find_last_of(" \t");
  for (int words = 0; words < most_words && gap != std::string::npos; ++words) {
    const size_t end = line.find_last_not_of(" \t", gap);
    if (end == std::string::npos) break;
    std::string path = line.substr(0, end + 1);
    if (is_path(path)) {
      const size_t label = line.find_first_not_of(" \t", gap);
      return LabelledPath{std::move(path), label == std::string::npos ? "" : line.substr(label)};
    }
    gap = line.find_last_of(" \t", end);
  }
  return {};
}

}  // namespace hdecomp::tools
