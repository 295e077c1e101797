/// The manual page in troff's language (man 7 groff_man).
#include <algorithm>
#include <sstream>

#include "tools/flags/command_table.h"
#include "tools/page/reading.h"

namespace hdecomp::tools {
namespace {

/// Text that troff prints as it is: its own marks escaped, a hyphen kept a plain one.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (out.empty() ? c == '.' || c == '\''
                           : out.back() == '\n' && (c == '.' || c == '\'')) {
      out += "\\&";  // at a line's begin these are requests
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(const std::string& text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + plain(text) + "\\fR"; }

/// What stands for the value: its own words, or the kind of it.
std::string value_of(const FlagEntry& flag) {
  std::string words;
  for (const std::string& word : flag.choices) words += (words.empty() ? "" : "|") + bold(word);
  return words.empty() ? italic(flag.value) : words;
}

std::string flag_text(const FlagEntry& flag) {
  std::string text = ".TP\n";
  if (!flag.argument.empty()) {
    text += italic(flag.argument) + (flag.several ? "..." : "");
  }
  for (size_t i = 0; i < flag.names.size(); ++i) text += (i > 0 ? ", " : "") + bold(flag.names[i]);
  if (flag.argument.empty() && !flag.value.empty()) text += " " + value_of(flag);
  text += "\n" + plain(flag.help);
  if (flag.required) text += " (required)";
  if (!flag.standard.empty()) text += " [" + plain(flag.standard) + "]";
  return text + "\n";
}

std::string flags_text(const VerbEntry& verb) {
  std::string text;
  for (const FlagEntry& flag : verb.flags) text += flag_text(flag);
  return text;
}

std::string reading_section() {
  std::string text = ".SH HOW TO READ A TREE\n";
  for (const auto& [term, words] : reading()) {
    text += ".TP\n" + bold(std::string(term)) + "\n" + plain(std::string(words)) + "\n";
  }
  return text;
}

}  // namespace

std::string man_page(const CommandTable& table) {
  const VerbEntry& command = table.command;
  std::string page = ".TH HDECOMP 1 \"\" \"" + table.version + "\" \"User Commands\"\n";
  const std::string says =  // its own name once
      command.help.substr(command.help.starts_with(command.name + " ") ? command.name.size() + 1
                                                                       : 0);
  page += ".SH NAME\n" + plain(command.name) + " \\- " + plain(says) + "\n";
  page += ".SH SYNOPSIS\n" + bold(command.name) + " " + italic("VERB") + " [" + italic("FLAG") +
          "...]\n" + ".SH OPTIONS\n" + flags_text(command) + ".SH VERBS\n";
  for (const VerbEntry& verb : table.verbs) {
    page += ".SS " + plain(verb.name) + "\n" + plain(verb.help) + "\n" + flags_text(verb);
    if (!verb.footer.empty()) page += ".PP\n" + plain(verb.footer) + "\n";
  }
  page += reading_section();
  if (!command.footer.empty()) page += ".SH NOTES\n" + plain(command.footer) + "\n";
  return page;
}

}  // namespace hdecomp::tools
