/// Text for HTML pages, whatever it holds.
#pragma once

#include <string>

namespace hdecomp::tools {

/// Text between tags or in quotes.
std::string as_html(const std::string& text);
/// A relative path as a link: every byte that has a meaning in one as %XX.
std::string as_link(const std::string& path);
/// A word that a page's own script and style bear, so that the browser runs no others.
std::string random_word();
/// Puts `with` in the place of the mark. Throws Error if the page has none.
void fill_mark(std::string& page, const std::string& mark, const std::string& with);

}  // namespace hdecomp::tools
