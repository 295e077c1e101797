/// What the command says on stderr: one line, whatever is in the names it tells of.
#pragma once

#include <string>

namespace hdecomp::tools {

/// The text with control characters as spaces: names of files and tensors may hold anything.
std::string one_line(std::string text);

/// Prints "hdecomp: WHAT" to stderr as one line; after complain_in_json() {"warning": WHAT}.
void complain(const std::string& what);
/// The last line, of what ended the command: the same, or {"error": WHAT, "exit_code": CODE}.
/// Returns the code.
int complain_at_last(const std::string& what, int code);
/// For --json: what is said from now on are JSON objects, a line each.
void complain_in_json();

}  // namespace hdecomp::tools
