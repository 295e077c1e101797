/// The verbs pcc, masking, distribution, sparse, importance, randomise, compare-models,
/// discriminate, attack, context, class-graph and what-ifs: an experiment over many images, its
/// results file and its table.
#include "hdecomp/experiment_files.h"
#include "hdecomp/stopwatch.h"
#include "tools/images/image_labels.h"
#include "tools/images/image_list.h"
#include "tools/images/regions.h"
#include "tools/list_verbs.h"
#include "tools/output/output_folder.h"
#include "tools/page/shown_beside.h"
#include "tools/runs/fill.h"
#include "tools/runs/patch_files.h"
#include "tools/runs/rank_run.h"
#include "tools/runs/session.h"
#include "tools/tables/result_pages.h"
#include "tools/tables/result_tables.h"
#include "tools/tables/table_files.h"
#include "tools/verbs/attack.h"
#include "tools/verbs/class_graph.h"
#include "tools/verbs/experiment_question.h"
#include "tools/verbs/experiment_report.h"

namespace hdecomp::tools {
namespace {

void measure(Experiment& experiment, ResultsFile* results, const Ranks& ranks,
             const std::vector<ListedImage>& images, const CommonOptions& common,
             std::vector<std::string> regions) {
  const ToldRun told(
      images, common,
      results != nullptr ? std::ssize(images) - results->count(ImageState::measured) : 0,
      std::move(regions));
  run_dataset(experiment, results, ranks, told.run());
}

/// Returns whether there is something to show.
bool write_page_beside(const ExperimentCommandOptions& options, const ResultsFile& results,
                       const ResultTables& tables, const Model& model, const ShownBeside& beside) {
  if (results.count(ImageState::measured) == 0) return false;
  write_beside(options.output, ".html", page_of(results, tables, model, beside));
  return true;
}

/// A list has labels of all images, or of none.
void require_labels(const ExperimentCommandOptions& options, ExperimentKind kind,
                    const ListedImage& first) {
  if (first.label >= 0) return;
  if (options.target == "label") {
    throw UserError("--class label: give --labels too, or a list of 'PATH LABEL' lines");
  }
  if (kind == ExperimentKind::discriminate) {
    throw UserError("discriminate counts by class: give --labels, or a list of 'PATH LABEL' lines");
  }
  if (options.failures) {
    throw UserError("--failures: give --labels too, or a list of 'PATH LABEL' lines");
  }
}

/// Tables, pages, and what the terminal shows.
void tell(const ExperimentCommandOptions& options, ExperimentKind kind, const ResultsFile& results,
          const Model& model, const ShownBeside& beside, AblationFill fill,
          const Timings& timings_ms) {
  if (kind == ExperimentKind::class_graph) {
    return tell_graphs(options, results, model, beside, timings_ms);
  }
  const ResultTables tables = tables_of(results, model);
  std::vector<TableFile> files = table_files(tables);
  write_tables(options.output, files);
  if (options.html && write_page_beside(options, results, tables, model, beside)) {
    files.push_back({".html", ""});
  }
  print_results(results, tables.table, fill, options.common.json, timings_ms);
  if (!options.common.json) print_written(options.output, files);
  if (results.count(ImageState::measured) == 0) {
    throw UserError("not one of the images could be measured, for the reasons above");
  }
  if (kind == ExperimentKind::attack && !options.output_dir.empty()) {
    write_attack(options, results, model, beside.concepts);
  }
}

bool ablates(ExperimentKind kind) {
  return kind == ExperimentKind::pcc || kind == ExperimentKind::masking ||
         kind == ExperimentKind::distribution;
}

void run_rank(const ExperimentCommandOptions& options, ExperimentKind kind, const Ranks& ranks) {
  check_output(options.output);
  if (kind == ExperimentKind::attack && !options.output_dir.empty() &&
      names_several(options.images)) {
    throw UserError("--output-dir: give one image");
  }
  const Stopwatch watch;
  std::vector<ListedImage> images = list_images(options.images);
  const CommonOptions common = common_of_rank(options.common, ranks);
  const int batch = ablates(kind) ? batch_of_rank(common, ranks, options.batch, images.size())
                                  : batch_for(common, options.batch, images.size());
  const Model model = load_model(common);
  if (kind == ExperimentKind::class_graph) check_graphs(options, model);
  // Before hours of work, so that a mistake is told of. Only the first rank shows anything; the
  // others wait for it before they measure.
  ShownBeside beside;
  if (ranks.rank() == 0) {
    beside = read_beside(options.concepts, options.patches, options.common, model);
  }
  ExperimentOptions question = experiment_question(options, kind, model);
  if (kind == ExperimentKind::randomise) question.other_images = control_images(paths_of(images));
  Experiment experiment(model, {common.device, common.threads, batch, common.precision}, question);
  add_labels(options.labels, experiment.model(), images);
  keep_some(options.images, options.limit, images);
  require_labels(options, kind, images.front());
  std::vector<std::string> regions;
  if (question.regions) regions = region_files(*question.regions, images);
  if (ranks.rank() > 0) return measure(experiment, nullptr, ranks, images, common, regions);
  const ResultsPlan plan = plan_over(experiment.plan(), common, images);
  ResultsFile results = open_results(options.output, options.resume, plan);
  Timings timings_ms{{"load", watch.ms()}};
  const Stopwatch work;
  measure(experiment, &results, ranks, images, common, regions);
  timings_ms["run"] = work.ms();
  tell(options, kind, results, model, beside, question.fill, timings_ms);
}

void run(const ExperimentCommandOptions& options, ExperimentKind kind) {
  on_ranks([&](const Ranks& ranks) { run_rank(options, kind, ranks); });
}

}  // namespace

void pcc(const ExperimentCommandOptions& options) { run(options, ExperimentKind::pcc); }
void masking(const ExperimentCommandOptions& options) { run(options, ExperimentKind::masking); }
void distribution(const ExperimentCommandOptions& options) {
  run(options, ExperimentKind::distribution);
}
void sparse(const ExperimentCommandOptions& options) { run(options, ExperimentKind::sparse); }
void importance(const ExperimentCommandOptions& options) {
  run(options, ExperimentKind::importance);
}
void randomise(const ExperimentCommandOptions& options) { run(options, ExperimentKind::randomise); }
void compare_models(const ExperimentCommandOptions& options) {
  run(options, ExperimentKind::randomise);
}
void discriminate(const ExperimentCommandOptions& options) {
  run(options, ExperimentKind::discriminate);
}
void attack(const ExperimentCommandOptions& options) { run(options, ExperimentKind::attack); }
void context(const ExperimentCommandOptions& options) { run(options, ExperimentKind::context); }
void class_graph(const ExperimentCommandOptions& options) {
  run(options, ExperimentKind::class_graph);
}
void what_ifs(const ExperimentCommandOptions& options) { run(options, ExperimentKind::what_ifs); }

}  // namespace hdecomp::tools
