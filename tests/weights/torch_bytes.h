/// Writes files as torch.save does, in both of its formats, honest or hostile.
#pragma once

#include <zip.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/weights/pickle_bytes.h"

namespace hdecomp::file_testing {

/// A tensor as a file describes it; nothing here has to be consistent.
struct TorchEntry {
  std::string name;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
  int64_t offset = 0;
  std::string storage_type = "FloatStorage";
  std::string key = "0";
  int64_t storage_elements = 0;
  std::string flag = "";  // set in PyTorch 2's seventh argument
};

/// Adds a call of _rebuild_tensor_v2. `legacy`: the persistent id has a sixth item.
inline void add_tensor(PickleBytes& pickle, const TorchEntry& entry, bool legacy) {
  pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
  pickle.mark().string("storage").global("torch", entry.storage_type).string(entry.key);
  pickle.string("cpu").integer(entry.storage_elements);
  if (legacy) pickle.none();
  pickle.tuple().raw("Q").integer(entry.offset).integers(entry.sizes).integers(entry.strides);
  pickle.boolean(false).ordered_dict();
  if (!entry.flag.empty()) pickle.raw("}").string(entry.flag).boolean(true).raw("s");
  pickle.tuple().call();
}

/// Adds an OrderedDict of the tensors.
inline void add_state_dict(PickleBytes& pickle, const std::vector<TorchEntry>& entries,
                           bool legacy) {
  pickle.ordered_dict().mark();
  for (const TorchEntry& entry : entries) {
    pickle.string(entry.name);
    add_tensor(pickle, entry, legacy);
  }
  pickle.raw("u");
}

inline Bytes state_dict_pickle(const std::vector<TorchEntry>& entries, bool legacy) {
  PickleBytes pickle;
  add_state_dict(pickle, entries, legacy);
  return pickle.bytes();
}

template <class T>
Bytes elements(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

using ZipEntries = std::vector<std::pair<std::string, Bytes>>;

inline void write_zip(const std::string& path, const ZipEntries& entries,
                      int compression = ZIP_CM_STORE) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  ASSERT_NE(archive, nullptr);
  for (const auto& [name, bytes] : entries) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, 0);
    ASSERT_GE(index, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), compression, 0);
  }
  ASSERT_EQ(zip_close(archive), 0);
}

/// The archive of a pickle and its storages by key.
inline void write_torch_zip(const std::string& path, const Bytes& pickle,
                            const std::map<std::string, Bytes>& storages) {
  ZipEntries entries = {{"net/data.pkl", pickle},
                        {"net/byteorder", elements<char>({'l', 'i', 't', 't', 'l', 'e'})}};
  for (const auto& [key, bytes] : storages) entries.emplace_back("net/data/" + key, bytes);
  write_zip(path, entries);
}

struct LegacyStorage {
  std::string key;
  int64_t elements = 0;  // as the file says
  Bytes bytes;
};

inline void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

/// The stream of a pickle and its storages, in their order.
inline Bytes legacy_stream(const Bytes& pickle, const std::vector<LegacyStorage>& storages,
                           bool little_endian = true, int64_t version = 1001) {
  Bytes all = {0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
  append(all, PickleBytes().integer(version).bytes());
  append(all,
         PickleBytes().raw("}").string("little_endian").boolean(little_endian).raw("s").bytes());
  append(all, pickle);
  PickleBytes keys;
  keys.raw("](");
  for (const LegacyStorage& storage : storages) keys.string(storage.key);
  append(all, keys.raw("e").bytes());
  for (const LegacyStorage& storage : storages) {
    append(all, elements<int64_t>({storage.elements}));
    append(all, storage.bytes);
  }
  return all;
}

}  // namespace hdecomp::file_testing
