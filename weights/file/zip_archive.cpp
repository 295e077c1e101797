/// Zip archives in memory.
#include "weights/file/zip_archive.h"

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {

ZipArchive::ZipArchive(std::span<const uint8_t> bytes, const std::string& path) : path_(path) {
  std::string reason;
  archive_ = open_zip(bytes, reason);
  if (archive_ == nullptr) {
    refuse(joined("cannot be read as a zip archive (", reason, "): it is damaged or cut short"));
  }
  for (uint64_t i = 0; i < archive_->count(); ++i) {
    const std::optional<std::string> name = archive_->name(i);
    if (!name) refuse("the zip archive has an entry without a name: it is damaged");
    if (!indices_.emplace(*name, i).second) {
      refuse(joined("the zip archive has two entries ", in_quotes(*name)));
    }
  }
}

void ZipArchive::refuse(const std::string& why) const { throw UserError(joined(path_, ": ", why)); }

std::vector<uint8_t> ZipArchive::read(const std::string& name, uint64_t most) const {
  const auto found = indices_.find(name);
  if (found == indices_.end()) {
    refuse(joined("the zip archive has no entry ", in_quotes(name), ": it is damaged"));
  }
  const std::optional<uint64_t> size = archive_->size(found->second);
  if (!size) {
    refuse(joined("the zip archive's entry ", in_quotes(name), " has no size: it is damaged"));
  }
  if (*size > most) {
    refuse(joined("the zip archive's entry ", in_quotes(name), " claims ", *size,
                  " bytes where at most ", most,
                  " belong: it is damaged, or holds more than weights"));
  }
  std::vector<uint8_t> bytes(*size);
  if (!archive_->read(found->second, bytes)) {
    refuse(joined("the zip archive's entry ", in_quotes(name),
                  " cannot be read or fails its checksum: the file is damaged or cut short"));
  }
  return bytes;
}

}  // namespace hdecomp
