/// An explanation as one HTML file that needs nothing else, the network least of all.
#pragma once

#include <string>

#include "tools/page/page_data.h"

namespace hdecomp::tools {

/// report.html: the page's script and style with the explanation inside. Names from outside stay
/// text, whatever is in them. Nodes below the root must keep their maps.
std::string report_html(const Tree& tree, const Model& model, const PageSubject& subject);

/// The same of a page that is made already: with steps that were added by hand.
std::string report_html(const PageJson& page, const std::string& title);

/// The page that the server sends, which asks it for explanations.
std::string server_html();

}  // namespace hdecomp::tools
