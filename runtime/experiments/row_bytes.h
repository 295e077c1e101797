/// Rows of results as bytes, from rank to rank of one run.
#pragma once

#include <cstring>
#include <vector>

#include "hdecomp/error.h"
#include "hdecomp/results_file.h"

namespace hdecomp {

class RowBytes {
 public:
  static std::vector<uint8_t> pack(const std::vector<ResultRow>& rows) {
    RowBytes out;
    for (const ResultRow& row : rows) {
      out.put(&row.image, 1);
      out.put(&row.state, 1);
      out.put(&row.decision, 1);
      out.put_list(row.values);
      out.put_list(row.error);
    }
    return std::move(out.bytes_);
  }

  static std::vector<ResultRow> unpack(std::vector<uint8_t> bytes) {
    RowBytes in;
    in.bytes_ = std::move(bytes);
    std::vector<ResultRow> rows;
    while (in.at_ < in.bytes_.size()) {
      ResultRow& row = rows.emplace_back();
      in.take(&row.image, 1);
      in.take(&row.state, 1);
      in.take(&row.decision, 1);
      in.take_list(row.values);
      in.take_list(row.error);
    }
    return rows;
  }

 private:
  template <class T>
  void put(const T* data, size_t count) {
    const auto* begin = reinterpret_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), begin, begin + count * sizeof(T));
  }
  template <class List>
  void put_list(const List& list) {
    const uint64_t size = list.size();
    put(&size, 1);
    put(list.data(), list.size());
  }
  template <class T>
  void take(T* data, size_t count) {
    if (count > (bytes_.size() - at_) / sizeof(T)) throw Error("rows came cut short");
    std::memcpy(data, bytes_.data() + at_, count * sizeof(T));
    at_ += count * sizeof(T);
  }
  template <class List>
  void take_list(List& list) {
    uint64_t size = 0;
    take(&size, 1);
    if (size > bytes_.size()) throw Error("rows came cut short");
    list.resize(size);
    take(list.data(), size);
  }

  std::vector<uint8_t> bytes_;
  size_t at_ = 0;
};

}  // namespace hdecomp
