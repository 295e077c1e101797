/// DecodeAhead: the order of the list whoever decodes, faults in their turn, a bounded look-ahead.
#include "hdecomp/decode_ahead.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "hdecomp/error.h"
#include "tests/support/temporary_files.h"

namespace hdecomp {
namespace {

/// Images of one pixel more each, every seventh broken: images[i] is i + 1 pixels wide.
std::vector<std::string> image_paths(int count) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) {
    paths.push_back(file_testing::temporary_path(joined("_", i, ".ppm")));
    std::ofstream file(paths.back(), std::ios::binary);
    file << (i % 7 == 3 ? "P9 " : "P6 ") << i + 1 << " 1 255\n" << std::string(3 * (i + 1), 'a');
  }
  return paths;
}

TEST(DecodeAhead, HandsOutTheListInItsOrder) {
  constexpr int count = 50;
  const std::vector<std::string> paths = image_paths(count);
  for (const Decoders& decoders : {Decoders(1), Decoders(2), Decoders(5), Decoders(1, false),
                                   Decoders(2, false), Decoders(5, false)}) {
    for (const size_t look_ahead : {1, 2, 64}) {
      SCOPED_TRACE(joined(decoders.threads, decoders.beside ? " threads beside, " : " threads, ",
                          look_ahead, " ahead"));
      DecodeAhead decoder(paths, look_ahead, decoders);
      for (int i = 0; i < count; ++i) {
        const std::optional<Decoded> decoded = decoder.next();
        ASSERT_TRUE(decoded);
        ASSERT_EQ(decoded->fault != nullptr, i % 7 == 3) << i;
        if (decoded->fault) {
          EXPECT_THROW(std::rethrow_exception(decoded->fault), UserError);
        } else {
          EXPECT_EQ(decoded->photo.width, i + 1);
        }
      }
      EXPECT_FALSE(decoder.next());
      EXPECT_FALSE(decoder.next());
    }
  }
}

TEST(DecodeAhead, MayEndBeforeItsList) {
  const std::vector<std::string> paths = image_paths(20);
  for (const bool beside : {true, false}) {
    for (int taken = 0; taken < 5; ++taken) {
      DecodeAhead decoder(paths, 3, {4, beside});
      for (int i = 0; i < taken; ++i) EXPECT_TRUE(decoder.next());
    }
  }
}

/// What is decoded on the caller's threads is read when it is asked for, `look_ahead` files at
/// once.
TEST(DecodeAhead, WithoutDecodersBesideReadsWhenItIsAsked) {
  const std::vector<std::string> paths = image_paths(3);  // none is broken
  DecodeAhead decoder(paths, 2, {2, false});
  for (const std::string& path : paths) std::filesystem::remove(path);
  EXPECT_TRUE(decoder.next()->fault);
  std::ofstream(paths[1], std::ios::binary) << "P6 1 1 255\naaa";
  EXPECT_TRUE(decoder.next()->fault) << "was read with the first";
  std::ofstream(paths[2], std::ios::binary) << "P6 1 1 255\naaa";
  EXPECT_FALSE(decoder.next()->fault);
}

}  // namespace
}  // namespace hdecomp
