/// Entries of a zip archive through libzip.
#include <zip.h>

#include "weights/file/zip_entries.h"

namespace hdecomp {
namespace {

class LibzipEntries final : public ZipEntries {
 public:
  explicit LibzipEntries(zip_t* archive) : archive_(archive, zip_discard) {}

  uint64_t count() const override {
    return static_cast<uint64_t>(zip_get_num_entries(archive_.get(), 0));
  }
  std::optional<std::string> name(uint64_t entry) const override {
    const char* name = zip_get_name(archive_.get(), entry, ZIP_FL_ENC_RAW);
    if (name == nullptr) return {};
    return name;
  }
  std::optional<uint64_t> size(uint64_t entry) const override {
    zip_stat_t status;
    if (zip_stat_index(archive_.get(), entry, 0, &status) != 0) return {};
    if ((status.valid & ZIP_STAT_SIZE) == 0) return {};
    return status.size;
  }
  bool read(uint64_t entry, std::span<uint8_t> to) const override {
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
        zip_fopen_index(archive_.get(), entry, 0), zip_fclose);
    uint8_t extra = 0;
    // Reading on at the end makes libzip compare the checksum, and shows an entry longer than it
    // says.
    return file != nullptr &&
           zip_fread(file.get(), to.data(), to.size()) == static_cast<zip_int64_t>(to.size()) &&
           zip_fread(file.get(), &extra, 1) == 0;
  }

 private:
  std::unique_ptr<zip_t, void (*)(zip_t*)> archive_;
};

}  // namespace

std::unique_ptr<ZipEntries> open_zip(std::span<const uint8_t> bytes, std::string& reason) {
  zip_error_t fault;
  zip_error_init(&fault);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &fault);
  zip_t* archive = nullptr;
  if (source != nullptr) archive = zip_open_from_source(source, ZIP_RDONLY, &fault);
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    reason = zip_error_strerror(&fault);
  }
  zip_error_fini(&fault);
  return archive == nullptr ? nullptr : std::make_unique<LibzipEntries>(archive);
}

}  // namespace hdecomp
