/// SHA-256 through libmd, which is on every Debian: for a build without OpenSSL.
#include <sha2.h>

#include <array>

#include "weights/file/file_bytes.h"
#include "weights/file/sha256.h"

namespace hdecomp {

std::string sha256_of_file(const std::string& path) {
  const FileBytes file(path);
  std::array<char, SHA256_DIGEST_STRING_LENGTH> digits{};
  SHA256Data(file.bytes().data(), file.bytes().size(), digits.data());
  return digits.data();
}

}  // namespace hdecomp
