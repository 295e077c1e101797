/// Puts the page's parts together.
#include "tools/page/report.h"

#include <functional>
#include <set>

#include "tools/page/html.h"
#include "tools/page/reading.h"
#include "tools/page/viewer_files.h"

namespace hdecomp::tools {
namespace {

/// Hands on JSON that cannot end the script element it is in: "<" is only ever inside its strings.
void put_script_data(std::string_view json, const TextSink& sink) {
  for (size_t at = json.find('<'); at != json.npos; at = json.find('<')) {
    sink(json.substr(0, at));
    sink("\\u003c");
    json.remove_prefix(at + 1);
  }
  sink(json);
}

/// The page around what its foot holds.
struct Frame {
  std::string before, after;
};

Frame frame_of(const std::string& title, const std::string& head) {
  const std::string_view page = viewer_page(), mark = "@FOOT@";
  const size_t foot = page.find(mark);
  if (foot == std::string::npos) throw Error(joined("the page has no ", mark));
  Frame frame{std::string(page.substr(0, foot)), std::string(page.substr(foot + mark.size()))};
  fill_mark(frame.before, "@READING@", reading_html());
  fill_mark(frame.before, "@TITLE@",
            as_html(title));  // from the end: a title may hold the other mark
  fill_mark(frame.before, "@HEAD@", head);
  return frame;
}

void put_page(JsonWriter& json, const Tree& tree, const Model& model, const PageSubject& subject,
              const std::vector<AddedEvidence>& added) {
  put_page_head(json, tree, model, subject);
  json.key("steps");
  put_page_steps(json, tree.root, model, added);
  if (!subject.patches.empty()) {
    json.key("patches");
    json.begin_object();
    std::set<std::string> met;
    put_patches_below(json, subject.patches, tree.root, subject.pixels, met);
    for (const AddedEvidence& each : added) {
      put_patches_below(json, subject.patches, each.step.decision, subject.pixels, met);
      if (!each.own) continue;
      put_patches_below(json, subject.patches, each.own->decision, subject.pixels, met);
    }
    json.end();
  }
}

/// Every channel that is left in a graph, graph by graph.
std::vector<LayerChannel> channels_of(const std::vector<ShownGraph>& graphs) {
  std::vector<LayerChannel> channels;
  for (const ShownGraph& graph : graphs) {
    for (const GraphLevel& level : graph.kept.levels) {
      for (const GraphNode& node : level.nodes) channels.push_back({level.layer, node.channel});
    }
  }
  return channels;
}

}  // namespace

void write_page(const std::string& title, const std::function<void(JsonWriter&)>& put_members,
                const TextSink& sink) {
  const std::string word = random_word();
  const Frame frame = frame_of(
      title,
      joined("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
             "data:; script-src 'nonce-",
             word, "'; style-src 'nonce-", word,
             "'; base-uri 'none'; form-action 'none'\">\n<style nonce=\"", word, "\">\n",
             viewer_style(), "</style>"));
  sink(frame.before);
  sink("<script type=\"application/json\" id=\"explanation\">");
  JsonWriter json([&](std::string_view piece) { put_script_data(piece, sink); });
  json.begin_object();
  put_members(json);
  json.end();
  sink(joined("</script>\n<script type=\"module\" nonce=\"", word, "\">\n", viewer_script(),
              "</script>"));
  sink(frame.after);
}

void write_report(const Tree& tree, const Model& model, const PageSubject& subject,
                  const TextSink& sink, const std::vector<AddedEvidence>& added) {
  write_page(
      joined(tree.decision.name, " in ", subject.image_name),
      [&](JsonWriter& json) { put_page(json, tree, model, subject, added); }, sink);
}

void write_comparison(const std::string& title, const std::vector<std::string>& lines,
                      const Model& model, const std::vector<ComparedPage>& pages,
                      const TextSink& sink, const std::function<void(JsonWriter&)>& put_more) {
  const auto put = [&](JsonWriter& json) {
    if (put_more) put_more(json);
    put_lines(json, lines);
    json.key("pages");
    json.begin_array();
    for (const ComparedPage& page : pages) {
      json.begin_object();
      put_page(json, page.tree, model, page.subject, {});
      json.end();
    }
    json.end();
  };
  write_page(title, put, sink);
}

void write_class_graphs(const std::vector<ShownGraph>& graphs, double share, const Model& model,
                        const ChannelConcepts* concepts, const PatchFiles& patches,
                        const TextSink& sink) {
  const auto put = [&](JsonWriter& json) {
    json.field("share", share);
    json.key("graphs");
    json.begin_array();
    for (const ShownGraph& graph : graphs) put_class_graph(json, graph, model, concepts);
    json.end();
    put_channel_patches(json, patches, channels_of(graphs));
  };
  write_page(joined("The trees of ", graphs.size() == 1 ? model.class_name(graphs.front().kept.of)
                                                        : joined(graphs.size(), " classes")),
             put, sink);
}

std::string server_html() {
  const Frame frame = frame_of(
      "hdecomp",
      "<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"viewer.css\">");
  return frame.before + "<script type=\"module\" src=\"viewer.js\"></script>" + frame.after;
}

}  // namespace hdecomp::tools
