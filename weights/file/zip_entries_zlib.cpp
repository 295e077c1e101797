/// Entries of a zip archive by its central directory (PKWARE's APPNOTE.TXT, 4.3), stored as they
/// are or deflated, also those of more than 4 GiB.
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "weights/file/zip_entries.h"

namespace hdecomp {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint32_t entry_mark = 0x02014b50, file_mark = 0x04034b50, end_mark = 0x06054b50;
constexpr uint32_t end64_mark = 0x06064b50, locator64_mark = 0x07064b50;
constexpr uint64_t entry_bytes = 46, file_bytes = 30, end_bytes = 22;
constexpr uint64_t end64_bytes = 56, locator64_bytes = 20;
constexpr uint32_t in_extra = std::numeric_limits<uint32_t>::max();

/// A little-endian number of 1 to 8 bytes; the caller knows that they are there.
uint64_t number(Bytes bytes, uint64_t at, int size) {
  uint64_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | bytes[at + i];
  return value;
}

bool has(Bytes bytes, uint64_t at, uint64_t count) {
  return at <= bytes.size() && count <= bytes.size() - at;
}

struct Entry {
  std::string name;
  uint64_t flags, method, checksum, packed, size, header;
};

/// The numbers that an entry of more than 4 GiB has in its extra field, in this order; false where
/// they are missing there.
bool take_large(Bytes extra, Entry& entry) {
  std::vector<uint64_t*> wanted;
  for (uint64_t* each : {&entry.size, &entry.packed, &entry.header}) {
    if (*each == in_extra) wanted.push_back(each);
  }
  if (wanted.empty()) return true;
  for (uint64_t at = 0; has(extra, at, 4);) {
    const uint64_t kind = number(extra, at, 2), length = number(extra, at + 2, 2);
    if (!has(extra, at + 4, length)) return false;
    if (kind == 1 && length >= 8 * wanted.size()) {
      for (size_t i = 0; i < wanted.size(); ++i) *wanted[i] = number(extra, at + 4 + 8 * i, 8);
      return true;
    }
    at += 4 + length;
  }
  return false;
}

bool inflate_all(Bytes from, std::span<uint8_t> to) {
  constexpr uint64_t most = 1 << 30;  // what zlib counts at a time
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  uint64_t read = 0, made = 0;
  uint8_t extra = 0;  // where there is to be nothing more
  int state = Z_OK;
  while (state == Z_OK) {
    const uint64_t in = std::min(most, from.size() - read), out = std::min(most, to.size() - made);
    stream.next_in = const_cast<Bytef*>(from.data() + read);
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = out > 0 ? to.data() + made : &extra;
    stream.avail_out = out > 0 ? static_cast<uInt>(out) : 1;
    state = inflate(&stream, Z_NO_FLUSH);
    read += in - stream.avail_in;
    if (out > 0) made += out - stream.avail_out;
    if (out == 0 && stream.avail_out == 0) state = Z_DATA_ERROR;
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && made == to.size() && read == from.size();
}

class OwnEntries final : public ZipEntries {
 public:
  OwnEntries(Bytes bytes, std::vector<Entry> entries)
      : bytes_(bytes), entries_(std::move(entries)) {}

  uint64_t count() const override { return entries_.size(); }
  std::optional<std::string> name(uint64_t entry) const override { return entries_[entry].name; }
  std::optional<uint64_t> size(uint64_t entry) const override { return entries_[entry].size; }

  bool read(uint64_t index, std::span<uint8_t> to) const override {
    const Entry& entry = entries_[index];
    constexpr uint64_t encrypted = 1;
    if ((entry.flags & encrypted) != 0 || !has(bytes_, entry.header, file_bytes)) return false;
    if (number(bytes_, entry.header, 4) != file_mark) return false;
    const uint64_t data = entry.header + file_bytes + number(bytes_, entry.header + 26, 2) +
                          number(bytes_, entry.header + 28, 2);
    if (!has(bytes_, data, entry.packed)) return false;
    const Bytes packed = bytes_.subspan(data, entry.packed);
    if (entry.method == Z_DEFLATED) {
      if (!inflate_all(packed, to)) return false;
    } else {
      if (entry.method != 0 || packed.size() != to.size()) return false;
      std::ranges::copy(packed, to.begin());
    }
    return crc32_z(crc32_z(0, nullptr, 0), to.data(), to.size()) == entry.checksum;
  }

 private:
  Bytes bytes_;
  std::vector<Entry> entries_;
};

/// Where the record at the archive's end begins, behind which a comment may lie.
std::optional<uint64_t> find_end(Bytes bytes) {
  if (bytes.size() < end_bytes) return {};
  constexpr uint64_t longest_comment = 0xffff;
  const uint64_t last = bytes.size() - end_bytes;
  for (uint64_t at = last; last - at <= longest_comment; --at) {
    if (number(bytes, at, 4) == end_mark && number(bytes, at + 20, 2) == last - at) return at;
    if (at == 0) break;
  }
  return {};
}

struct Directory {
  uint64_t count, bytes, begin;
};

std::optional<Directory> find_directory(Bytes bytes, uint64_t end) {
  Directory found{number(bytes, end + 10, 2), number(bytes, end + 12, 4),
                  number(bytes, end + 16, 4)};
  const bool large =
      end >= locator64_bytes && number(bytes, end - locator64_bytes, 4) == locator64_mark;
  if (large) {
    const uint64_t at = number(bytes, end - locator64_bytes + 8, 8);
    if (!has(bytes, at, end64_bytes) || number(bytes, at, 4) != end64_mark) return {};
    found = {number(bytes, at + 32, 8), number(bytes, at + 40, 8), number(bytes, at + 48, 8)};
  }
  if (!has(bytes.first(end), found.begin, found.bytes)) return {};
  return found;
}

/// The entry at `at` of the directory, which is moved to the next one.
std::optional<Entry> take_entry(Bytes directory, uint64_t& at) {
  if (!has(directory, at, entry_bytes) || number(directory, at, 4) != entry_mark) return {};
  const uint64_t name = number(directory, at + 28, 2), extra = number(directory, at + 30, 2);
  const uint64_t comment = number(directory, at + 32, 2);
  if (!has(directory, at + entry_bytes, name + extra + comment)) return {};
  const Bytes text = directory.subspan(at + entry_bytes, name);
  Entry entry{{text.begin(), text.end()},    number(directory, at + 8, 2),
              number(directory, at + 10, 2), number(directory, at + 16, 4),
              number(directory, at + 20, 4), number(directory, at + 24, 4),
              number(directory, at + 42, 4)};
  entry.name.resize(std::strlen(entry.name.c_str()));  // as libzip gives it
  if (!take_large(directory.subspan(at + entry_bytes + name, extra), entry)) return {};
  at += entry_bytes + name + extra + comment;
  return entry;
}

}  // namespace

std::unique_ptr<ZipEntries> open_zip(std::span<const uint8_t> bytes, std::string& reason) {
  const std::optional<uint64_t> end = find_end(bytes);
  const auto found = end ? find_directory(bytes, *end) : std::nullopt;
  if (!found || found->count > found->bytes / entry_bytes) {
    reason = end ? "its directory is not there" : "not a zip archive";
    return nullptr;
  }
  const Bytes directory = bytes.subspan(found->begin, found->bytes);
  std::vector<Entry> entries;
  uint64_t at = 0;
  while (entries.size() < found->count) {
    std::optional<Entry> entry = take_entry(directory, at);
    if (!entry) {
      reason = "its directory is damaged";
      return nullptr;
    }
    entries.push_back(std::move(*entry));
  }
  return std::make_unique<OwnEntries>(bytes, std::move(entries));
}

}  // namespace hdecomp
