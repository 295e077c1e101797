/// An explanation as one HTML file that needs nothing else, the network least of all.
#pragma once

#include <functional>
#include <string>

#include "tools/page/page_data.h"

namespace hdecomp::tools {

/// A page that stands alone, piece by piece, around the JSON that it shows: the members of an
/// object, of which tools/viewer/main.js takes what it knows. Names from outside stay text,
/// whatever is in them.
void write_page(const std::string& title, const std::function<void(JsonWriter&)>& put_members,
                const TextSink& sink);

/// report.html, piece by piece: the page's script and style with the explanation inside, and what
/// was added to it by hand. Names from outside stay text, whatever is in them. Nodes below the root
/// must keep their maps.
void write_report(const Tree& tree, const Model& model, const PageSubject& subject,
                  const TextSink& sink, const std::vector<AddedEvidence>& added = {});

/// One of several explanations on a page.
struct ComparedPage {
  const Tree& tree;
  PageSubject subject;
};

/// The same page with several explanations side by side, below lines of text; `put_more`
/// writes further members of what the page shows ("attack", as put_attack() does).
void write_comparison(const std::string& title, const std::vector<std::string>& lines,
                      const Model& model, const std::vector<ComparedPage>& pages,
                      const TextSink& sink, const std::function<void(JsonWriter&)>& put_more = {});

/// A page of the graphs of several classes, of which one is shown at a time, and of what their
/// channels look for.
void write_class_graphs(const std::vector<ShownGraph>& graphs, double share, const Model& model,
                        const ChannelConcepts* concepts, const PatchFiles& patches,
                        const TextSink& sink);

/// The page that the server sends, which asks it for explanations.
std::string server_html();

}  // namespace hdecomp::tools
