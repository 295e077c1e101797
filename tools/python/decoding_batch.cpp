/// The next images of a batch, decoded on threads of their own.
#include "tools/python/decoding_batch.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp::python {
namespace {

bool is_there(const ComingImage& one) { return one.path.empty() && one.bytes.empty(); }

void decode(ComingImage& one) noexcept {
  if (is_there(one)) return;
  try {
    const auto* first = reinterpret_cast<const uint8_t*>(one.bytes.data());
    one.image = one.path.empty() ? Image::decode({first, one.bytes.size()}, "image in memory")
                                 : Image::load(one.path);
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
      std::ranges::count_if(images_, [](const ComingImage& one) { return !is_there(one); });
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
