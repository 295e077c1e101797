/// torch.save's zip archive: PREFIX/data.pkl, the pickle, and PREFIX/data/KEY, the storages.
#include <vector>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/file/zip_archive.h"
#include "weights/torch/torch_file.h"
#include "weights/torch/torch_formats.h"

namespace hdecomp {
namespace {

constexpr uint64_t max_pickle_bytes = uint64_t{64} << 20;

/// PREFIX/ of the one entry PREFIX/data.pkl.
std::string prefix_of(const ZipArchive& archive) {
  constexpr std::string_view pickle = "data.pkl";
  std::string found;
  for (const auto& [name, index] : archive.entries()) {
    const std::string_view all(name);
    if (!all.ends_with(joined("/", pickle)) || all.find('/') != all.rfind('/')) continue;
    if (!found.empty()) archive.refuse("the zip archive has two entries data.pkl");
    found = all.substr(0, all.size() - pickle.size());
  }
  if (found.empty())
    archive.refuse("a zip archive without data.pkl; give a file that torch.save wrote");
  return found;
}

}  // namespace

TensorFile read_torch_zip(const std::string& path, const std::string& key) {
  const FileBytes file(path);
  const uint64_t file_bytes = file.bytes().size();
  const ZipArchive archive(file.bytes(), path);
  const std::string prefix = prefix_of(archive);
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
  // Entries are stored as they are, or in rare cases compressed; weights hardly shrink.
  uint64_t left = (uint64_t{1} << 20) + 8 * file_bytes;
  return gather_state_dict(pickle, {path, key, file_bytes}, [&](const TorchStorage& storage) {
    if (!holding || held_key != storage.key) {
      held = archive.read(joined(prefix, "data/", storage.key), left);
      left -= held.size();
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
