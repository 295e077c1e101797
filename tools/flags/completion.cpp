/// Completions for bash (its manual's "Programmable Completion") and zsh (zshcompsys).
#include "tools/flags/command_table.h"

#include "hdecomp/choice.h"
#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {

using Words = std::vector<std::string>;

/// A shell's word in single quotes.
std::string shell_word(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string spaced(const Words& words) { return listed(words, " "); }

Words flag_names(const VerbEntry& verb) {
  Words names;
  for (const FlagEntry& flag : verb.flags) {
    names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  return names;
}

/// Of a verb in bash: which words a flag's value, or an argument by its place, may be.
std::string bash_choices(const VerbEntry& verb) {
  std::string lines;
  for (const FlagEntry& flag : verb.flags) {
    for (const std::string& name : flag.names) {
      if (flag.value.empty()) continue;
      lines += joined("    ", verb.name, ":", name, ") words=", shell_word(spaced(flag.choices)),
                      " ;;\n");
    }
    if (flag.names.empty() && !flag.choices.empty()) {
      const std::string words = spaced(flag.choices) + " " + spaced(flag_names(verb));
      lines += joined("    ", verb.name, ":", verb.name, ") words=", shell_word(words), " ;;\n");
    }
  }
  return lines;
}

/// Text inside an optspec of zsh's _arguments.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// ":TEXT:_files" or ":TEXT:(fast naive)".
std::string zsh_value(const FlagEntry& flag, const std::string& called) {
  const std::string kind = flag.choices.empty() ? "_files" : "(" + spaced(flag.choices) + ")";
  return joined(":", zsh_text(called), ":", kind);
}

std::string zsh_verb(const VerbEntry& verb) {
  std::string lines = joined("    ", verb.name, ") _arguments");
  for (const FlagEntry& flag : verb.flags) {
    for (const std::string& name : flag.names) {
      std::string spec = joined(name, "[", zsh_text(flag.help), "]");
      if (!flag.value.empty()) spec += zsh_value(flag, name);
      lines += " \\\n      " + shell_word((flag.several ? "*" : "") + spec);
    }
    if (flag.names.empty()) {
      lines +=
          " \\\n      " + shell_word((flag.several ? "*" : "") + zsh_value(flag, flag.argument));
    }
  }
  return lines + " ;;\n";
}

}  // namespace

std::string bash_completion(const CommandTable& table) {
  Words verbs = flag_names(table.command);
  std::string choices, flags;
  for (const VerbEntry& verb : table.verbs) {
    verbs.push_back(verb.name);
    choices += bash_choices(verb);
    flags += joined("    ", verb.name, ") words=", shell_word(spaced(flag_names(verb))), " ;;\n");
  }
  return joined(
      "# Completion of hdecomp for bash; hdecomp help bash prints it.\n"
      "_hdecomp() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local verb=${COMP_WORDS[1]} words=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words=",
      shell_word(spaced(verbs)), "\n  else case $verb:$before in\n", choices,
      "    *) [[ $word != -* ]] || case $verb in\n", flags,
      "    esac ;;\n  esac; fi\n"
      "  [ -z \"$words\" ] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "}\n"
      "complete -o default -F _hdecomp hdecomp\n");
}

std::string zsh_completion(const CommandTable& table) {
  std::string verbs, cases;
  for (const VerbEntry& verb : table.verbs) {
    verbs += "    " + shell_word(joined(verb.name, ":", verb.help)) + "\n";
    cases += zsh_verb(verb);
  }
  return joined(
      "#compdef hdecomp\n# Completion of hdecomp for zsh; hdecomp help zsh prints it.\n"
      "_hdecomp() {\n  local -a verbs=(\n",
      verbs,
      "  )\n  if (( CURRENT == 2 )); then\n    _describe verb verbs\n    return\n  fi\n"
      "  shift words\n  (( CURRENT-- ))\n  case $words[1] in\n",
      cases, "  esac\n}\n_hdecomp \"$@\"\n");
}

}  // namespace hdecomp::tools
