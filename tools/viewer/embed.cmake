# Writes OUTPUT, a C++ source that holds the page's files: the modules as one script, the style, the page, and
# the bundled photographs. Run as cmake -DVIEWER=... -DPHOTOS=... -DCOLOURS=... -DOUTPUT=... -P embed.cmake.
set(modules dom colour evidence picture layout motion pyramid board merged bars sum saliency patches what_if attack details pane settings api slot live graph discrimination context main)

# The engine's colour maps, a line each.
file(STRINGS ${COLOURS} maps REGEX "^COLOUR_MAP")
set(stops "const colourStops = {\n")
foreach(map IN LISTS maps)
  string(REGEX REPLACE "^COLOUR_MAP\\(([a-z]+), ([0-9.]+), ([0-9.]+), (\".*\")\\)$" "  \\1: { shares: [\\2, \\3], stops: \\4 },\n" line "${map}")
  if(line STREQUAL map)
    message(FATAL_ERROR "${COLOURS} has a line that the page cannot read: ${map}")
  endif()
  string(APPEND stops "${line}")
endforeach()
string(APPEND stops "};\n")
file(WRITE ${OUTPUT}.stops.js "${stops}")

# The modules one after another are one module: only their imports and the word export are taken away.
set(script "${stops}")
foreach(module ${modules})
  file(READ ${VIEWER}/${module}.js text)
  string(REGEX REPLACE "(^|\n)import [^;]*;" "\\1" text "${text}")
  string(REGEX REPLACE "(^|\n)export " "\\1" text "${text}")
  string(APPEND script "${text}\n")
endforeach()
string(FIND "${script}" "</script" end)
if(NOT end EQUAL -1)
  message(FATAL_ERROR "a module of the viewer holds </script, which would end the script inside a report")
endif()
file(WRITE ${OUTPUT}.js "${script}")

# All pages have the same colours.
file(READ ${VIEWER}/palette.css palette)
file(READ ${VIEWER}/viewer.css style)
file(WRITE ${OUTPUT}.css "${palette}${style}")
file(READ ${VIEWER}/index.html index)
string(REPLACE "@PALETTE@" "${palette}" index "${index}")
file(WRITE ${OUTPUT}.html "${index}")

# Adds the bytes of `file` as an array called `name`.
macro(add_array name file)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(APPEND ${OUTPUT}.new "const unsigned char ${name}[] = {${bytes}};\n")
endmacro()

file(WRITE ${OUTPUT}.new "// Made by tools/viewer/embed.cmake.\n#include \"tools/page/viewer_files.h\"\n
namespace hdecomp::tools {\nnamespace {\n\ntemplate <size_t size>\n"
     "std::string_view view(const unsigned char (&bytes)[size]) {\n"
     "  return {reinterpret_cast<const char*>(bytes), size};\n}\n\n")
add_array(script ${OUTPUT}.js)
add_array(style ${OUTPUT}.css)
add_array(page ${VIEWER}/page.html)
add_array(index ${OUTPUT}.html)
add_array(reading ${VIEWER}/reading.txt)
file(GLOB photos ${PHOTOS}/*.jpg)
set(list "")
foreach(photo ${photos})
  get_filename_component(name ${photo} NAME_WE)
  add_array(photo_${name} ${photo})
  string(APPEND list "{\"${name}.jpg\", view(photo_${name})},\n")
endforeach()
file(APPEND ${OUTPUT}.new "\n}  // namespace\n
std::string_view viewer_script() { return view(script); }
std::string_view viewer_style() { return view(style); }
std::string_view viewer_page() { return view(page); }
std::string_view viewer_index() { return view(index); }
std::string_view viewer_reading() { return view(reading); }
const std::vector<BundledPhoto>& bundled_photos() {
  static const std::vector<BundledPhoto> photos{\n${list}};\n  return photos;\n}\n\n}  // namespace hdecomp::tools\n")
file(RENAME ${OUTPUT}.new ${OUTPUT})
