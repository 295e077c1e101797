/// Reading a tensor's description out of a pickle, and gathering its elements out of its storage.
#include "weights/torch/torch_tensor.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {
namespace {

constexpr int64_t max_elements = int64_t{1} << 40;

// The integer if the value is one between 0 and 2^40, else -1. With that bound a product of two
// still fits 64 bits.
int64_t count_of(const PickleValue& value) {
  const int64_t* number = std::get_if<int64_t>(&value);
  return number != nullptr && *number >= 0 && *number <= max_elements ? *number : -1;
}

std::optional<std::vector<int64_t>> counts_of(const PickleValue& value) {
  const PickleNode* tuple = as_node(value, PickleKind::tuple);
  if (tuple == nullptr) return std::nullopt;
  std::vector<int64_t> counts;
  for (const PickleValue& item : tuple->items) {
    counts.push_back(count_of(item));
    if (counts.back() < 0) return std::nullopt;
  }
  return counts;
}

std::optional<ElementType> element_type(const PickleValue& value) {
  const PickleGlobal* global = std::get_if<PickleGlobal>(&value);
  if (global == nullptr) return std::nullopt;
  switch (*global) {
    case PickleGlobal::float_storage:
      return ElementType::float32;
    case PickleGlobal::double_storage:
      return ElementType::float64;
    case PickleGlobal::half_storage:
      return ElementType::float16;
    case PickleGlobal::bfloat16_storage:
      return ElementType::bfloat16;
    case PickleGlobal::long_storage:
      return ElementType::int64;
    case PickleGlobal::int_storage:
      return ElementType::int32;
    case PickleGlobal::short_storage:
      return ElementType::int16;
    case PickleGlobal::char_storage:
      return ElementType::int8;
    case PickleGlobal::byte_storage:
      return ElementType::uint8;
    case PickleGlobal::bool_storage:
      return ElementType::boolean;
    default:
      return std::nullopt;
  }
}

// The view is None or (key, begin, elements).
bool parse_view(const PickleValue& value, TorchStorage& storage) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  const PickleNode* view = as_node(value, PickleKind::tuple);
  if (view == nullptr || view->items.size() != 3) return false;
  storage.view_begin = count_of(view->items[1]);
  storage.view_elements = count_of(view->items[2]);
  return storage.view_begin >= 0 && storage.view_elements >= 0 &&
         storage.view_begin + storage.view_elements <= storage.elements;
}

// A Parameter is a call with the tensor as its first argument.
const PickleNode* rebuild_call(const PickleValue& value) {
  const PickleNode* call = as_node(value, PickleKind::call);
  if (call != nullptr && !call->items.empty() &&
      (call->function == PickleGlobal::rebuild_parameter ||
       call->function == PickleGlobal::parameter)) {
    call = as_node(call->items[0], PickleKind::call);
  }
  return call != nullptr && (call->function == PickleGlobal::rebuild_tensor ||
                             call->function == PickleGlobal::rebuild_tensor_v2)
             ? call
             : nullptr;
}

// PyTorch 2 names in a seventh argument what its storage does not tell: {"neg": True} is a view
// that shows the numbers with the opposite sign.
bool is_negated(const PickleNode& call) {
  const PickleNode* said =
      call.items.size() > 6 ? as_node(call.items[6], PickleKind::dict) : nullptr;
  for (size_t i = 0; said != nullptr && i + 1 < said->items.size(); i += 2) {
    const auto* key = std::get_if<std::string_view>(&said->items[i]);
    const bool* value = std::get_if<bool>(&said->items[i + 1]);
    if (key != nullptr && *key == "neg" && value != nullptr && *value) return true;
  }
  return false;
}

// Whether every element lies inside the storage. A tensor that shows one stored element in many
// places (expand()) is refused too: no weight is like that, and its size has no bound.
bool lies_inside(const TorchTensor& tensor) {
  int64_t elements = 1;  // an extent of 0 counted as 1
  int64_t last = tensor.offset;
  bool overflow = false;
  bool empty = false;
  for (size_t i = 0; i < tensor.sizes.size(); ++i) {
    const int64_t size = std::max<int64_t>(tensor.sizes[i], 1);
    int64_t reach = 0;
    overflow |= __builtin_mul_overflow(elements, size, &elements);
    overflow |= __builtin_mul_overflow(size - 1, tensor.strides[i], &reach);
    overflow |= __builtin_add_overflow(last, reach, &last);
    empty |= tensor.sizes[i] == 0;
  }
  if (overflow || elements > max_elements) return false;
  const int64_t stored = tensor.storage.view_elements;
  return empty || (last < stored && elements <= stored);
}

}  // namespace

