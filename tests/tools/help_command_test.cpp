/// `hdecomp help man`, `bash` and `zsh`: made of the flags' own table, so each must know every verb
/// and flag.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>

#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;

/// What matches in a text, in order.
Args found(const std::string& text, const char* expression, int group = 1) {
  const std::regex pattern(expression);
  Args all;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    all.push_back((*it)[group]);
  }
  return all;
}

Args verbs() {
  const std::string help = run({"--help"}).out;
  return found(help.substr(help.find("Subcommands:")), "\n  ([a-z][a-z-]*)");
}

/// As hdecomp VERB --help lists them: "--top", "-o".
Args flags_of(const std::string& verb) {
  Args flags = found(run({verb, "--help"}).out, "\n  (?:-[a-z],)?(--[a-z][a-z0-9-]*)");
  if (verb == "saliency") flags.emplace_back("-o");
  return flags;
}

/// Text as troff writes it.
std::string in_troff(const std::string& text) {
  return std::regex_replace(text, std::regex("-"), "\\-");
}

TEST(HelpCommand, TheManualPageHasEveryVerbItsFlagsAndWords) {
  const std::string page = run({"help", "man"}).out;
  const std::string version = run({"--version"}).out;  // and a line's end
  EXPECT_TRUE(
      page.starts_with(".TH HDECOMP 1 \"\" \"" + version.substr(0, version.size() - 1) + "\" "))
      << page.substr(0, 80);
  ASSERT_GT(verbs().size(), 15u);
  for (const std::string& verb : verbs()) {
    const size_t begin = page.find("\n.SS " + in_troff(verb) + "\n");
    ASSERT_NE(begin, std::string::npos) << verb;
    const std::string section = page.substr(begin, page.find("\n.S", begin + 1) - begin);
    for (const std::string& flag : flags_of(verb)) {
      EXPECT_NE(section.find("\\fB" + in_troff(flag) + "\\fR"), std::string::npos) << verb << flag;
    }
  }
  for (const char* words :
       {"\\fBfast\\fR|\\fBnaive\\fR", "\n.SH HOW TO READ A TREE\n", "\nExit status: 0"}) {
    EXPECT_NE(page.find(words), std::string::npos) << words;
  }
  // A line that begins with a dot is a request; all are of a few that we mean.
  for (const std::string& request : found(page, "\n([.'][A-Za-z]*)")) {
    EXPECT_TRUE(std::set<std::string>({".SH", ".SS", ".TP", ".PP"}).contains(request)) << request;
  }
}

class Completion : public ::testing::Test {
 protected:
  Completion() : folder_(empty_folder("_completion")) {
    write_text(folder_ + "/script", run({"help", "bash"}).out);
  }
  ~Completion() override { std::filesystem::remove_all(folder_); }

  /// What bash offers for a line whose last word is not whole.
  Args offered(const std::string& line) const {
    write_text(folder_ + "/ask", joined("set -u; . ", folder_, "/script; COMP_WORDS=(", line,
                                        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _hdecomp; "
                                        "printf '%s\\n' \"${COMPREPLY[@]}\""));
    const std::string command = joined("bash ", folder_, "/ask > ", folder_, "/answer");
    EXPECT_EQ(std::system(command.c_str()), 0) << line;
    const file_testing::Bytes bytes = file_testing::read_bytes(folder_ + "/answer");
    return found(std::string(bytes.begin(), bytes.end()), "([^\n]+)\n");
  }

  std::string folder_;
};

TEST_F(Completion, BashKnowsEveryVerbAndItsFlags) {
  EXPECT_EQ(offered("hdecomp expl"), Args{"explain"});
  EXPECT_EQ(offered("hdecomp --v"), Args{"--version"});
  for (const std::string& verb : verbs()) {
    Args given = offered("hdecomp " + verb + " -");
    EXPECT_EQ(std::ranges::count(offered("hdecomp ''"), verb), 1) << verb;
    for (const std::string& flag : flags_of(verb)) {
      EXPECT_EQ(std::ranges::count(given, flag), 1) << verb << " " << flag;
    }
  }
}

TEST_F(Completion, BashOffersTheWordsThatAFlagTakesElseFiles) {
  EXPECT_EQ(offered("hdecomp ablate photo.jpg --method ''"), (Args{"fast", "naive"}));
  EXPECT_EQ(offered("hdecomp ablate photo.jpg --method n"), Args{"naive"});
  EXPECT_EQ(offered("hdecomp help b"), Args{"bash"});
  EXPECT_EQ(offered("hdecomp explain --model ''"), Args{});  // readline offers files then
  EXPECT_EQ(offered("hdecomp explain ph"), Args{});
}

TEST(HelpCommand, ZshKnowsEveryVerbAndItsFlags) {
  const std::string script = run({"help", "zsh"}).out;
  EXPECT_TRUE(script.starts_with("#compdef hdecomp\n"));
  for (const std::string& verb : verbs()) {
    const size_t begin = script.find("\n    " + verb + ") _arguments");
    ASSERT_NE(begin, std::string::npos) << verb;
    const std::string part = script.substr(begin, script.find(";;", begin) - begin);
    for (const std::string& flag : flags_of(verb)) {
      EXPECT_TRUE(part.find("'" + flag + "[") != part.npos ||
                  part.find("'*" + flag + "[") != part.npos)
          << verb << " " << flag;
    }
  }
  EXPECT_NE(script.find(":--method:(fast naive)'"), std::string::npos);
}

}  // namespace
}  // namespace hdecomp
