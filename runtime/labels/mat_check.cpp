/// The walk over a MATLAB 5 file: elements of a type, a length and data, some of them compressed.
#include "runtime/labels/mat_check.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/image/deflate.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {
namespace {

constexpr size_t header_bytes = 128;
constexpr size_t most_elements = 1024;
constexpr uint32_t mi_int8 = 1, mi_int32 = 5, mi_uint32 = 6, mi_matrix = 14, mi_compressed = 15;

/// Bytes in the file's order, with every access checked.
class MatBytes {
 public:
  MatBytes(const ImageFile& file, std::span<const uint8_t> bytes, bool is_big)
      : file_(file), bytes_(bytes), is_big_(is_big) {}

  size_t size() const { return bytes_.size(); }
  const ImageFile& file() const { return file_; }
  std::span<const uint8_t> part(size_t at, size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) {
      file_.fail("corrupt or truncated MAT file: an element ends beyond what holds it");
    }
    return bytes_.subspan(at, count);
  }
  uint32_t number(size_t at) const {
    const auto four = part(at, 4);
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value = value << 8 | four[is_big_ ? i : 3 - i];
    return value;
  }

 private:
  const ImageFile& file_;
  std::span<const uint8_t> bytes_;
  bool is_big_;
};

struct Element {
  uint32_t type = 0;
  size_t begin = 0, size = 0, end = 0;  // of the data; where the next element begins
};

/// Of up to four bytes an element may be small: its length and type share a word, the data follows
/// in the next.
Element element_at(const MatBytes& bytes, size_t at) {
  const uint32_t word = bytes.number(at);
  if (const size_t small = word >> 16; small != 0) {
    if (small > 4) bytes.file().fail("corrupt MAT file: a small element of more than four bytes");
    return {word & 0xFFFF, at + 4, small, at + 8};
  }
  const size_t size = bytes.number(at + 4);
  const size_t padded = word == mi_compressed ? size : (size + 7) / 8 * 8;
  return {word, at + 8, size, at + 8 + padded};
}

/// Bytes of a value as it is stored; 0 of what is no number.
size_t stored_bytes(uint32_t type) {
  constexpr size_t bytes[]{0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8};
  return type < std::size(bytes) ? bytes[type] : 0;
}

/// A matrix element's head: flags, extent, name.
struct MatrixHead {
  std::string name;
  uint32_t kind = 0;
  bool is_complex = false;
  std::vector<int64_t> extent;
  size_t end = 0;  // where its values begin
};

MatrixHead head_of(const ImageFile& file, const MatBytes& matrix) {
  const auto fail = [&] { file.fail("corrupt MAT file: a variable without kind, extent or name"); };
  MatrixHead head;
  const Element flags = element_at(matrix, 8);
  if (flags.type != mi_uint32 || flags.size != 8) fail();
  const uint32_t word = matrix.number(flags.begin);
  head.kind = word & 0xFF;
  head.is_complex = (word & 0x800) != 0;
  const Element extent = element_at(matrix, flags.end);
  if (extent.type != mi_int32 || extent.size % 4 != 0 || extent.size > 128) fail();
  for (size_t at = 0; at < extent.size; at += 4) {
    head.extent.push_back(static_cast<int32_t>(matrix.number(extent.begin + at)));
  }
  const Element name = element_at(matrix, extent.end);
  if (name.type != mi_int8 || name.size > 256) fail();
  const auto letters = matrix.part(name.begin, name.size);
  head.name.assign(letters.begin(), letters.end());
  head.end = name.end;
  return head;
}

/// A variable's matrix element, whole or its first `most` bytes.
std::vector<uint8_t> matrix_of(const MatBytes& bytes, const Element& element, size_t at,
                               size_t most) {
  if (element.type == mi_compressed) {
    return inflated(bytes.part(element.begin, element.size), most);
  }
  const auto whole = bytes.part(at, std::min(most, element.begin - at + element.size));
  return {whole.begin(), whole.end()};
}

