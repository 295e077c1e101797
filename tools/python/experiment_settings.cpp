/// The keywords of each experiment, in one table.
#include "tools/python/experiment_settings.h"

#include <algorithm>
#include <cctype>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "tools/python/experiment_takers.h"

namespace hdecomp::python {
namespace {

using Experiments = unsigned;  // a bit for each of experiment_names

constexpr Experiments bit(ExperimentKind kind) { return 1u << static_cast<unsigned>(kind); }

constexpr bool has(Experiments some, size_t experiment) { return (some >> experiment & 1u) != 0; }

constexpr Experiments of_all = (1u << std::size(experiment_names)) - 1;
constexpr Experiments of_compare_models = 1u << compare_models_verb;
constexpr Experiments of_distribution = bit(ExperimentKind::distribution);
constexpr Experiments of_decisions =
    bit(ExperimentKind::pcc) | bit(ExperimentKind::masking) | of_distribution;
constexpr Experiments of_sparse = bit(ExperimentKind::sparse);
constexpr Experiments of_importance = bit(ExperimentKind::importance);
constexpr Experiments of_randomise = bit(ExperimentKind::randomise);
constexpr Experiments of_maps = of_randomise | of_compare_models;
constexpr Experiments of_discriminate = bit(ExperimentKind::discriminate);
constexpr Experiments of_attack = bit(ExperimentKind::attack);
constexpr Experiments of_context = bit(ExperimentKind::context);
constexpr Experiments of_class_graph = bit(ExperimentKind::class_graph);
constexpr Experiments of_what_ifs = bit(ExperimentKind::what_ifs);

struct Setting {
  const char* name;
  Experiments of;
  const char* wanted;
  void (*take)(Asked& asked, const char* name, const py::object& given);
};

using Options = ExperimentOptions;
constexpr auto change_part = &Options::change;
constexpr auto overlaps_part = &Options::overlaps;
constexpr auto attack_part = &Options::attack;

constexpr const char* a_word = "a word";
constexpr const char* a_whole = "a whole number";
constexpr const char* a_number = "a number";
constexpr const char* yes_or_no = "True or False";
constexpr const char* a_path = "a path";
constexpr const char* fill_words =
    "'mean', 'zero' or Means; of what-ifs without off 'grey', 'blur' or 'mean'";

constexpr Setting setting_table[] = {
    {"target", of_all, "a class by index, WordNet id or name; or 'label'", take_target},
    {"top", of_all & ~(of_maps | of_attack | of_what_ifs), a_whole, take<&Options::top>},
    {"top", of_maps, "a whole number, or several", take_tops},
    {"all_decisions", of_decisions, yes_or_no, take<&Options::all_decisions>},
    {"fill", of_decisions | of_sparse | of_importance | of_what_ifs, fill_words, take_fill},
    {"method", of_decisions, a_word, choose<&Options::method, ablation_methods>},
    {"merge_overlaps", of_distribution | of_class_graph, a_number, take_merge},
    {"peaks", of_distribution, a_whole, take<&Options::peaks>},
    {"mask_threshold", of_distribution | of_class_graph | of_context | of_what_ifs, a_number,
     take_in<overlaps_part, &OverlapOptions::mask_threshold>},
    {"ranking", of_sparse, a_word, choose<&Options::ranking, sparse_rankings>},
    {"steps", of_importance | of_attack, a_whole, take_steps},
    {"seed", of_all & ~(of_decisions | of_context | of_class_graph), a_whole, take_seed},
    {"count", of_discriminate, a_word, choose<&Options::count, discriminate_counts>},
    {"min_count", of_discriminate, a_whole, take<&Options::min_count>},
    {"shuffles", of_discriminate, a_whole, take<&Options::shuffles>},
    {"depth", of_context | of_class_graph, a_whole, take<&Options::depth>},
    {"aim", of_attack, "a class by index, WordNet id or name", take_aim},
    {"eps", of_attack, a_number, take_in<attack_part, &AttackOptions::eps>},
    {"step", of_attack, a_number, take_in<attack_part, &AttackOptions::step>},
    {"restarts", of_attack, a_whole, take_in<attack_part, &AttackOptions::restarts>},
    {"random_start", of_attack, yes_or_no, take_in<attack_part, &AttackOptions::random_start>},
    {"regions", of_context, a_path, take_regions},
    {"region_names", of_context, a_path, take_region_names},
    {"region_kind", of_context, a_word, take_region_kind},
    {"first_label", of_context, a_whole, take_first_label},
    {"at", of_what_ifs, a_word, take_in<change_part, &ChangeOptions::at>},
    {"off", of_what_ifs, a_word, take_in<change_part, &ChangeOptions::off>},
    {"region", of_what_ifs, a_word, take_region},
    {"controls", of_what_ifs, a_whole, take_in<change_part, &ChangeOptions::controls>},
    {"failures", of_what_ifs, yes_or_no, take_in<change_part, &ChangeOptions::failures>},
    {"methods", of_maps, "a list of words", take_methods},
    {"order", of_randomise, a_word, choose<&Options::order, randomise_orders>},
    {"unit", of_randomise, a_word, choose<&Options::unit, randomise_units>},
    {"draw", of_randomise, a_word, choose<&Options::draw, randomise_draws>},
    {"changed_target", of_maps, a_word, take_changed_target},
    {"samples", of_maps, a_whole, take<&Options::samples>},
    {"gap_sum", of_maps, a_word, choose<&Options::gap_sum, gap_sums>},
    {"other", of_compare_models, "a model file, or the name of a bundled model", take_other},
};

const Setting& setting_of(size_t experiment, const std::string& name) {
  const auto found = std::ranges::find_if(setting_table, [&](const Setting& each) {
    return has(each.of, experiment) && name == each.name;
  });
  if (found != std::end(setting_table)) return *found;
  std::string known;
  for (const auto& [each, wanted] : settings_of(experiment)) {
    known += (known.empty() ? "" : ", ") + each;
  }
  throw UserError(joined(experiment_names[experiment], " has no '", name, "'; it has ", known));
}

void finish(Asked& asked, size_t experiment) {
  ExperimentOptions& options = asked.options;
  if (!options.change.off.empty() && options.change.at != "top") {
    throw UserError("what-ifs: give either at or off");
  }
  const bool fills_pixels = options.kind == ExperimentKind::what_ifs && options.change.off.empty();
  if (!asked.fill.is_none() && fills_pixels) {
    const std::string name = text_from("fill", "'grey', 'blur' or 'mean'", asked.fill);
    options.change.pixels = static_cast<RegionFill>(choice_of("fill", name, region_fills));
  } else if (!asked.fill.is_none()) {
    const Fill fill = fill_from(asked.fill);
    options.fill = fill.fill;
    options.means = fill.means;
  }
  if (options.kind == ExperimentKind::context) {
    if (asked.regions.empty()) throw UserError("context: give regions, a folder of segmentations");
    options.regions =
        RegionLabels::open(asked.regions, asked.region_names, asked.region_kind, asked.first_label);
  }
  if (has(of_compare_models, experiment) && !options.other) {
    throw UserError("compare-models: give other, the model to compare with");
  }
}

}  // namespace

size_t experiment_named(std::string name) {
  std::ranges::replace(name, '_', '-');
  return choice_of("kind", name, experiment_names);
}

std::map<std::string, std::string> settings_of(size_t experiment) {
  std::map<std::string, std::string> wanted;
  for (const Setting& each : setting_table) {
    if (has(each.of, experiment)) wanted[each.name] = each.wanted;
  }
  return wanted;
}

ExperimentOptions options_from(size_t experiment, const py::kwargs& given) {
  Asked asked{usual_options(experiment)};
  for (const auto& [key, value] : given) {
    const Setting& setting = setting_of(experiment, py::cast<std::string>(key));
    if (value.is_none()) continue;
    try {
      setting.take(asked, setting.name, py::reinterpret_borrow<py::object>(value));
    } catch (const py::cast_error&) {
      throw py::type_error(joined(setting.name, ": give ", setting.wanted, ", not ",
                                  py::type::of(value).attr("__name__").cast<std::string>()));
    }
  }
  finish(asked, experiment);
  return std::move(asked.options);
}

}  // namespace hdecomp::python
