/// Puts the page's parts together.
#include "tools/page/report.h"

#include <map>
#include <random>

#include "tools/page/viewer_files.h"

namespace hdecomp::tools {
namespace {

/// Each character of `from` by its replacement.
std::string escaped(const std::string& from, const std::map<char, std::string>& replacements) {
  std::string to;
  for (const char c : from) {
    const auto found = replacements.find(c);
    if (found == replacements.end()) {
      to += c;
    } else {
      to += found->second;
    }
  }
  return to;
}

/// Text between tags or in quotes.
std::string as_html(const std::string& from) {
  return escaped(from, {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}});
}

/// JSON that cannot end the script element it is in: "<" is only ever inside its strings.
std::string as_script_data(const std::string& json) { return escaped(json, {{'<', "\\u003c"}}); }

void fill(std::string& page, const std::string& mark, const std::string& with) {
  const size_t at = page.find(mark);
  if (at == std::string::npos) throw Error(text("the page has no ", mark));
  page.replace(at, mark.size(), with);
}

/// The word that the report's own script and style bear, so that the browser runs no others.
std::string random_word() {
  std::random_device source;
  std::string word;
  for (int i = 0; i < 4; ++i) word += text(std::hex, source());
  return word;
}

std::string page_of(const std::string& title, const std::string& head, const std::string& foot) {
  std::string page(viewer_page());
  fill(page, "@FOOT@", foot);  // from the end: what is put in may hold the other marks
  fill(page, "@TITLE@", as_html(title));
  fill(page, "@HEAD@", head);
  return page;
}

}  // namespace

std::string report_html(const PageJson& page, const std::string& title) {
  const std::string word = random_word();
  const std::string head = text(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "script-src "
      "'nonce-",
      word, "'; style-src 'nonce-", word,
      "'; base-uri 'none'; form-action 'none'\">\n<style nonce=\"", word, "\">\n", viewer_style(),
      "</style>");
  const std::string foot = text(
      "<script type=\"application/json\" id=\"explanation\">", as_script_data(dump(page)),
      "</script>\n<script type=\"module\" nonce=\"", word, "\">\n", viewer_script(), "</script>");
  return page_of(title, head, foot);
}

std::string report_html(const Tree& tree, const Model& model, const PageSubject& subject) {
  PageJson page = page_head(tree, model, subject);
  page["steps"] = page_steps(tree.root, model);
  return report_html(page, text(tree.decision.name, " in ", subject.image_name));
}

std::string server_html() {
  return page_of(
      "hdecomp",
      "<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"viewer.css\">",
      "<script type=\"module\" src=\"viewer.js\"></script>");
}

}  // namespace hdecomp::tools
