/// The one photograph that a verb is asked about: a file, or standard input.
#pragma once

#include <string>

#include "hdecomp/decode_ahead.h"
#include "tools/images/turned_photos.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// Whether a path stands for standard input: "-".
bool is_standard_input(const std::string& path);
/// What it is called in what is printed.
std::string photo_name(const std::string& path);
/// Reads the photograph, turned as --exif says; `turned` sees it. Throws what Image::load throws.
Decoded read_photo(const std::string& path, const CommonOptions& common, TurnedPhotos& turned);
/// The same of one alone: tells at once where it is taken as it lies.
Decoded read_photo(const std::string& path, const CommonOptions& common);

}  // namespace hdecomp::tools
