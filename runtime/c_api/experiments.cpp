/// The C interface's experiments and their results.
#include "hdecomp/model_file.h"
#include "runtime/c_api/experiment_options.h"
#include "runtime/c_api/photo_files.h"
#include "runtime/c_api/result_handles.h"

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

MeasuredFiles measured(const char* kind, const char* given_model, const char* folder,
                       const char* output, const hdecomp_experiment_options& given) {
  const ExperimentOptions options = experiment_options(kind, given);
  const std::string path = model_file(text_of(given_model));
  Model model = Model::load(path);
  const ExperimentFiles files = files_of(folder, given, model);
  Experiment experiment(std::move(model), run_engine(given), options);
  return measure_files(experiment, options, files, run_into(output, given, path));
}

hdecomp_result_image image_of(const hdecomp_results& results, int64_t i) {
  const MeasuredFiles& its = results.measured;
  const std::string& name = at(its.plan.images, i, "image");
  const auto why = its.skipped.find(i);
  return {0, name.c_str(), static_cast<int32_t>(its.states[i]), its.plan.labels[i],
          why == its.skipped.end() ? "" : why->second.c_str()};
}

hdecomp_result_field field_of(const hdecomp_results& results, int64_t i) {
  const ResultField& field = at(results.measured.plan.fields, i, "field");
  return {0, field.name.c_str(), results.measured.values.at(field.name)->data(),
          results.shapes[i].data(), std::ssize(results.shapes[i])};
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_experiment_run(const char* kind, const char* model, const char* folder,
                                      const char* output, const hdecomp_experiment_options* options,
                                      hdecomp_results** results) {
  return guarded([&] {
    required(results, "results");
    put(results, measured(kind, model, folder, output, options_of(options, "options")));
  });
}

hdecomp_status hdecomp_results_get(const hdecomp_results* results, hdecomp_results_info* info) {
  return guarded([&] {
    const ResultsPlan& plan = required(results, "results").measured.plan;
    give(hdecomp_results_info{0, plan.experiment.c_str(), std::ssize(plan.images),
                              std::ssize(plan.fields), std::ssize(plan.steps)},
         info, "info");
  });
}

hdecomp_status hdecomp_results_step(const hdecomp_results* results, int64_t i, const char** step) {
  return guarded([&] {
    required(step, "step");
    *step = at(required(results, "results").measured.plan.steps, i, "step").c_str();
  });
}

hdecomp_status hdecomp_results_option(const hdecomp_results* results, const char* name,
                                      const char** value) {
  return guarded([&] {
    required(value, "value");
    const auto& options = required(results, "results").measured.plan.options;
    const auto found = options.find(&required(name, "name"));
    if (found == options.end()) throw UserError(joined("no option '", name, "'"));
    *value = found->second.c_str();
  });
}

hdecomp_status hdecomp_results_image(const hdecomp_results* results, int64_t i,
                                     hdecomp_result_image* image) {
  return guarded([&] { give(image_of(required(results, "results"), i), image, "image"); });
}

hdecomp_status hdecomp_results_field(const hdecomp_results* results, int64_t i,
                                     hdecomp_result_field* field) {
  return guarded([&] { give(field_of(required(results, "results"), i), field, "field"); });
}

hdecomp_status hdecomp_results_find(const hdecomp_results* results, const char* name,
                                    hdecomp_result_field* field) {
  return guarded([&] {
    const hdecomp_results& its = required(results, "results");
    const std::vector<ResultField>& fields = its.measured.plan.fields;
    const auto found = std::ranges::find(fields, &required(name, "name"), &ResultField::name);
    if (found == fields.end()) throw UserError(joined("no field '", name, "'"));
    give(field_of(its, found - fields.begin()), field, "field");
  });
}

void hdecomp_results_free(hdecomp_results* results) { delete results; }

}  // extern "C"
