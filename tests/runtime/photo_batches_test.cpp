/// PhotoBatches: full batches in the list's order, what cannot be read beside them.
#include "hdecomp/photo_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/hostile_files.h"
#include "tests/support/places.h"

namespace hdecomp {
namespace {

using ::testing::ElementsAre;

/// A list by letters: 'a' a photograph, 'x' a file that is none.
std::vector<std::string> files(const std::string& letters) {
  const std::string bad = file_testing::temporary_path(".jpg");
  file_testing::write_bytes(bad, {'x'});
  std::vector<std::string> paths;
  for (const char letter : letters) {
    paths.push_back(letter == 'a' ? photo_path("chelsea.jpg") : bad);
  }
  return paths;
}

std::vector<size_t> unreadable(const PhotoBatch& batch) {
  std::vector<size_t> indexes;
  for (const auto& [index, why] : batch.unreadable) {
    indexes.push_back(index);
    file_testing::expect_line(why, ".jpg");
  }
  return indexes;
}

TEST(PhotoBatches, AreFullWhateverCannotBeRead) {
  PhotoBatches batches(files("axaxxaaax"), 2);
  std::optional<PhotoBatch> batch = batches.next();
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->indexes, ElementsAre(0, 2));
  EXPECT_THAT(unreadable(*batch), ElementsAre(1));
  ASSERT_EQ(batch->photos.size(), 2u);
  EXPECT_EQ(batch->decode_ms.size(), 2u);
  EXPECT_EQ(batch->photos[0].rgb, batch->photos[1].rgb);
  batch = batches.next();
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->indexes, ElementsAre(5, 6));
  EXPECT_THAT(unreadable(*batch), ElementsAre(3, 4));
  batch = batches.next();
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->indexes, ElementsAre(7));
  EXPECT_THAT(unreadable(*batch), ElementsAre(8));
  EXPECT_FALSE(batches.next());
  EXPECT_FALSE(batches.next());
}

TEST(PhotoBatches, AreTheSameWhoeverDecodes) {
  for (const bool beside : {true, false}) {
    PhotoBatches batches(files("aaxaxa"), 3, {2, beside});
    std::vector<size_t> indexes;
    while (const std::optional<PhotoBatch> batch = batches.next()) {
      indexes.insert(indexes.end(), batch->indexes.begin(), batch->indexes.end());
    }
    EXPECT_THAT(indexes, ElementsAre(0, 1, 3, 5)) << beside;
  }
}

TEST(PhotoBatches, TheLastOneMayBeOfUnreadableFilesAlone) {
  PhotoBatches batches(files("aax"), 2);
  EXPECT_EQ(batches.next()->photos.size(), 2u);
  const std::optional<PhotoBatch> last = batches.next();
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->photos.empty());
  EXPECT_THAT(unreadable(*last), ElementsAre(2));
  EXPECT_FALSE(batches.next());
}

}  // namespace
}  // namespace hdecomp
