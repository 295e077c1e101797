/// What the tests of the verbs over many images share.
#pragma once

#include "tests/tools/command_errors_testing.h"

namespace hdecomp::command_testing {

class Experiments : public CommandErrors {
 protected:
  /// The verb over images, in a list, of the bundled photographs; on the CPU, where results are
  /// the same bytes in any batches.
  Args over(const std::string& verb, const Args& names, const Args& more = {}) const {
    std::string lines;
    for (const std::string& name : names) lines += name + "\n";
    write_text(file("list.txt"), lines);
    Args args{verb, "--list", file("list.txt"), "--root", photo(""), "--device", "cpu"};
    args.insert(args.end(), more.begin(), more.end());
    return with_small_model(std::move(args));
  }

  /// A row of the command's table by its first cell.
  static Args row(const Json& json, const std::string& name) {
    for (const Json& row : json["rows"]) {
      if (row[0] == name) return row.get<Args>();
    }
    ADD_FAILURE() << "no row " << name;
    return {};
  }
};

}  // namespace hdecomp::command_testing
