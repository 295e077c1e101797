/// Reads a photograph from a file or standard input.
#include "tools/images/photo_input.h"

#include <algorithm>
#include <cstdio>

#include "hdecomp/error.h"
#include "hdecomp/stopwatch.h"

namespace hdecomp::tools {
namespace {

constexpr size_t most_bytes = size_t{1} << 30;  // as of a file

std::vector<uint8_t> bytes_of_standard_input(const std::string& name) {
  std::vector<uint8_t> bytes;
  size_t held = 0;
  for (size_t read = 1; read > 0; held += read) {
    if (held == most_bytes) throw UserError(joined(name, ": is larger than 1 GiB"));
    bytes.resize(std::min(most_bytes, held + (size_t{1} << 16)));
    read = std::fread(bytes.data() + held, 1, bytes.size() - held, stdin);
  }
  if (std::ferror(stdin) != 0) throw UserError(joined(name, ": cannot be read"));
  bytes.resize(held);
  return bytes;
}

Decoded decode_standard_input(const std::string& name, Turning turning) {
  const std::vector<uint8_t> bytes = bytes_of_standard_input(name);
  const Stopwatch watch;
  Image photo = Image::decode(bytes, name);
  if (turning == Turning::upright) photo = upright(std::move(photo));
  return {std::move(photo), watch.ms(), nullptr};
}

}  // namespace

bool is_standard_input(const std::string& path) { return path == "-"; }

std::string photo_name(const std::string& path) {
  return is_standard_input(path) ? "standard input" : path;
}

Decoded read_photo(const std::string& path, const CommonOptions& common, TurnedPhotos& turned) {
  const std::string name = photo_name(path);
  Decoded decoded = is_standard_input(path) ? decode_standard_input(name, turning(common))
                                            : decode(path, turning(common));
  turned.see(decoded.photo, name);
  return decoded;
}

Decoded read_photo(const std::string& path, const CommonOptions& common) {
  TurnedPhotos turned;
  return read_photo(path, common, turned);
}

}  // namespace hdecomp::tools
