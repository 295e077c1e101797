/// torch.save's zip archive: PREFIX/data.pkl, the pickle, and PREFIX/data/KEY, the storages.
#include <zip.h>

#include <map>
#include <memory>
#include <vector>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/torch/torch_file.h"
#include "weights/torch/torch_formats.h"

namespace hdecomp {
namespace {

constexpr uint64_t max_pickle_bytes = uint64_t{64} << 20;

class Archive {
 public:
  Archive(std::span<const uint8_t> bytes, const std::string& path);

  bool has(const std::string& name) const { return indices_.count(name) > 0; }
  /// PREFIX/ of the one entry PREFIX/data.pkl.
  std::string prefix() const;
  /// The inflated bytes of an entry, which must be at most `most`.
  std::vector<uint8_t> read(const std::string& name, uint64_t most) const;

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(path_, ": ", why));
  }

  std::string path_;
  std::unique_ptr<zip_t, void (*)(zip_t*)> archive_{nullptr, zip_discard};
  std::map<std::string, zip_uint64_t> indices_;
};

Archive::Archive(std::span<const uint8_t> bytes, const std::string& path) : path_(path) {
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

std::string Archive::prefix() const {
  constexpr std::string_view pickle = "data.pkl";
  std::string found;
  for (const auto& [name, index] : indices_) {
    const std::string_view all(name);
    if (!all.ends_with(joined("/", pickle)) || all.find('/') != all.rfind('/')) continue;
    if (!found.empty()) refuse("the zip archive has two entries data.pkl");
    found = all.substr(0, all.size() - pickle.size());
  }
  if (found.empty()) refuse("a zip archive without data.pkl; give a file that torch.save wrote");
  return found;
}

std::vector<uint8_t> Archive::read(const std::string& name, uint64_t most) const {
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

}  // namespace

TensorFile read_torch_zip(const std::string& path, const std::string& key) {
  const FileBytes file(path);
  const uint64_t file_bytes = file.bytes().size();
  const Archive archive(file.bytes(), path);
  const std::string prefix = archive.prefix();
  if (archive.has(prefix + "byteorder")) {
    const std::vector<uint8_t> order = archive.read(prefix + "byteorder", 16);
    if (std::string(order.begin(), order.end()) != "little") {
      throw UserError(joined(path, ": saved on a big-endian machine; only little-endian is read"));
    }
  }
  const std::vector<uint8_t> pickle_bytes = archive.read(prefix + "data.pkl", max_pickle_bytes);
  const Pickle pickle(pickle_bytes, path);

  std::string held_key;
  std::vector<uint8_t> held;
  bool holding = false;
  return gather_state_dict(pickle, {path, key, file_bytes}, [&](const TorchStorage& storage) {
    if (!holding || held_key != storage.key) {
      // An entry is stored as it is, or in rare cases compressed; weights hardly shrink.
      const uint64_t most = (uint64_t{1} << 20) + 8 * file_bytes;
      held = archive.read(joined(prefix, "data/", storage.key), most);
      held_key = storage.key;
      holding = true;
    }
    if (held.size() < storage.bytes()) {
      throw UserError(joined(path, ": storage ", in_quotes(storage.key), " has ", held.size(),
                             " bytes of ", storage.bytes(), ": the file is damaged"));
    }
    return std::span<const uint8_t>(held);
  });
}

}  // namespace hdecomp
