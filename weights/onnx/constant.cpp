/// From a file's tensors to constants: raw bytes, typed lists, and data in a file beside the model.
#include "weights/onnx/constant.h"

#include <cstring>
#include <filesystem>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "weights/file/convert_dtype.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"

namespace hdecomp::onnx {
namespace {

/// TensorProto.DataType by number; nothing where it is none that is read.
std::optional<ElementType> element_type(int64_t type) {
  switch (type) {
    case 1:
      return ElementType::float32;
    case 2:
      return ElementType::uint8;
    case 3:
      return ElementType::int8;
    case 5:
      return ElementType::int16;
    case 6:
      return ElementType::int32;
    case 7:
      return ElementType::int64;
    case 9:
      return ElementType::boolean;
    case 10:
      return ElementType::float16;
    case 11:
      return ElementType::float64;
    case 16:
      return ElementType::bfloat16;
    default:
      return std::nullopt;
  }
}

template <class Number>
void widen(std::span<const uint8_t> bytes, std::vector<int64_t>& to) {
  for (size_t i = 0; i < to.size(); ++i) {
    Number value{};
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    to[i] = static_cast<int64_t>(value);
  }
}

void widen(ElementType type, std::span<const uint8_t> bytes, Constant& to) {
  switch (type) {
    case ElementType::int8:
      return widen<int8_t>(bytes, to.integers);
    case ElementType::uint8:
    case ElementType::boolean:
      return widen<uint8_t>(bytes, to.integers);
    case ElementType::int16:
      return widen<int16_t>(bytes, to.integers);
    case ElementType::int32:
      return widen<int32_t>(bytes, to.integers);
    case ElementType::int64:
      return widen<int64_t>(bytes, to.integers);
    default:
      convert_to_float(type, bytes.data(), 1, to.elements(), to.reals.data());
  }
}

uint64_t external_number(const RawTensor& tensor, const std::string& key, uint64_t otherwise) {
  const auto found = tensor.external.find(key);
  if (found == tensor.external.end()) return otherwise;
  if (const auto value = number_in<uint64_t>(found->second)) return *value;
  throw UserError(joined("tensor ", in_quotes(tensor.name), ": external data with a ", key,
                         " that is no number"));
}

/// The path of a tensor's data file: in the model's folder or below it, and reached over no link.
std::filesystem::path external_path(const RawTensor& tensor, const std::string& model) {
  namespace fs = std::filesystem;
  const auto found = tensor.external.find("location");
  const std::string text = found == tensor.external.end() ? "" : found->second;
  const fs::path location(text);
  const auto refuse = [&](const char* why) {
    throw UserError(joined("tensor ", in_quotes(tensor.name), ": external data in ",
                           in_quotes(text), ": ", why));
  };
  if (text.empty() || text.find('\0') != std::string::npos) refuse("no file's name");
  if (location.is_absolute()) refuse("it must lie in the model's folder");
  fs::path at = fs::path(model).parent_path();
  for (const fs::path& part : location) {
    if (part == "..") refuse("it must lie in the model's folder");
    at /= part;
    std::error_code ignored;
    if (fs::is_symlink(at, ignored)) refuse("a link is not followed");
  }
  return at;
}

/// Where a tensor has lists of numbers in place of bytes.
void take_lists(const RawTensor& tensor, ElementType type, Constant& to) {
  const auto fits = [&](size_t count) {
    if (static_cast<int64_t>(count) == to.elements()) return;
    throw UserError(joined("tensor ", in_quotes(tensor.name), " has ", count, " values for ",
                           to.elements(), " elements"));
  };
  if (to.whole) {
    fits(tensor.integers.size());
    to.integers = tensor.integers;
  } else if (type == ElementType::float32) {
    fits(tensor.floats.size());
    to.reals = tensor.floats;
  } else if (type == ElementType::float64) {
    fits(tensor.doubles.size());
    for (size_t i = 0; i < to.reals.size(); ++i)
      to.reals[i] = static_cast<float>(tensor.doubles[i]);
  } else {  // 16 bits each in an int32
    fits(tensor.integers.size());
    for (size_t i = 0; i < to.reals.size(); ++i) {
      const auto bits = static_cast<uint16_t>(tensor.integers[i]);
      convert_to_float(type, reinterpret_cast<const uint8_t*>(&bits), 1, 1, &to.reals[i]);
    }
  }
}

/// The `bytes` of an external tensor, in the file that `beside` becomes.
std::span<const uint8_t> bytes_beside(const RawTensor& tensor, uint64_t bytes,
                                      const std::string& what, ConstantSource& source,
                                      std::optional<FileBytes>& beside) {
  const std::string file = external_path(tensor, source.path).string();
  beside.emplace(file);
  if (source.beside.insert(file).second) source.budget.add_file(beside->bytes().size());
  const uint64_t offset = external_number(tensor, "offset", 0), size = beside->bytes().size();
  if (offset > size || bytes > size - offset) {
    throw UserError(joined(what, ": its external data of ", bytes, " bytes at ", offset,
                           " is beyond the file's end"));
  }
  // Tensors may lie over one another there, so that their bytes are more than the file's.
  source.budget.take(bytes, what);
  return beside->bytes().subspan(offset, bytes);
}

}  // namespace

std::optional<float> Constant::scalar() const {
  if (elements() != 1) return std::nullopt;
  return whole ? static_cast<float>(integers[0]) : reals[0];
}

float number_of(const Constant& constant) {
  const std::optional<float> number = constant.scalar();
  if (!number) throw UserError(joined(constant.elements(), " numbers where one is needed"));
  return *number;
}

int64_t elements_of(const std::vector<int64_t>& dims, const std::string& what) {
  constexpr int64_t most = int64_t{1} << 31;
  int64_t count = 1;
  if (dims.size() > 8) throw UserError(joined(what, " has ", dims.size(), " dimensions"));
  for (const int64_t dim : dims) {
    if (dim < 0 || dim > most || (dim > 0 && count > most / dim)) {
      throw UserError(joined(what, " has a dimension of ", dim, " or more than 2^31 elements"));
    }
    count *= dim;
  }
  return count;
}

ConstantPtr constant_of(const RawTensor& tensor, ConstantSource& source) {
  const std::string what = "tensor " + in_quotes(tensor.name);
  const std::optional<ElementType> type = element_type(tensor.type);
  if (!type)
    throw UserError(joined(what, " has elements of type ", tensor.type, ", not supported"));
  auto made = std::make_shared<Constant>();
  made->dims = tensor.dims;
  const int64_t count = elements_of(tensor.dims, what);
  const uint64_t bytes = static_cast<uint64_t>(count) * static_cast<uint64_t>(element_bytes(*type));
  std::optional<FileBytes> beside;
  const std::span<const uint8_t> raw =
      tensor.is_external ? bytes_beside(tensor, bytes, what, source, beside) : tensor.raw;
  made->whole = !is_floating(*type);
  // Every element has its own bytes, in this file or the one beside it: nothing more is claimed.
  const bool lists = !tensor.is_external && raw.empty();
  const size_t listed = tensor.integers.size() + tensor.floats.size() + tensor.doubles.size();
  if (lists ? static_cast<size_t>(count) != listed : raw.size() != bytes) {
    throw UserError(joined(what, " has ", lists ? listed : raw.size(), lists ? " values" : " bytes",
                           " for ", count, " elements"));
  }
  if (made->whole)
    made->integers.resize(count);
  else
    made->reals.resize(count);
  if (lists)
    take_lists(tensor, *type, *made);
  else
    widen(*type, raw, *made);
  source.halves |= *type == ElementType::float16 && count > 16;
  return made;
}

}  // namespace hdecomp::onnx
