/// torch.save's older format: five pickles, one after the other, then the storages.
#include <cstring>
#include <map>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/torch/torch_file.h"
#include "weights/torch/torch_formats.h"
#include "weights/torch/torch_magic.h"

namespace hdecomp {
namespace {

constexpr int64_t protocol_version = 1001;

class LegacyReader {
 public:
  LegacyReader(std::span<const uint8_t> bytes, const std::string& path)
      : bytes_(bytes), path_(path) {}

  TensorFile read(const std::string& wanted);

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UserError(joined(path_, ": ", why));
  }
  Pickle next_pickle();
  void check_version(const PickleValue& version) const;
  void check_machine(const PickleValue& machine) const;
  std::map<std::string, TorchStorage> list_storages(const Pickle& pickle) const;
  void locate(const std::string& key, const TorchStorage& storage);

  std::span<const uint8_t> bytes_;  // of the whole file
  const std::string& path_;
  size_t position_ = 0;
  std::map<std::string, std::span<const uint8_t>> located_;
};

Pickle LegacyReader::next_pickle() {
  Pickle pickle(bytes_.subspan(position_), path_);
  position_ += pickle.size();
  return pickle;
}

void LegacyReader::check_version(const PickleValue& version) const {
  const int64_t* number = std::get_if<int64_t>(&version);
  if (number == nullptr || *number != protocol_version) {
    refuse(joined("not version ", protocol_version, " of torch.save's stream; save the file anew"));
  }
}

void LegacyReader::check_machine(const PickleValue& machine) const {
  const PickleNode* dict = as_node(machine, PickleKind::dict);
  const PickleValue* little = dict != nullptr ? find_key(*dict, "little_endian") : nullptr;
  const bool* truth = little != nullptr ? std::get_if<bool>(little) : nullptr;
  if (truth == nullptr) refuse("does not say its byte order: it is damaged");
  if (!*truth) refuse("saved on a big-endian machine; only little-endian is read");
}

std::map<std::string, TorchStorage> LegacyReader::list_storages(const Pickle& pickle) const {
  std::map<std::string, TorchStorage> storages;
  for (const PickleNode& node : pickle.nodes()) {
    if (node.kind != PickleKind::persistent) continue;
    TorchStorage storage = parse_storage(node, path_);
    const auto [entry, fresh] = storages.emplace(storage.key, storage);
    if (!fresh &&
        (entry->second.type != storage.type || entry->second.elements != storage.elements)) {
      refuse(joined("storage ", in_quotes(storage.key), " has two types or sizes: it is damaged"));
    }
  }
  return storages;
}

// A storage is its number of elements as 64 bits, then the elements.
void LegacyReader::locate(const std::string& key, const TorchStorage& storage) {
  int64_t elements = -1;
  const auto rest = bytes_.subspan(position_);
  if (rest.size() >= sizeof elements) std::memcpy(&elements, rest.data(), sizeof elements);
  if (elements != storage.elements || rest.size() - sizeof elements < storage.bytes()) {
    refuse(joined("storage ", in_quotes(key), " of ", storage.elements,
                  " elements is not all there: the file is damaged or cut short"));
  }
  if (!located_.emplace(key, rest.subspan(sizeof elements, storage.bytes())).second) {
    refuse(joined("storage ", in_quotes(key), " comes twice: the file is damaged"));
  }
  position_ += sizeof elements + storage.bytes();
}

TensorFile LegacyReader::read(const std::string& wanted) {
  if (!has_torch_magic(bytes_)) refuse("does not begin as torch.save's stream does");
  position_ = torch_magic.size();
  check_version(next_pickle().root());
  const Pickle machine = next_pickle();
  check_machine(machine.root());
  const Pickle object = next_pickle();
  const Pickle key_list = next_pickle();
  const PickleNode* keys = as_node(key_list.root(), PickleKind::list);
  if (keys == nullptr) refuse("has no list of storages: it is damaged");

  const std::map<std::string, TorchStorage> storages = list_storages(object);
  for (const PickleValue& item : keys->items) {
    const std::string_view* key = std::get_if<std::string_view>(&item);
    const auto storage = key != nullptr ? storages.find(std::string(*key)) : storages.end();
    if (storage == storages.end()) refuse("lists a storage of no tensor: it is damaged");
    locate(storage->first, storage->second);
  }
  return gather_state_dict(
      object, {path_, wanted, bytes_.size()}, [&](const TorchStorage& storage) {
        const auto found = located_.find(storage.key);
        if (found == located_.end()) {
          refuse(joined("storage ", in_quotes(storage.key), " is missing: the file is damaged"));
        }
        return found->second;
      });
}

}  // namespace

TensorFile read_torch_legacy(const std::string& path, const std::string& key) {
  const FileBytes file(path);
  return LegacyReader(file.bytes(), path).read(key);
}

}  // namespace hdecomp
