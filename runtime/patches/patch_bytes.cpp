/// News as bytes: each crop once, though several channels may be at their best in one place.
#include "runtime/patches/patch_bytes.h"

#include <map>

#include "runtime/results/packed_bytes.h"

namespace hdecomp {
namespace {

using Crop = std::shared_ptr<const std::vector<uint8_t>>;

}  // namespace

std::vector<uint8_t> packed(const PatchNews& news) {
  PackedBytes out;
  out.put(uint64_t{news.images.size()});
  for (const PatchImage& image : news.images) {
    out.put(image.image);
    out.put(image.state);
    out.put(image.decision);
    out.put(image.pixels);
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
    const Patch& patch = found.patch;
    out.put(found.layer);
    out.put(found.channel);
    out.put(patch.image);
    out.put(patch.value);
    out.put(patch.y);
    out.put(patch.x);
    out.put(patch.box);
    out.put(numbers.at(patch.crop.get()));
  }
  return out.take_bytes();
}

PatchNews unpacked_news(std::span<const uint8_t> bytes) {
  PackedReader in(bytes);
  PatchNews news;
  uint64_t images = 0, count = 0;
  in.take(images);
  for (uint64_t i = 0; i < images; ++i) {
    PatchImage& image = news.images.emplace_back();
    in.take(image.image);
    in.take(image.state);
    in.take(image.decision);
    in.take(image.pixels);
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
    Patch& patch = found.patch;
    uint64_t crop = 0;
    in.take(found.layer);
    in.take(found.channel);
    in.take(patch.image);
    in.take(patch.value);
    in.take(patch.y);
    in.take(patch.x);
    in.take(patch.box);
    in.take(crop);
    if (crop >= crops.size()) throw Error("packed patches name a crop that is not there");
    patch.crop = crops[crop];
  }
  return news;
}

}  // namespace hdecomp
