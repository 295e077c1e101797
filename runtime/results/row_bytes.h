/// Rows of results as bytes, from rank to rank of one run.
#pragma once

#include <vector>

#include "hdecomp/results_file.h"
#include "runtime/results/packed_bytes.h"

namespace hdecomp {

struct RowBytes {
  static std::vector<uint8_t> pack(const std::vector<ResultRow>& rows) {
    PackedBytes out;
    for (const ResultRow& row : rows) {
      out.put(row.image);
      out.put(row.state);
      out.put(row.decision);
      out.put_list(row.values);
      out.put_list(row.error);
    }
    return out.take_bytes();
  }

  static std::vector<ResultRow> unpack(const std::vector<uint8_t>& bytes) {
    PackedReader in(bytes);
    std::vector<ResultRow> rows;
    while (!in.at_end()) {
      ResultRow& row = rows.emplace_back();
      in.take(row.image);
      in.take(row.state);
      in.take(row.decision);
      in.take_list(row.values);
      in.take_list(row.error);
    }
    return rows;
  }
};

}  // namespace hdecomp
