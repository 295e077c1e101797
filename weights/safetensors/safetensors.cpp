/// The reader of .safetensors files: eight bytes of length, a JSON header of that length, the
/// tensors' bytes.
#include "weights/safetensors/safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "hdecomp/error.h"
#include "weights/file/convert_dtype.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/file/json_check.h"
#include "weights/file/tensor_names.h"

namespace hdecomp {
namespace {

using nlohmann::json;

constexpr uint64_t max_header = uint64_t{100} << 20;
constexpr int max_depth = 3;
constexpr size_t max_events = size_t{1} << 22;  // of the JSON parser; a tensor makes about a dozen
constexpr int64_t max_elements = int64_t{1} << 40;

struct Entry {
  std::string name;
  ElementType type = ElementType::float32;
  std::vector<int64_t> sizes;
  uint64_t begin = 0;  // bytes, counted from the end of the header
  uint64_t end = 0;
};

class SafetensorsReader {
 public:
  SafetensorsReader(std::span<const uint8_t> bytes, const std::string& path)
      : bytes_(bytes), path_(path) {}

  TensorFile read();

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(path_, ": ", why));
  }
  std::span<const uint8_t> header() const;
  json parse(std::span<const uint8_t> header) const;
  std::optional<Entry> parse_entry(const std::string& name, const json& fields) const;
  std::vector<int64_t> parse_shape(const std::string& line, const json& shape) const;
  void check_extent(const std::string& line, const Entry& entry, uint64_t data_bytes) const;
  void check_apart(std::vector<Entry>& entries) const;

  std::span<const uint8_t> bytes_;
  const std::string& path_;
};

std::optional<ElementType> floating_type(const std::string& name) {
  if (name == "F32") return ElementType::float32;
  if (name == "F16") return ElementType::float16;
  if (name == "BF16") return ElementType::bfloat16;
  if (name == "F64") return ElementType::float64;
  return std::nullopt;
}

bool is_integer_type(const std::string& name) {
  const auto names = {"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::span<const uint8_t> SafetensorsReader::header() const {
  uint64_t length = 0;
  if (bytes_.size() < sizeof length) refuse("too short for a .safetensors file");
  std::memcpy(&length, bytes_.data(), sizeof length);
  if (length > max_header || length > bytes_.size() - sizeof length) {
    refuse(joined("the header claims ", length, " bytes: the file is damaged or cut short"));
  }
  return bytes_.subspan(sizeof length, length);
}

json SafetensorsReader::parse(std::span<const uint8_t> header) const {
  const std::string_view content(reinterpret_cast<const char*>(header.data()), header.size());
  // The header is {name: {field: value or [value, ...]}}: deeper nesting is refused before it costs
  // memory.
  const JsonFault fault = check_json(content, {max_depth, max_events});
  switch (fault.kind) {
    case JsonFault::Kind::too_deep:
      refuse("the header is nested too deep: the file is damaged");
    case JsonFault::Kind::too_much:
      refuse("the header lists too much: the file is damaged");
    case JsonFault::Kind::key_twice:
      refuse(joined("tensor ", in_quotes(fault.key), " comes twice"));
    case JsonFault::Kind::syntax:
      break;
    case JsonFault::Kind::none:
      if (json result = json::parse(content.begin(), content.end()); result.is_object()) {
        return result;
      }
  }
  refuse("the header is not a JSON object: the file is damaged");
}

std::vector<int64_t> SafetensorsReader::parse_shape(const std::string& line,
                                                    const json& shape) const {
  if (!shape.is_array()) refuse(joined(line, "has no shape: the file is damaged"));
  if (shape.size() > Shape::max_rank) {
    refuse(
        joined(line, "has ", shape.size(), " dimensions; at most ", Shape::max_rank, " are read"));
  }
  std::vector<int64_t> sizes;
  int64_t elements = 1;
  for (const json& item : shape) {
    const uint64_t size = item.is_number_unsigned() ? item.get<uint64_t>() : ~uint64_t{0};
    if (size > max_elements) refuse(joined(line, "has a wrong shape: the file is damaged"));
    sizes.push_back(static_cast<int64_t>(size));
    // An extent of 0 counts as 1, so that the others stay bounded too.
    if (__builtin_mul_overflow(elements, std::max<int64_t>(sizes.back(), 1), &elements) ||
        elements > max_elements) {
      refuse(joined(line, "has too many elements: the file is damaged"));
    }
  }
  return sizes;
}

// Nothing for a tensor of integers.
std::optional<Entry> SafetensorsReader::parse_entry(const std::string& name,
                                                    const json& fields) const {
  const std::string line = joined("tensor ", in_quotes(name), " ");
  const auto field = [&](const char* key) -> const json& {
    const auto found = fields.is_object() ? fields.find(key) : fields.end();
    if (found == fields.end()) refuse(joined(line, "has no ", key, ": the file is damaged"));
    return *found;
  };
  const json& dtype = field("dtype");
  const std::string type_name = dtype.is_string() ? dtype.get<std::string>() : "";
  if (is_integer_type(type_name)) return std::nullopt;
  const std::optional<ElementType> type = floating_type(type_name);
  if (!type) {
    refuse(joined(line, "is of type ", in_quotes(type_name), "; F32, F16, BF16 and F64 are read"));
  }
  Entry entry{name, *type, parse_shape(line, field("shape")), 0, 0};
  const json& offsets = field("data_offsets");
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    refuse(joined(line, "has wrong data_offsets: the file is damaged"));
  }
  entry.begin = offsets[0].get<uint64_t>();
  entry.end = offsets[1].get<uint64_t>();
  return entry;
}

