/// Reading lines, a bounded number of bytes.
#include "tools/console/text_lines.h"

#include <filesystem>
#include <fstream>

#include "hdecomp/error.h"

namespace hdecomp::tools {

std::vector<std::string> read_lines(const std::string& path) {
  constexpr std::streamsize most_bytes = std::streamsize{256} << 20;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    throw UserError(joined(path, ": the list cannot be read"));
  }
  std::string content;
  for (std::string part(1 << 16, 0); in.read(part.data(), std::ssize(part)) || in.gcount() > 0;) {
    content.append(part, 0, static_cast<size_t>(in.gcount()));
    if (std::ssize(content) > most_bytes) {
      throw UserError(joined(path,
                             ": is larger than 256 MiB; a text file of a line per image is "
                             "needed"));
    }
  }
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

}  // namespace hdecomp::tools
