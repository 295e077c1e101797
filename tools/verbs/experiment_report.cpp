/// Tables on the terminal, with what their words mean and which files were written.
#include "tools/verbs/experiment_report.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "hdecomp/error.h"
#include "tools/console/json_text.h"
#include "tools/runs/fill.h"
#include "tools/tables/result_tables.h"

namespace hdecomp::tools {
namespace {
using Json = nlohmann::ordered_json;

/// What the words of a table mean; nothing where it says so itself.
const char* legend_of(const std::string& experiment) {
  if (experiment == "pcc") {
    return "Pearson's correlation with the drops: AA, MA of the mean, maximum of A; AG, MG of G's; "
           "AF of the sum of G x (F - fill); constant: decisions where it has none\n";
  }
  if (experiment == "masking") {
    return "change of F, as a part of it, with the k channels masked that gAP ranks first (most) "
           "or last (least); above the mean: ranked by G x (F - its mean)\n";
  }
  if (experiment == "sparse") {
    return "k: channels that each decision of the tree keeps; match: images whose class stays\n";
  }
  return "";
}

/// Where the ground truth says nothing.
void print_unchanged(const ResultsFile& results, AblationFill fill) {
  const std::vector<int64_t> counts = unchanged_of(results);
  const bool zeros = results.plan().experiment == "distribution";
  for (size_t t = 0; t < counts.size(); ++t) {
    if (counts[t] == 0) continue;
    std::printf(
        "%s: at %lld decisions this fill changes nothing that rounding alone cannot; %s; what "
        "would: %s\n",
        results.plan().steps[t].c_str(), static_cast<long long>(counts[t]),
        zeros ? "their drops are 0" : "they are left out", other_fills(fill).c_str());
  }
}

}  // namespace

void print_results(const ResultsFile& results, const Table& table, AblationFill fill, bool json,
                   const Timings& timings_ms) {
  const int64_t measured = results.count(ImageState::measured);
  const int64_t unreadable = results.count(ImageState::unreadable);
  const int64_t undecided = results.count(ImageState::undecided);
  if (!json) {
    std::printf("%s%s%lld images measured, %lld unreadable, %lld without a positive decision\n",
                to_columns(table).c_str(), legend_of(results.plan().experiment),
                static_cast<long long>(measured), static_cast<long long>(unreadable),
                static_cast<long long>(undecided));
    print_unchanged(results, fill);
    return;
  }
  const Json result{{"experiment", results.plan().experiment},
                    {"options", results.plan().options},
                    {"measured", measured},
                    {"unreadable", unreadable},
                    {"undecided", undecided},
                    {"unchanged", unchanged_of(results)},
                    {"header", table.header},
                    {"rows", table.rows},
                    {"timings_ms", timings_ms}};
  std::printf("%s\n", json_text(result).c_str());
}

void print_written(const std::string& output, const std::vector<TableFile>& files) {
  std::string names = output;
  for (const TableFile& file : files) {
    names += ", " + std::filesystem::path(output).replace_extension(file.extension).string();
  }
  std::printf("wrote %s\n", names.c_str());
}

}  // namespace hdecomp::tools
