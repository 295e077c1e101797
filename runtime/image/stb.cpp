/// stb_image and stb_image_write, compiled into this file alone.
#include "runtime/image/stb.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "runtime/image/encoder_memory.h"
#include "runtime/image/jpeg_kernels.h"

namespace hdecomp {
namespace {

thread_local size_t most_growth = 0;  // bytes of the file at hand

/// std::realloc(), but no memory beyond `most_growth`: a few bytes can inflate to gigabytes.
void* grow(void* memory, size_t bytes) {
  return bytes > most_growth ? nullptr : std::realloc(memory, bytes);
}

}  // namespace
}  // namespace hdecomp

// Zeroed memory: a damaged file leaves parts of the decoder's tables and planes unset, and reads
// them.
#define STBI_MALLOC(size) std::calloc(1, size)
// The two buffers that it enlarges are a PNG's compressed data and what they inflate to.
#define STBI_REALLOC_SIZED(memory, old_size, size) hdecomp::grow(memory, size)
#define STBI_FREE(memory) std::free(memory)
// Its assertions are about the file as much as about the code: they must not end the program.
#define STBI_ASSERT(condition)
#define STBI_MAX_DIMENSIONS 65535
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_FAILURE_STRINGS
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_ONLY_TGA
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_MALLOC(size) hdecomp::EncoderMemory::resize(nullptr, size)
#define STBIW_REALLOC_SIZED(memory, old_size, size) hdecomp::EncoderMemory::resize(memory, size)
#define STBIW_FREE(memory) hdecomp::EncoderMemory::release(memory)
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION

// Two of its JPEG upsamplings have no function pointer: it assigns them by these names. The macros
// rename its own, at their definition (the one place where a bracket follows), so that ours take
// over.
#define stbi__resample_row_h_2(...) unused_resample_row_h_2(__VA_ARGS__)
#define stbi__resample_row_v_2(...) unused_resample_row_v_2(__VA_ARGS__)
static constexpr auto* stbi__resample_row_h_2 = hdecomp::upsample_h2v1;
static constexpr auto* stbi__resample_row_v_2 = hdecomp::upsample_h1v2;

// For the whole file: some of its warnings come where its functions are used.
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

namespace hdecomp {
namespace {

using Pixels = std::unique_ptr<stbi_uc, void (*)(void*)>;

/// The file's RGB pixels, none if it can't be decoded.
Pixels load_rgb(std::span<const uint8_t> file, int* width, int* height) {
  const int size = static_cast<int>(file.size());
  int channels_in_file = 0;
  stbi__context context;
  stbi__start_mem(&context, file.data(), size);
  if (!stbi__jpeg_test(&context)) {
    return {stbi_load_from_memory(file.data(), size, width, height, &channels_in_file, 3),
            stbi_image_free};
  }
  const auto decoder = std::make_unique<stbi__jpeg>();  // zeroed, as by STBI_MALLOC
  decoder->s = &context;
  decoder->idct_block_kernel = inverse_dct;
  decoder->resample_row_hv_2_kernel = upsample_h2v2;
  decoder->YCbCr_to_RGB_kernel = ycbcr_to_rgb;
  return {load_jpeg_image(decoder.get(), width, height, &channels_in_file, 3), stbi_image_free};
}

}  // namespace

std::optional<Image> decode_with_stb(std::span<const uint8_t> file, size_t picture_bytes) {
  most_growth = 2 * std::max(file.size() + 4096, picture_bytes);
  int width = 0, height = 0;
  const Pixels pixels = load_rgb(file, &width, &height);
  if (!pixels) return std::nullopt;
  const size_t bytes = static_cast<size_t>(width) * static_cast<size_t>(height) * Image::channels;
  return Image{height, width, {pixels.get(), pixels.get() + bytes}};
}

namespace {

/// For stbi_write_jpg_to_func: puts bytes at the end of the vector that `context` is.
void append(void* context, void* data, int length) {
  const auto* begin = static_cast<const uint8_t*>(data);
  auto* file = static_cast<std::vector<uint8_t>*>(context);
  file->insert(file->end(), begin, begin + length);
}

}  // namespace

std::vector<uint8_t> encode_jpeg_with_stb(const Image& image, int quality) {
  const EncoderMemory memory;
  std::vector<uint8_t> file;
  stbi_write_jpg_to_func(append, &file, static_cast<int>(image.width),
                         static_cast<int>(image.height), 3, image.rgb.data(), quality);
  return file;
}

}  // namespace hdecomp