/// What the head alone says, before so much as it says is inflated; `whole_bytes` is what the
/// variable says of its own size.
void check_head(const ImageFile& file, const MatrixHead& head, size_t whole_bytes) {
  constexpr uint32_t first_numeric = 6, last_numeric = 15;  // double to uint64
  if (head.kind < first_numeric || head.kind > last_numeric || head.is_complex ||
      head.extent.size() != 2) {
    file.fail(joined("its variable ", in_quotes(head.name), " is not a matrix of real numbers"));
  }
  file.check({head.extent[0], head.extent[1]});
  constexpr size_t tag_bytes = 8, most_each = 8, most_padding = 8;
  const auto values = static_cast<size_t>(head.extent[0] * head.extent[1]);
  if (whole_bytes > head.end + tag_bytes + most_each * values + most_padding) {
    file.fail(joined("corrupt MAT file: its variable ", in_quotes(head.name),
                     " is larger than its values"));
  }
}

void check_values(const ImageFile& file, const MatrixHead& head, const MatBytes& matrix) {
  const auto count = static_cast<size_t>(head.extent[0] * head.extent[1]);
  const Element values = element_at(matrix, head.end);
  const size_t each = stored_bytes(values.type);
  if (each == 0 || values.size != each * count) {
    file.fail("corrupt MAT file: not as many values as the variable's extent says");
  }
  matrix.part(values.begin, values.size);
}

bool is_big_endian(const ImageFile& file) {
  if (file.starts_with("\x89HDF\r\n\x1A\n")) {
    file.fail("is a MAT file of v7.3 (HDF5); one of version 5 is needed: save it with -v7");
  }
  const bool has_header = file.size() >= header_bytes;
  const bool is_big = has_header && file.byte(126) == 'M' && file.byte(127) == 'I';
  const bool is_little = has_header && file.byte(126) == 'I' && file.byte(127) == 'M';
  if (!is_big && !is_little) {
    file.fail("is no MAT file of version 5, which MATLAB saves with -v6 and -v7");
  }
  const uint32_t version = is_big ? file.big_endian(124, 2) : file.little_endian(124, 2);
  if (version == 0x0200) {
    file.fail("is a MAT file of v7.3 (HDF5); one of version 5 is needed: save it with -v7");
  }
  if (version != 0x0100) file.fail(joined("a MAT file of version ", version, "; 256 can be read"));
  return is_big;
}

}  // namespace

CheckedMat checked_mat_variable(const ImageFile& file, const std::string& name) {
  const bool is_big = is_big_endian(file);
  const MatBytes bytes(file, file.bytes(), is_big);
  std::string others;
  size_t count = 0;
  for (size_t at = header_bytes; at < bytes.size(); ++count) {
    const Element element = element_at(bytes, at);
    // A last compressed element may end with the file, the others are padded.
    bytes.part(element.begin, element.size);
    if (count == most_elements) file.fail("a MAT file of more than 1,024 variables");
    constexpr size_t head_bytes = 1024;
    const std::vector<uint8_t> start = matrix_of(bytes, element, at, head_bytes);
    const MatBytes begun(file, start, is_big);
    if (begun.number(0) != mi_matrix) file.fail("corrupt MAT file: an element is no variable");
    const MatrixHead head = head_of(file, begun);
    if (head.name == name) {
      const size_t whole_bytes = size_t{begun.number(4)} + 8;
      check_head(file, head, whole_bytes);
      const std::vector<uint8_t> whole = matrix_of(bytes, element, at, whole_bytes);
      if (whole.size() != whole_bytes)
        file.fail("corrupt or truncated MAT file: a variable ends early");
      check_values(file, head, MatBytes(file, whole, is_big));
      CheckedMat checked{{}, head.extent[0], head.extent[1]};
      for (const auto& part : {bytes.part(0, header_bytes),
                               bytes.part(at, std::min(element.end, bytes.size()) - at)}) {
        checked.bytes.insert(checked.bytes.end(), part.begin(), part.end());
      }
      return checked;
    }
    if (others.size() < 100) others += (others.empty() ? "" : ", ") + in_quotes(head.name);
    at = element.end;
  }
  file.fail(joined("has no variable ", name, others.empty() ? "" : "; it has ", others));
}

}  // namespace hdecomp