TorchStorage parse_storage(const PickleNode& persistent, const std::string& path) {
  const PickleNode* id =
      persistent.items.size() == 1 ? as_node(persistent.items[0], PickleKind::tuple) : nullptr;
  TorchStorage storage;
  bool good = id != nullptr && (id->items.size() == 5 || id->items.size() == 6);
  if (good) {
    const std::string_view* kind = std::get_if<std::string_view>(&id->items[0]);
    const std::optional<ElementType> type = element_type(id->items[1]);
    const std::string_view* key = std::get_if<std::string_view>(&id->items[2]);
    storage.elements = count_of(id->items[4]);
    good = kind != nullptr && *kind == "storage" && type && key != nullptr && storage.elements >= 0;
    if (good) {
      storage.key = std::string(*key);
      storage.type = *type;
      storage.view_elements = storage.elements;
      good = id->items.size() == 5 || parse_view(id->items[5], storage);
    }
  }
  if (!good) {
    throw UserError(joined(path,
                           ": the pickle refers to something that is not a tensor's storage; ",
                           "save model.state_dict()"));
  }
  return storage;
}

bool is_tensor(const PickleValue& value) { return rebuild_call(value) != nullptr; }

std::optional<TorchTensor> parse_tensor(std::string_view name, const PickleValue& value,
                                        const std::string& path) {
  const PickleNode* call = rebuild_call(value);
  if (call == nullptr) return std::nullopt;
  const std::string line = joined(path, ": tensor ", in_quotes(name), " ");
  const PickleNode* persistent =
      call->items.size() >= 4 ? as_node(call->items[0], PickleKind::persistent) : nullptr;
  if (persistent == nullptr) throw UserError(joined(line, "has no storage: the file is damaged"));

  TorchTensor tensor{std::string(name), parse_storage(*persistent, path), 0, {}, {}};
  if (!is_floating(tensor.storage.type)) return std::nullopt;
  if (is_negated(*call))
    throw UserError(joined(line, "is a view with the opposite sign; save tensor.resolve_neg()"));
  tensor.offset = count_of(call->items[1]);
  const auto sizes = counts_of(call->items[2]);
  const auto strides = counts_of(call->items[3]);
  if (tensor.offset < 0 || !sizes || !strides || sizes->size() != strides->size()) {
    throw UserError(joined(line, "has a wrong offset, size or stride: the file is damaged"));
  }
  if (sizes->size() > Shape::max_rank) {
    throw UserError(
        joined(line, "has ", sizes->size(), " dimensions; at most ", Shape::max_rank, " are read"));
  }
  tensor.sizes = *sizes;
  tensor.strides = *strides;
  if (!lies_inside(tensor)) {
    throw UserError(joined(line, "does not fit its storage of ", tensor.storage.view_elements,
                           " elements: the file is damaged"));
  }
  return tensor;
}

Tensor gather(const TorchTensor& tensor, std::span<const uint8_t> bytes) {
  Tensor result(Device{}, Shape(tensor.sizes));
  if (result.elements() == 0) return result;
  // Ranks below four get outer dimensions of extent 1.
  int64_t size[Shape::max_rank] = {1, 1, 1, 1};
  int64_t stride[Shape::max_rank] = {0, 0, 0, 0};
  std::copy_backward(tensor.sizes.begin(), tensor.sizes.end(), std::end(size));
  std::copy_backward(tensor.strides.begin(), tensor.strides.end(), std::end(stride));
  // Inner dimensions that follow each other without a gap are converted as one row.
  int64_t row = size[3];
  int64_t step = size[3] == 1 ? 1 : stride[3];
  int outer = 3;
  while (outer > 0 && (size[outer - 1] == 1 || stride[outer - 1] == row * step)) {
    row *= size[--outer];
  }
  for (int i = outer; i < Shape::max_rank; ++i) size[i] = 1;

  const ElementType type = tensor.storage.type;
  const int64_t begin = tensor.storage.view_begin + tensor.offset;
  float* to = result.data();
  for (int64_t a = 0; a < size[0]; ++a) {
    for (int64_t b = 0; b < size[1]; ++b) {
      for (int64_t c = 0; c < size[2]; ++c, to += row) {
        const int64_t first = begin + a * stride[0] + b * stride[1] + c * stride[2];
        convert_to_float(type, bytes.data() + first * element_bytes(type), step, row, to);
      }
    }
  }
  return result;
}

}  // namespace hdecomp
