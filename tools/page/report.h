/// An explanation as one HTML file that needs nothing else, the network least of all.
#pragma once

#include <string>

#include "tools/page/page_data.h"

namespace hdecomp::tools {

/// report.html, piece by piece: the page's script and style with the explanation inside, and what
/// was added to it by hand. Names from outside stay text, whatever is in them. Nodes below the root
/// must keep their maps.
void write_report(const Tree& tree, const Model& model, const PageSubject& subject,
                  const TextSink& sink, const std::vector<AddedEvidence>& added = {});

/// The page that the server sends, which asks it for explanations.
std::string server_html();

}  // namespace hdecomp::tools
