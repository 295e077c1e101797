/// Errors in the words of who calls, not of the command's flags.
#pragma once

#include "hdecomp/argument_words.h"
#include "hdecomp/error.h"

namespace hdecomp::tools {

/// What `work()` returns; a UserError that it throws names arguments and members.
template <class Work>
auto in_words_of_arguments(const Work& work) {
  try {
    return work();
  } catch (const ImageError&) {
    throw;
  } catch (const UserError& fault) {
    throw UserError(in_argument_words(fault.what()));
  }
}

}  // namespace hdecomp::tools