void SafetensorsReader::check_extent(const std::string& line, const Entry& entry,
                                     uint64_t data_bytes) const {
  if (entry.begin > entry.end || entry.end > data_bytes) {
    refuse(joined(line, "lies outside the file: it is damaged or cut short"));
  }
  const int64_t wanted = Shape(entry.sizes).elements() * element_bytes(entry.type);
  if (entry.end - entry.begin != static_cast<uint64_t>(wanted)) {
    refuse(joined(line, "has ", entry.end - entry.begin, " bytes where its shape needs ", wanted,
                  ": the file is damaged"));
  }
}

// Tensors that share bytes would let a small file claim much memory; the format forbids them.
void SafetensorsReader::check_apart(std::vector<Entry>& entries) const {
  std::sort(entries.begin(), entries.end(), [](const Entry& left, const Entry& right) {
    return std::pair(left.begin, left.end) < std::pair(right.begin, right.end);
  });
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i].begin < entries[i - 1].end) {
      refuse(joined("tensors ", in_quotes(entries[i - 1].name), " and ", in_quotes(entries[i].name),
                    " share bytes: the file is damaged"));
    }
  }
}

TensorFile SafetensorsReader::read() {
  const std::span<const uint8_t> head = header();
  const std::span<const uint8_t> data = bytes_.subspan(sizeof(uint64_t) + head.size());
  const json fields_by_name = parse(head);
  std::vector<Entry> entries;
  for (const auto& [name, fields] : fields_by_name.items()) {
    if (name == "__metadata__") continue;
    std::optional<Entry> entry = parse_entry(name, fields);
    if (!entry) continue;
    check_extent(joined("tensor ", in_quotes(name), " "), *entry, data.size());
    entries.push_back(std::move(*entry));
  }
  check_apart(entries);
  TensorFile file;
  for (const Entry& entry : entries) {
    Tensor tensor(Device{}, Shape(entry.sizes));
    if (tensor.elements() > 0) {
      convert_to_float(entry.type, data.data() + entry.begin, 1, tensor.elements(), tensor.data());
    }
    file.tensors.emplace(entry.name, std::move(tensor));
  }
  require_tensors(file, path_);
  return file;
}

}  // namespace

TensorFile read_safetensors(const std::string& path) {
  const FileBytes file(path);
  return SafetensorsReader(file.bytes(), path).read();
}

}  // namespace hdecomp
