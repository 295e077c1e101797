/// The hdecomp command: flags to options, errors to exit codes (0 done, 2 a user's mistake, 1 a
/// fault of ours).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "hdecomp/error.h"
#include "hdecomp/version.h"
#include "tools/console/complaint.h"
#include "tools/console/interruption.h"
#include "tools/console/plain_values.h"
#include "tools/console/standard_descriptors.h"
#include "tools/flags/flags.h"
#include "tools/flags/unknown_words.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

int run(int argc, char** argv) {
  CLI::App app("hdecomp explains a CNN's decision as a tree of evidence (gAP).", "hdecomp");
  app.set_version_flag("--version", "hdecomp " HDECOMP_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 when all is done, 2 for a mistake, with one line on stderr that says what "
      "would be right, 1 for a "
      "fault of hdecomp's. With --json that line is {\"error\": WHAT, \"exit_code\": N}, and each "
      "before it {\"warning\": "
      "WHAT}.");
  add_explain(app);
  add_decompose(app);
  add_ablate(app);
  add_what_if(app);
  add_saliency(app);
  add_experiments(app);
  add_diagnoses(app);
  add_patches(app);
  add_classify(app);
  add_serve(app);
  add_layers(app);
  add_convert(app);
  add_init(app);
  add_help(app);
  require_plain_values(app);
  check_verb(app, {argv, argv + argc});
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    if (fault.get_exit_code() == 0) return app.exit(fault);  // --help, --version
    const std::string verb = argc > 1 && argv[1][0] != '-' ? joined(argv[1], " ") : "";
    const std::string what = fault_words(app, fault, {argv, argv + argc});
    return complain_at_last(joined(what, " (hdecomp ", verb, "--help shows the flags)"), 2);
  }
  flush_output();
  return 0;
}

/// Errors to exit codes.
int ended(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const UserError& fault) {
    return complain_at_last(fault.what(), 2);
  } catch (const std::bad_alloc&) {
    return complain_at_last("out of memory", 1);
  } catch (const std::system_error& fault) {
    const bool of_threads = fault.code() == std::errc::resource_unavailable_try_again;
    return complain_at_last(of_threads ? "the system gives no more threads" : fault.what(), 1);
  } catch (const std::exception& fault) {
    return complain_at_last(fault.what(), 1);
  }
}

}  // namespace
}  // namespace hdecomp::tools

int main(int argc, char** argv) {
  using namespace hdecomp;
  tools::take_standard_descriptors();
  tools::watch_folders({tools::take_away_on_interruption, tools::forget_on_interruption});
  if (std::find(argv, argv + argc, std::string_view("--json")) != argv + argc)
    tools::complain_in_json();
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the limit is an error to report, not a death
  return tools::ended(argc, argv);
}
