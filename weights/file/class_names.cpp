/// Reads class names from text or from imagenet_class_index.json.
#include "weights/file/class_names.h"

#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"

namespace hdecomp {
namespace {

ClassNames from_json(const std::string& path, const std::string& content) {
  const auto table = nlohmann::json::parse(content, nullptr, false);
  if (!table.is_object() || table.empty()) {
    throw UserError(text(path, ": not JSON of the form {\"0\": [\"n01440764\", \"tench\"], ...}"));
  }
  ClassNames result;
  for (size_t i = 0; i < table.size(); ++i) {
    const auto entry = table.find(std::to_string(i));
    const bool pair = entry != table.end() && entry->is_array() && entry->size() == 2 &&
                      (*entry)[0].is_string() && (*entry)[1].is_string();
    if (!pair) throw UserError(text(path, ": class ", i, " is not [\"WNID\", \"name\"]"));
    result.wnids.push_back((*entry)[0]);
    result.names.push_back((*entry)[1]);
  }
  return result;
}

ClassNames from_lines(const std::string& path, const std::string& content) {
  ClassNames result;
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find('\0') != std::string::npos || line.size() > 1000) {
      throw UserError(text(path, ": not a text file of one class name per line"));
    }
    if (!line.empty()) result.names.push_back(line);
  }
  if (result.names.empty()) throw UserError(text(path, ": holds no class names"));
  return result;
}

}  // namespace

ClassNames read_class_names(const std::string& path) {
  const FileBytes file(path);
  const auto bytes = file.bytes();
  const std::string content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t first = content.find_first_not_of(" \t\r\n");
  const bool json = first != std::string::npos && content[first] == '{';
  return json ? from_json(path, content) : from_lines(path, content);
}

}  // namespace hdecomp
