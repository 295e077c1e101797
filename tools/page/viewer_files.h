/// The files of the page (tools/viewer/), which are inside the program, and the bundled
/// photographs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hdecomp::tools {

std::string_view viewer_script();  // all modules as one
std::string_view viewer_style();
/// HTML with @TITLE@, @HEAD@ and @FOOT@ where a report and the server's page differ, and @READING@.
std::string_view viewer_page();
/// HTML with @WORD@ (four times), @IMAGES@ and @SKIPPED@: the index of a run.
std::string_view viewer_index();
std::string_view viewer_reading();  // a line "TERM: explanation" each

struct BundledPhoto {
  std::string name;        // "chelsea.jpg"
  std::string_view bytes;  // a JPEG file
};
const std::vector<BundledPhoto>& bundled_photos();

}  // namespace hdecomp::tools
