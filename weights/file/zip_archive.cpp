/// Zip archives in memory.
#include "weights/file/zip_archive.h"

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {

ZipArchive::ZipArchive(std::span<const uint8_t> bytes, const std::string& path) : path_(path) {
  zip_error_t fault;
  zip_error_init(&fault);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &fault);
  if (source != nullptr) archive_.reset(zip_open_from_source(source, ZIP_RDONLY, &fault));
  if (archive_ == nullptr) {
    if (source != nullptr) zip_source_free(source);
    const std::string reason = zip_error_strerror(&fault);
    zip_error_fini(&fault);
    refuse(joined("cannot be read as a zip archive (", reason, "): it is damaged or cut short"));
  }
  zip_error_fini(&fault);
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<zip_uint64_t>(i);
    const char* name = zip_get_name(archive_.get(), index, ZIP_FL_ENC_RAW);
    if (name == nullptr) refuse("the zip archive has an entry without a name: it is damaged");
    if (!indices_.emplace(name, index).second) {
      refuse(joined("the zip archive has two entries ", in_quotes(name)));
    }
  }
}

void ZipArchive::refuse(const std::string& why) const { throw UserError(joined(path_, ": ", why)); }

std::vector<uint8_t> ZipArchive::read(const std::string& name, uint64_t most) const {
  const auto found = indices_.find(name);
  if (found == indices_.end()) {
    refuse(joined("the zip archive has no entry ", in_quotes(name), ": it is damaged"));
  }
  zip_stat_t status;
  if (zip_stat_index(archive_.get(), found->second, 0, &status) != 0 ||
      (status.valid & ZIP_STAT_SIZE) == 0) {
    refuse(joined("the zip archive's entry ", in_quotes(name), " has no size: it is damaged"));
  }
  if (status.size > most) {
    refuse(joined("the zip archive's entry ", in_quotes(name), " claims ", status.size,
                  " bytes where at most ", most, " belong: it is damaged"));
  }
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> entry(
      zip_fopen_index(archive_.get(), found->second, 0), zip_fclose);
  std::vector<uint8_t> bytes(status.size);
  uint8_t extra = 0;
  // Reading on at the end makes libzip compare the checksum, and shows an entry longer than it
  // says.
  const bool good = entry != nullptr &&
                    zip_fread(entry.get(), bytes.data(), bytes.size()) ==
                        static_cast<zip_int64_t>(bytes.size()) &&
                    zip_fread(entry.get(), &extra, 1) == 0;
  if (!good) {
    refuse(joined("the zip archive's entry ", in_quotes(name),
                  " cannot be read or fails its checksum: the file is damaged or cut short"));
  }
  return bytes;
}

}  // namespace hdecomp
