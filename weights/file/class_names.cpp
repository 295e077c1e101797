/// Reads class names from text or from JSON.
#include "weights/file/class_names.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/file/json_check.h"
#include "weights/file/name_lines.h"

namespace hdecomp {
namespace {

using nlohmann::json;

constexpr size_t max_bytes = size_t{16} << 20;
constexpr int64_t max_classes = int64_t{1} << 20;

struct OneClass {
  std::string wnid, name;
};

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UserError(joined(path, ": ", why));
}

/// "n01440764": an n and eight digits.
bool is_wnid(std::string_view word) {
  return word.size() == 9 && word[0] == 'n' &&
         std::ranges::all_of(word.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

ClassNames as_names(const std::string& path, std::vector<OneClass> classes) {
  if (classes.empty()) refuse(path, "holds no class names");
  ClassNames result;
  const auto with_id =
      std::ranges::count_if(classes, [](auto& each) { return !each.wnid.empty(); });
  for (size_t i = 0; i < classes.size(); ++i) {
    OneClass& each = classes[i];
    if (each.name.empty()) refuse(path, joined("class ", i, " has an empty name"));
    if (each.name.size() > max_name_bytes) {
      refuse(path, joined("class ", i, " has a name of ", each.name.size(), " bytes; at most ",
                          max_name_bytes, " are read"));
    }
    if (with_id > 0 && each.wnid.empty()) {
      refuse(path, joined("class ", i, " has no WordNet id, but others have"));
    }
    result.names.push_back(std::move(each.name));
    if (with_id > 0) result.wnids.push_back(std::move(each.wnid));
  }
  return result;
}

std::optional<int64_t> index_of(std::string_view digits) {
  const std::optional<int64_t> index = number_in(digits);
  return index && *index >= 0 && *index < max_classes ? index : std::nullopt;
}

/// "tench" or ["n01440764", "tench"].
OneClass class_of(const std::string& path, const std::string& which, const json& value) {
  if (value.is_string()) return {"", value.get<std::string>()};
  if (!value.is_array() || value.size() != 2 || !value[0].is_string() || !value[1].is_string()) {
    refuse(path, joined("class ", which, " is neither \"name\" nor [\"WNID\", \"name\"]"));
  }
  return {value[0].get<std::string>(), value[1].get<std::string>()};
}

/// The classes in the order of their indices, which must be 0, 1, 2, ... without a gap.
std::vector<OneClass> in_order(const std::string& path, std::map<int64_t, OneClass> by_index) {
  std::vector<OneClass> classes;
  for (auto& [index, each] : by_index) {
    if (index != static_cast<int64_t>(classes.size())) {
      refuse(path, joined("class ", classes.size(), " is missing; the indices go on with ", index));
    }
    classes.push_back(std::move(each));
  }
  return classes;
}

std::vector<OneClass> from_table(const std::string& path, const json& table) {
  std::map<int64_t, OneClass> by_index;
  for (const auto& [key, value] : table.items()) {
    OneClass each;
    std::optional<int64_t> index;
    if (value.is_number_integer()) {  // class_to_idx
      each.name = key;
      index = index_of(value.dump());
      if (!index) refuse(path, joined("class ", in_quotes(key), " has the index ", value.dump()));
    } else {
      index = index_of(key);
      if (!index) {
        refuse(path, joined(in_quotes(key), " is no class index; give {\"0\": \"tench\"}, ",
                            "{\"0\": [\"n01440764\", \"tench\"]} or {\"tench\": 0}"));
      }
      each = class_of(path, key, value);
    }
    const auto [place, fresh] = by_index.emplace(*index, each);
    if (!fresh) {
      refuse(path, joined("class ", *index, " comes twice, as ", in_quotes(place->second.name),
                          " and ", in_quotes(each.name)));
    }
  }
  return in_order(path, std::move(by_index));
}

json parse(const std::string& path, std::string_view content) {
  // A list of pairs is two deep; a class has at most seven events.
  const JsonFault fault = check_json(content, {2, 8 * static_cast<size_t>(max_classes)});
  switch (fault.kind) {
    case JsonFault::Kind::none:
      return json::parse(content.begin(), content.end());
    case JsonFault::Kind::key_twice:
      refuse(path, joined(in_quotes(fault.key), " comes twice"));
    case JsonFault::Kind::syntax:
      refuse(path, "begins as JSON does, but is not JSON");
    default:
      refuse(path,
             "not JSON of the form [\"tench\", ...], {\"0\": \"tench\", ...}, {\"0\": "
             "[\"n01440764\", \"tench\"], ...} or {\"tench\": 0, ...}");
  }
}

std::vector<OneClass> from_json(const std::string& path, std::string_view content) {
  const json root = parse(path, content);
  if (root.is_object()) return from_table(path, root);
  std::vector<OneClass> classes;
  for (size_t i = 0; i < root.size(); ++i) {
    classes.push_back(class_of(path, std::to_string(i), root[i]));
  }
  return classes;
}

std::vector<OneClass> from_lines(const std::string& path, std::string_view content) {
  std::vector<OneClass> classes;
  for (std::string& line : name_lines(path, content)) classes.push_back({"", std::move(line)});
  const bool with_ids = std::ranges::all_of(classes, [](const OneClass& each) {
    const size_t gap = each.name.find_first_of(" \t");
    return gap != std::string::npos && is_wnid(std::string_view(each.name).substr(0, gap));
  });
  for (OneClass& each : classes) {
    if (!with_ids) break;
    const size_t gap = each.name.find_first_of(" \t");
    each.wnid = each.name.substr(0, gap);
    each.name.erase(0, std::min(each.name.find_first_not_of(" \t", gap), each.name.size()));
  }
  return classes;
}

}  // namespace

ClassNames read_class_names(const std::string& path) {
  const FileBytes file(path);
  const auto bytes = file.bytes();
  if (bytes.size() > max_bytes) {
    refuse(path,
           joined("has ", bytes.size(), " bytes; a list of class names has at most ", max_bytes));
  }
  std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (content.starts_with(byte_order_mark)) content.remove_prefix(byte_order_mark.size());
  const size_t first = content.find_first_not_of(" \t\r\n");
  const bool json =
      first != std::string_view::npos && (content[first] == '{' || content[first] == '[');
  return as_names(path, json ? from_json(path, content) : from_lines(path, content));
}

}  // namespace hdecomp
