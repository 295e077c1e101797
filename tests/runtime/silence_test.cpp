/// The library prints nothing, whatever it is given, and lets no library under it print.
#include <gtest/gtest.h>

#include "hdecomp/hdecomp.h"
#include "tests/support/hostile_files.h"
#include "tests/support/image_bytes.h"
#include "tests/support/places.h"

namespace hdecomp {
namespace {

using namespace file_testing;

/// Many broken forms of a file; how many of them are refused.
template <class Read>
int refused(const Bytes& good, const Read& read) {
  int count = 0;
  for (size_t i = 0; i < 60; ++i) {
    Bytes bytes = good;
    bytes[bytes.size() * i / 60] ^= 0x55;
    if (i % 3 == 0) bytes.resize(bytes.size() * (i + 1) / 61);
    try {
      read(bytes);
    } catch (const Error&) {
      ++count;
    }
  }
  return count;
}

TEST(Silence, NothingIsPrintedOfGoodFilesAndBadOnes) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const Model model = Model::bundled("vgg16-slim");
  Explainer explainer(model, {"cpu"});
  const Tree tree = explainer.explain(Image::load(photo_path("portrait.jpg")), {.depth = 1});
  int bad = refused(read_bytes(Model::bundled_path("vgg16-slim")),
                    [](const Bytes& bytes) { Model::load(bytes); });
  const Bytes pixels(3 * 8 * 8, 77);
  for (const Bytes& good : {tiff(8, 8, 8, 3, 2, pixels), png(8, 8, 8, 2, Bytes(8 * 25, 0)),
                            read_bytes(photo_path("chelsea.jpg"))}) {
    bad += refused(good, [](const Bytes& bytes) { Image::decode(bytes, "broken"); });
  }
  const std::string err = testing::internal::GetCapturedStderr();
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_EQ(err, "");
  EXPECT_EQ(out, "");
  EXPECT_GT(bad, 60);
  EXPECT_EQ(tree.decision.name, "faces_easy");
}

}  // namespace
}  // namespace hdecomp
