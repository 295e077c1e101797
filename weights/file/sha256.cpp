/// SHA-256 through OpenSSL's libcrypto.
#include "weights/file/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"

namespace hdecomp {

std::string sha256_of_file(const std::string& path) {
  const FileBytes file(path);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(file.bytes().data(), file.bytes().size(), digest.data(), &size, EVP_sha256(),
                 nullptr) != 1) {
    throw Error("libcrypto: SHA-256 failed");
  }
  constexpr char hex[] = "0123456789abcdef";
  std::string result;
  for (unsigned int i = 0; i < size; ++i) {
    result += hex[digest[i] >> 4];
    result += hex[digest[i] & 15];
  }
  return result;
}

}  // namespace hdecomp
