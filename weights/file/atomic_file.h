/// Writing a file so that it appears whole or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "hdecomp/error.h"

namespace hdecomp {

/// What becomes of a file that has the name already.
enum class Existing { replace, keep };
/// It was to be kept.
class FileExists : public UserError {
 public:
  using UserError::UserError;
};

/// Writes `bytes` to a temporary file in the same folder, then renames it to `path`; a file of that
/// name is replaced, a link is followed. Throws UserError that names the file and the reason; no
/// temporary file and no part of a file stays behind.
void write_file_atomically(const std::string& path, std::span<const uint8_t> bytes);

/// Takes the next bytes of a file.
using ByteSink = std::function<void(std::span<const uint8_t>)>;
/// The same for a file that need not fit into memory: `write` hands all of its bytes to the sink,
/// in order. What it throws leaves nothing behind either. Throws FileExists where `existing` says
/// keep and there is a file of that name, even one that another process made meanwhile.
void write_file_atomically(const std::string& path,
                           const std::function<void(const ByteSink&)>& write,
                           Existing existing = Existing::replace);

}  // namespace hdecomp
