/// Fills tools/viewer/index.html.
#include "tools/output/index_page.h"

#include <cstdio>
#include <filesystem>

#include "hdecomp/base64.h"
#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "tools/page/html.h"
#include "tools/page/viewer_files.h"

namespace hdecomp::tools {
namespace {

constexpr const char* file_name = "index.html";
constexpr int64_t thumbnail_side = 128;  // pixels
constexpr int thumbnail_quality = 80;    // of JPEG

/// A class with its probability, or a feature (index -1) with F.
std::string decision_text(const ClassScore& decision) {
  const bool of_class = decision.index >= 0;
  char value[32];
  std::snprintf(value, sizeof value, of_class ? "%.1f %%" : "F %.4g",
                of_class ? 100.0 * decision.probability : decision.score);
  return joined("<b>", as_html(decision.name), "</b> ", value);
}

/// The channels of the tree's first level: "fire9: 426, 488, 385".
std::string channels_text(const Tree& tree) {
  std::string text;
  for (const TreeNode& child : tree.root.children()) {
    text += joined(text.empty() ? child.layer + ": " : ", ", child.channel);
  }
  return as_html(text);
}

std::string entry_html(const IndexedImage& entry, const Tree& tree, const Image& view) {
  // A network without a head predicts none: what is explained stands for it.
  const ClassScore& predicted = tree.top.empty() ? tree.decision : tree.top.front();
  std::string html = joined(
      "<li", predicted.index < 0 ? "" : joined(" data-probability=\"", predicted.probability, "\""),
      entry.wrong ? " class=\"wrong\"" : "", "><a href=\"", as_link(entry.link),
      "\"><img alt=\"\" loading=\"lazy\" width=\"", view.width, "\" height=\"", view.height,
      "\" src=\"data:image/jpeg;base64,", base64(encode_jpeg(view, thumbnail_quality)), "\"><span>",
      as_html(entry.name), "</span></a><p>", decision_text(predicted), "</p>");
  if (!entry.label.empty()) {
    html += joined("<p class=\"label\">", entry.wrong ? "wrong" : "right", ": labelled <b>",
                   as_html(entry.label), "</b></p>");
  }
  if (tree.decision.index != predicted.index) {
    html += joined("<p>explained: ", decision_text(tree.decision), "</p>");
  }
  return html + joined("<p class=\"small\">", channels_text(tree), "</p></li>\n");
}

}  // namespace

std::string index_entry(const IndexedImage& image, const Tree& tree, const Image& photo,
                        const Model& model) {
  return entry_html(image, tree, EvidencePainter(photo, model, thumbnail_side).view());
}

IndexPage::IndexPage(const std::string& folder)
    : folder_(folder), output_(folder), page_(output_.staged(file_name), std::ios::binary) {
  std::string page(viewer_index());
  const std::string word = random_word();
  for (int i = 0; i < 4; ++i) fill_mark(page, "@WORD@", word);
  const std::string mark = "@IMAGES@";
  const size_t at = page.find(mark);
  if (at == page.npos) throw Error(joined("the index has no ", mark));
  after_ = page.substr(at + mark.size());
  put(page.substr(0, at));
}

void IndexPage::put(const std::string& html) {
  page_ << html;
  page_.flush();
  if (page_) return;
  throw UserError(joined((std::filesystem::path(folder_) / file_name).string(),
                         ": cannot be written; is the disk full?"));
}

void IndexPage::skip(const std::string& name, const std::string& why) {
  skipped_ += joined("<li>", as_html(name), ": ", as_html(why), "</li>\n");
}

void IndexPage::commit() {
  fill_mark(after_, "@SKIPPED@",
            skipped_.empty()
                ? ""
                : joined("<h2>Skipped</h2>\n<ul class=\"small\">\n", skipped_, "</ul>"));
  put(after_);
  page_.close();
  if (!page_) put("");
  output_.commit_in_place_of_earlier();
}

}  // namespace hdecomp::tools
