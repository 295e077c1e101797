/// News as bytes: each crop once, though several channels may be at their best in one place.
#include "runtime/patches/patch_bytes.h"

#include <map>

#include "runtime/results/packed_bytes.h"

namespace hdecomp {
namespace {

using Crop = std::shared_ptr<const std::vector<uint8_t>>;

// What is packed of each, in its order; its list or its crop is put behind it.
template <class Image, class Each>
void each_number(Image& image, const Each& each) {
  each(image.image);
  each(image.state);
  each(image.decision);
  each(image.pixels);
}
template <class Found, class Each>
void each_number_found(Found& found, const Each& each) {
  each(found.layer);
  each(found.channel);
  each(found.patch.image);
  each(found.patch.value);
  each(found.patch.y);
  each(found.patch.x);
  each(found.patch.box);
}

}  // namespace

std::vector<uint8_t> packed(const PatchNews& news) {
  PackedBytes out;
  const auto put = [&](const auto& number) { out.put(number); };
  out.put(uint64_t{news.images.size()});
  for (const PatchImage& image : news.images) {
    each_number(image, put);
    out.put_list(image.error);
  }
  std::map<const void*, uint64_t> numbers;
  std::vector<Crop> crops;
  for (const PatchNews::Found& found : news.found) {
    const Crop& crop = found.patch.crop;
    if (numbers.try_emplace(crop.get(), crops.size()).second) crops.push_back(crop);
  }
  out.put(uint64_t{crops.size()});
  for (const Crop& crop : crops) out.put_list(*crop);
  for (const PatchNews::Found& found : news.found) {
    each_number_found(found, put);
    out.put(numbers.at(found.patch.crop.get()));
  }
  return out.take_bytes();
}

PatchNews unpacked_news(std::span<const uint8_t> bytes) {
  PackedReader in(bytes);
  const auto take = [&](auto& number) { in.take(number); };
  PatchNews news;
  uint64_t images = 0, count = 0;
  in.take(images);
  for (uint64_t i = 0; i < images; ++i) {
    PatchImage& image = news.images.emplace_back();
    each_number(image, take);
    in.take_list(image.error);
  }
  in.take(count);
  std::vector<Crop> crops;
  for (uint64_t i = 0; i < count; ++i) {
    std::vector<uint8_t> crop;
    in.take_list(crop);
    crops.push_back(std::make_shared<const std::vector<uint8_t>>(std::move(crop)));
  }
  while (!in.at_end()) {
    PatchNews::Found& found = news.found.emplace_back();
    uint64_t crop = 0;
    each_number_found(found, take);
    in.take(crop);
    if (crop >= crops.size()) throw Error("packed patches name a crop that is not there");
    found.patch.crop = crops[crop];
  }
  return news;
}

}  // namespace hdecomp
