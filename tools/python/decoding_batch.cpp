/// The next images of a batch, decoded on threads of their own.
#include "tools/python/decoding_batch.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp::python {
namespace {

void decode(ComingImage& one) noexcept {
  if (!one.file) return;
  try {
    one.image = one.file->read();
  } catch (const UserError& fault) {
    one.error = fault.what();
  } catch (...) {
    one.fault = std::current_exception();
  }
}

}  // namespace

DecodingBatch::DecodingBatch(std::vector<ComingImage> images, int threads)
    : images_(std::move(images)) {
  const int64_t coming =
      std::ranges::count_if(images_, [](const ComingImage& one) { return one.file.has_value(); });
  for (int64_t i = 0; i < std::min<int64_t>(threads, coming); ++i) {
    decoders_.emplace_back([this] { work(); });
  }
}

std::vector<ComingImage>& DecodingBatch::images() {
  decoders_.clear();  // joins
  return images_;
}

void DecodingBatch::work() {
  for (size_t i = next_++; i < images_.size(); i = next_++) decode(images_[i]);
}

}  // namespace hdecomp::python
