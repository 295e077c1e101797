/// Errors and sizes of the C interface.
#include "runtime/c_api/handles.h"

#include <algorithm>
#include <new>
#include <string_view>

#include "hdecomp/argument_words.h"
#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "hdecomp/stopped.h"
#include "hdecomp/version.h"

namespace hdecomp::c_api {
namespace {

/// Of memory that no error can fail to get: a line that is longer is cut off.
thread_local char last_error[2048] = "";

bool continues_a_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0u) == 0x80u;
}

/// Where to cut a text that is longer than `most` bytes: not inside a character of UTF-8, which has
/// up to three bytes after its first. Of other bytes the cut may be anywhere.
size_t cut_of(std::string_view text, size_t most) {
  for (size_t back = 0; back <= 3; ++back) {
    if (!continues_a_character(text[most - back])) return most - back;
  }
  return most;
}

hdecomp_status note(hdecomp_status status, std::string_view line) noexcept {
  constexpr size_t most = sizeof last_error - 1;
  const size_t size = line.size() <= most ? line.size() : cut_of(line, most);
  std::copy_n(line.data(), size, last_error);
  last_error[size] = '\0';
  return status;
}

/// In the words of who calls, not of the command's flags.
hdecomp_status note_words(hdecomp_status status, const char* line) noexcept {
  try {
    return note(status, in_argument_words(line));
  } catch (...) {  // there is no memory for them
    return note(status, line);
  }
}

}  // namespace

hdecomp_status note_fault() noexcept {
  try {
    throw;
  } catch (const ImageError& fault) {
    return note_words(HDECOMP_WRONG_IMAGE, fault.what());
  } catch (const UserError& fault) {
    return note_words(HDECOMP_WRONG, fault.what());
  } catch (const Stopped& fault) {
    return note(HDECOMP_STOPPED, fault.what());
  } catch (const std::bad_alloc&) {
    return note(HDECOMP_FAILED, "out of memory");
  } catch (const std::exception& fault) {
    return note(HDECOMP_FAILED, fault.what());
  } catch (...) {
    return note(HDECOMP_FAILED, "an unknown failure");
  }
}

void require_size(size_t size, const char* name) {
  constexpr size_t most = 4096;
  if (size > sizeof(size_t) && size <= most) return;
  throw UserError(joined(name, ": struct_size is ", size, "; set it to the struct's sizeof"));
}

void require_zeros(std::span<const unsigned char> bytes, const char* name) {
  if (std::ranges::all_of(bytes, [](unsigned char byte) { return byte == 0; })) return;
  throw UserError(
      joined(name, ": a member is set that this library (", HDECOMP_VERSION, ") does not know"));
}

size_t choice_of(const char* what, const char* text, std::span<const char* const> names,
                 size_t otherwise) {
  if (text == nullptr) return otherwise;
  if (const auto found = choice_in(text, names)) return *found;
  throw UserError(joined(what, " '", text, "'; ", give_one_of(names)));
}

BaselineChoice baseline_of(const char* text, const hdecomp_means* means) {
  constexpr const char* names[] = {"zero", "mean", "means"};
  const auto baseline = static_cast<Baseline>(choice_of("baseline", text, names, 0));
  if (baseline != Baseline::data_set) return {baseline, {}};
  if (means == nullptr) throw UserError("baseline 'means': give the means");
  return {baseline, means->means};
}

AblationFill fill_of(const char* text, const hdecomp_means* means) {
  constexpr const char* names[] = {"mean", "zero", "means"};
  const auto fill = static_cast<AblationFill>(choice_of("fill", text, names, 0));
  if (fill == AblationFill::data_set && means == nullptr) {
    throw UserError("fill 'means': give the means");
  }
  return fill;
}

}  // namespace hdecomp::c_api

extern "C" {

const char* hdecomp_version(void) { return HDECOMP_VERSION; }
const char* hdecomp_last_error(void) { return hdecomp::c_api::last_error; }

const char* hdecomp_text_get(const hdecomp_text* text) {
  return text == nullptr ? "" : text->text.c_str();
}
void hdecomp_text_free(hdecomp_text* text) { delete text; }

const void* hdecomp_bytes_get(const hdecomp_bytes* bytes) {
  return bytes == nullptr ? nullptr : bytes->bytes.data();
}
size_t hdecomp_bytes_size(const hdecomp_bytes* bytes) {
  return bytes == nullptr ? 0 : bytes->bytes.size();
}
void hdecomp_bytes_free(hdecomp_bytes* bytes) { delete bytes; }

hdecomp_status hdecomp_stop_new(hdecomp_stop** stop) {
  return hdecomp::c_api::guarded([&] {
    hdecomp::c_api::required(stop, "stop");
    hdecomp::c_api::put(stop);
  });
}
void hdecomp_stop_request(hdecomp_stop* stop) {
  if (stop != nullptr) stop->source.request_stop();
}
void hdecomp_stop_free(hdecomp_stop* stop) { delete stop; }

}  // extern "C"
