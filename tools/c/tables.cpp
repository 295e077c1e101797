/// The C interface's tables and pages of experiments.
#include "hdecomp/result_files.h"
#include "runtime/c_api/result_handles.h"
#include "tools/c/given_files.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

const MeasuredFiles& measured_of(const hdecomp_results* results) {
  return required(results, "results").measured;
}

ResultLook look_of(const hdecomp_table_options* options) {
  const hdecomp_table_options given = options_of(options, "options");
  ResultLook look;
  take(look.share, given.share);
  if (given.concepts != nullptr) look.concepts = given.concepts->concepts;
  look.patches = patch_files(given.patches, given.patch_count);
  return look;
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_results_write_tables(const hdecomp_results* results,
                                            const hdecomp_table_options* options) {
  return guarded([&] { save_tables(measured_of(results), look_of(options)); });
}

hdecomp_status hdecomp_results_table(const hdecomp_results* results, const char* extension,
                                     const hdecomp_table_options* options, hdecomp_text** table) {
  return guarded([&] {
    required(table, "table");
    const std::string wanted = &required(extension, "extension");
    std::string there;
    for (TableFile& file : result_tables(measured_of(results), look_of(options))) {
      if (file.extension == wanted) return put(table, std::move(file.text));
      there += (there.empty() ? "" : ", ") + file.extension;
    }
    throw UserError(joined("no table '", wanted, "'; there are ", there));
  });
}

hdecomp_status hdecomp_results_page(const hdecomp_results* results,
                                    const hdecomp_table_options* options, hdecomp_text** page) {
  return guarded([&] {
    required(page, "page");
    put(page, result_page(measured_of(results), look_of(options)));
  });
}

hdecomp_status hdecomp_results_write_page(const hdecomp_results* results,
                                          const hdecomp_table_options* options) {
  return guarded([&] { save_page(measured_of(results), look_of(options)); });
}

hdecomp_status hdecomp_results_write_graphs(const hdecomp_results* results, const char* output_dir,
                                            const hdecomp_table_options* options) {
  return guarded([&] {
    save_class_graphs(measured_of(results), &required(output_dir, "output_dir"), look_of(options));
  });
}

hdecomp_status hdecomp_results_graph_picture(const hdecomp_results* results, int64_t class_index,
                                             const hdecomp_table_options* options,
                                             hdecomp_bytes** png) {
  return guarded([&] {
    required(png, "png");
    put(png, encode_png(class_graph_picture(measured_of(results), class_index, look_of(options))));
  });
}

}  // extern "C"
