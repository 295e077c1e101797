/// Image: reading a file, telling its format, and saving as PNG.
#include "hdecomp/image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hdecomp/error.h"
#include "runtime/image/image_file.h"
#include "runtime/image/image_formats.h"
#include "runtime/image/library_formats.h"
#include "runtime/image/orientation.h"
#include "runtime/image/png_write.h"
#include "runtime/image/stb.h"
#include "weights/file/atomic_file.h"
#include "weights/file/file_descriptor.h"

namespace hdecomp {
namespace {

constexpr size_t max_file_bytes = size_t{1} << 30;

[[noreturn]] void fail_to_read(const std::string& path, int error) {
  throw UserError(joined(path, ": can't be read: ", std::strerror(error)));
}

/// The whole file; a pipe is read to its end. At most one byte more than may be decoded.
std::vector<uint8_t> read_file(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.is_open() || fstat(file.number(), &status) != 0) fail_to_read(path, errno);
  if (S_ISDIR(status.st_mode)) throw UserError(joined(path, ": is a folder; an image is needed"));
  const auto said = static_cast<size_t>(std::max<off_t>(status.st_size, 0));  // 0 for a pipe
  if (said > max_file_bytes) throw UserError(joined(path, ": is larger than 1 GiB"));
  std::vector<uint8_t> bytes(said + 1);
  size_t filled = 0;
  while (filled <= max_file_bytes) {
    constexpr size_t step = size_t{1} << 20;
    if (filled == bytes.size()) bytes.resize(filled + std::max(step, filled / 2));
    const ssize_t count = read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_to_read(path, errno);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

/// `bytes`, if any, stand for the file's; `picture_bytes`: decode_with_stb().
Image decode_checked(const ImageFile& file, PixelSize size, std::span<const uint8_t> bytes = {},
                     size_t picture_bytes = 0) {
  std::optional<Image> image = decode_with_stb(bytes.empty() ? file.bytes() : bytes, picture_bytes);
  if (!image)
    file.fail("corrupt: the picture data can't be decoded, or is larger than the picture");
  if (image->height != size.height || image->width != size.width) {
    file.fail("corrupt: two different picture sizes");
  }
  return std::move(*image);
}

Image decode_any(const ImageFile& file) {
  if (is_jpeg(file)) return decode_checked(file, check_jpeg(file));
  if (is_png(file)) {
    const PixelSize size = check_png(file);
    return decode_checked(file, size, with_full_palette_png(file), inflated_png_bytes(file, size));
  }
  if (is_bmp(file)) {
    const PixelSize size = check_bmp(file);
    return decode_checked(file, size, with_full_palette_bmp(file));
  }
  if (is_pnm(file)) return decode_pnm(file);
  if (is_webp(file)) return decode_webp(file);
  if (is_gif(file)) return decode_gif(file);
  if (is_tiff(file)) return decode_tiff(file);
  if (is_tga(file)) return decode_checked(file, check_tga(file));
  file.fail("is not a JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM image");
}

/// Throws UserError that names `target` unless the image has a size and the pixels for it.
void require_encodable(const Image& image, const std::string& target) {
  const ImageFile file({}, target, INT64_MAX);
  file.check({image.height, image.width});
  const auto wanted = static_cast<size_t>(image.height * image.width * Image::channels);
  if (image.rgb.size() != wanted) {
    file.fail(joined("an image of ", image.width, " x ", image.height, " pixels needs ", wanted,
                     " bytes, not ", image.rgb.size()));
  }
}

/// What `encode` makes. Throws Error that names `target` where memory runs out.
template <class Encode>
std::vector<uint8_t> made(const std::string& target, const Encode& encode) {
  try {
    return encode();
  } catch (const std::bad_alloc&) {
    throw Error(joined(target, ": out of memory while encoding the picture"));
  }
}

}  // namespace

Image Image::load(const std::string& path, int64_t max_pixels) {
  return decode(read_file(path), path, max_pixels);
}

Image Image::decode(std::span<const uint8_t> bytes, const std::string& name, int64_t max_pixels) {
  const ImageFile file(bytes, name, max_pixels);
  if (bytes.empty()) file.fail("is empty; an image is needed");
  if (bytes.size() > max_file_bytes) file.fail("is larger than 1 GiB");
  Image image = decode_any(file);
  image.orientation = orientation_of(file);
  return image;
}

std::vector<uint8_t> encode_png(const Image& image) {
  require_encodable(image, "PNG");
  return made("PNG", [&] { return png_of_8_bits(image); });
}

std::vector<uint8_t> encode_jpeg(const Image& image, int quality) {
  require_encodable(image, "JPEG");
  return made("JPEG", [&] { return encode_jpeg_with_stb(image, std::clamp(quality, 1, 100)); });
}

void save_png(const Image& image, const std::string& path) {
  require_encodable(image, path);
  write_file_atomically(path, made(path, [&] { return png_of_8_bits(image); }));
}

}  // namespace hdecomp
