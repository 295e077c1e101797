/// The exceptions that hdecomp throws: one for a caller's mistake, one for all other failures.
#pragma once

#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

/// A failure of the machine or of hdecomp itself. what() is one line. The command exits with 1.
class HDECOMP_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Something the caller gave is wrong: a file, a name, a number, a place to write to. what() is one
/// line that names it and says what would be right. The command exits with 2.
class HDECOMP_API UserError : public Error {
 public:
  using Error::Error;
};

/// The image given is wrong for this model, as told by what() without its name; another image may
/// do. The command puts the image's file before it.
class HDECOMP_API ImageError : public UserError {
 public:
  using UserError::UserError;
};

/// Joins its arguments as text: the usual way to build an error's line. Numbers are written as in
/// C++ source, whatever locale the program around hdecomp has set: results files hold them too.
template <class... Parts>
std::string joined(const Parts&... parts) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  (out << ... << parts);
  return out.str();
}

}  // namespace hdecomp
