/// The C interface's tables of experiments.
#include "runtime/c_api/result_handles.h"
#include "tools/tables/table_files.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

std::vector<tools::TableFile> tables_of(const MeasuredFiles& measured,
                                        const hdecomp_table_options* options) {
  const hdecomp_table_options given = options_of(options, "options");
  return tools::table_files(measured, given.share == 0 ? tools::usual_share : given.share,
                            given.concepts == nullptr ? nullptr : given.concepts->concepts);
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_results_write_tables(const hdecomp_results* results,
                                            const hdecomp_table_options* options) {
  return guarded([&] {
    const MeasuredFiles& measured = required(results, "results").measured;
    tools::write_tables(measured.path, tables_of(measured, options));
  });
}

hdecomp_status hdecomp_results_table(const hdecomp_results* results, const char* extension,
                                     const hdecomp_table_options* options, hdecomp_text** table) {
  return guarded([&] {
    required(table, "table");
    const std::string wanted = &required(extension, "extension");
    std::string there;
    for (tools::TableFile& file : tables_of(required(results, "results").measured, options)) {
      if (file.extension == wanted) return put(table, std::move(file.text));
      there += (there.empty() ? "" : ", ") + file.extension;
    }
    throw UserError(joined("no table '", wanted, "'; there are ", there));
  });
}

}  // extern "C"
