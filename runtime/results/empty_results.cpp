/// Rows that are pending take no memory: HDF5 is told of them, not given them.
#include "runtime/results/empty_results.h"

#include <algorithm>
#include <limits>

#include "runtime/results/results_layout.h"
#include "weights/file/atomic_file.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_sparse.h"

namespace hdecomp {
namespace {

/// More than the file of a plan can have.
int64_t most_bytes(const ResultsPlan& plan) {
  size_t longest = 0, items = plan.fields.size() + plan.options.size() + plan.steps.size();
  for (const auto* list : {&plan.images, &plan.steps}) {
    for (const std::string& name : *list) longest = std::max(longest, name.size());
  }
  for (const auto& [name, value] : plan.options) longest = std::max(longest, value.size());
  constexpr int64_t head = int64_t{1} << 20, of_item = 4096, of_image = 16;
  return head + std::ssize(plan.images) * (plan.row_size() * 4 + of_image) +
         static_cast<int64_t>((plan.images.size() + items) * longest) +
         static_cast<int64_t>(items) * of_item;
}

/// Everything but the rows, which have their places, in order.
std::vector<SparseHdf5::Range> write_head(SparseHdf5& sparse, const ResultsPlan& plan) {
  const hid_t file = sparse.file();
  write_attribute(file, "format", std::string(results_format));
  write_attribute(file, "format_version", results_version);
  write_attribute(file, "experiment", plan.experiment);
  write_attribute(file, "model_sha256", plan.model);
  const H5Handle options = create_group(file, "options");
  for (const auto& [name, value] : plan.options) write_attribute(options, name, value);
  write_strings(file, "steps", plan.steps);
  write_strings(file, "images", plan.images);
  const hsize_t images = plan.images.size();
  const std::vector<uint8_t> pending(images, 0);
  const std::vector<int32_t> undecided(images, -1);
  write_dataset(file, "labels", {images}, H5T_STD_I32LE, H5T_NATIVE_INT32, plan.labels.data());
  write_dataset(file, "state", {images}, H5T_STD_U8LE, H5T_NATIVE_UINT8, pending.data());
  write_dataset(file, "decision", {images}, H5T_STD_I32LE, H5T_NATIVE_INT32, undecided.data());
  const H5Handle values = create_group(file, "values");
  std::vector<SparseHdf5::Range> rows;
  for (const ResultField& field : plan.fields) {
    rows.push_back(sparse.reserve(values, field.name, H5T_IEEE_F32LE, extent_of(plan, field)));
  }
  std::ranges::sort(rows, {}, &SparseHdf5::Range::begin);
  return rows;
}

constexpr int64_t piece = int64_t{1} << 20;  // bytes

void copy_range(const SparseHdf5& from, SparseHdf5::Range range, const ByteSink& sink) {
  std::vector<uint8_t> bytes;
  for (; range.size() > 0; range.begin += std::ssize(bytes)) {
    bytes.resize(static_cast<size_t>(std::min(piece, range.size())));
    from.read(range.begin, bytes);
    sink(bytes);
  }
}

/// Numbers that are not there yet.
void write_nans(int64_t bytes, const ByteSink& sink) {
  static const std::vector<float> nans(piece / sizeof(float),
                                       std::numeric_limits<float>::quiet_NaN());
  const auto* data = reinterpret_cast<const uint8_t*>(nans.data());
  for (; bytes > 0; bytes -= std::min(piece, bytes)) {
    sink({data, static_cast<size_t>(std::min(piece, bytes))});
  }
}

}  // namespace

void write_empty_results(const std::string& path, const ResultsPlan& plan) {
  const SilentHdf5 silent;
  SparseHdf5 sparse(path, most_bytes(plan));
  const std::vector<SparseHdf5::Range> rows = write_head(sparse, plan);
  write_file_atomically(
      path,
      [&](const ByteSink& sink) {
        const int64_t size = sparse.finish();
        int64_t at = 0;
        for (const SparseHdf5::Range& range : rows) {
          copy_range(sparse, {at, range.begin}, sink);
          write_nans(range.size(), sink);
          at = range.end;
        }
        copy_range(sparse, {at, size}, sink);
      },
      Existing::keep);
}

}  // namespace hdecomp
