/// The numbers of the tables as JSON inside the viewer's page.
#include "tools/tables/result_pages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "hdecomp/error.h"
#include "tools/page/report.h"
#include "tools/tables/concept_names.h"

namespace hdecomp::tools {
namespace {

constexpr size_t bins = 20;            // of D, from 0 to 1
constexpr size_t most_listed = 12;     // channels of a stage
constexpr double infinity = INFINITY;  // how often a channel may be chosen

/// How many of the channels that count have their D in each bin; the last one holds 1.
std::array<double, bins> histogram(const DiscriminationStage& stage, const Discrimination& of) {
  std::array<double, bins> counts{};
  for (const double degree : stage.sorted(of, &Discrimination::degree, stage.least)) {
    counts[std::min(static_cast<size_t>(degree * bins), bins - 1)] += 1;
  }
  return counts;
}

/// The mean over the orders of chance.
std::array<double, bins> histogram_by_chance(const DiscriminationStage& stage) {
  std::array<double, bins> sum{};
  for (const Discrimination& one : stage.shuffled) {
    const auto counts = histogram(stage, one);
    for (size_t b = 0; b < bins; ++b) {
      sum[b] += counts[b] / static_cast<double>(stage.shuffled.size());
    }
  }
  return sum;
}

/// Of those that count: by falling D, ties to the more often chosen, then the lower channel.
std::vector<size_t> most_specific(const DiscriminationStage& stage) {
  const Discrimination& own = stage.own;
  std::vector<size_t> order;
  for (size_t k = 0; k < own.chosen.size(); ++k) {
    if (own.chosen[k] >= stage.least && own.best[k] >= 0) order.push_back(k);
  }
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return std::pair(own.degree[a], own.chosen[a]) > std::pair(own.degree[b], own.chosen[b]);
  });
  order.resize(std::min(order.size(), most_listed));
  return order;
}

void put_channel_of(JsonWriter& json, const DiscriminationStage& stage, size_t k,
                    const Model& model, const ChannelConcepts* concepts) {
  json.begin_object();
  json.field("channel", static_cast<int64_t>(k));
  put_concept_name(json, concepts, stage.layer, static_cast<int64_t>(k));
  json.field("class", model.class_name(stage.own.best[k]));
  json.field("chosen", stage.own.chosen[k]);
  json.field("degree", stage.own.degree[k]);
  json.field("by_chance", stage.channel_by_chance(k));
  json.end();
}

/// `listed`: the channels that are told of one by one.
void put_stage_of(JsonWriter& json, const DiscriminationStage& stage,
                  const std::vector<size_t>& listed, const Model& model,
                  const ChannelConcepts* concepts) {
  constexpr auto degree = &Discrimination::degree;
  json.begin_object();
  json.field("layer", stage.layer);
  json.field("all", static_cast<int64_t>(stage.own.chosen.size()));
  json.field("never", stage.count(0, 1));
  json.field("rare", stage.count(1, stage.least));
  json.field("counted", stage.count(stage.least, infinity));
  json.field("mean", stage.mean(stage.own, degree, stage.least));
  json.field("by_chance", stage.by_chance(degree, stage.least));
  json.key("quartiles");
  json.list<double>(std::array{stage.quantile(0.25), stage.quantile(0.5), stage.quantile(0.75)});
  json.field("least", 1 / static_cast<double>(stage.own.classes));
  json.key("own");
  json.list<double>(histogram(stage, stage.own));
  json.key("chance");
  json.list<double>(histogram_by_chance(stage));
  json.key("channels");
  json.begin_array();
  for (const size_t k : listed) put_channel_of(json, stage, k, model, concepts);
  json.end();
  json.end();
}

std::string page_text(const std::string& title,
                      const std::function<void(JsonWriter&)>& put_members) {
  std::string text;
  write_page(title, put_members, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace

std::string discrimination_page(const ResultsFile& results,
                                const std::vector<DiscriminationStage>& stages, const Model& model,
                                const ShownBeside& beside) {
  const auto& options = results.plan().options;
  return page_text("Of how few classes channels are", [&](JsonWriter& json) {
    json.key("discrimination");
    json.begin_object();
    json.field("images", results.count(ImageState::measured));
    for (const char* option : {"top", "count", "min_count", "shuffles"}) {
      json.field(option, options.at(option));
    }
    json.key("stages");
    json.begin_array();
    std::vector<LayerChannel> all_listed;
    for (const DiscriminationStage& stage : stages) {
      const std::vector<size_t> listed = most_specific(stage);
      put_stage_of(json, stage, listed, model, beside.concepts.get());
      for (const size_t k : listed) all_listed.push_back({stage.layer, static_cast<int64_t>(k)});
    }
    json.end();
    json.end();
    put_channel_patches(json, beside.patches, all_listed);
  });
}

std::string context_page(const ResultsFile& results, const Table& labels) {
  return page_text("What maps lie on", [&](JsonWriter& json) {
    json.key("context");
    json.begin_object();
    json.field("images", results.count(ImageState::measured));
    json.field("mask", results.plan().options.at("mask"));
    json.key("rows");
    json.begin_array();
    for (const std::vector<std::string>& row : labels.rows) {
      json.begin_object();
      for (size_t c = 0; c < row.size(); ++c) json.field(labels.header[c], row[c]);
      json.end();
    }
    json.end();
    json.end();
  });
}

std::string page_of(const ResultsFile& results, const ResultTables& tables, const Model& model,
                    const ShownBeside& beside) {
  const std::string& experiment = results.plan().experiment;
  if (experiment != "context" && experiment != "discriminate") {
    throw UserError(
        joined("a page is of 'context', 'discriminate' or 'class-graph'; these results are of '",
               experiment, "'"));
  }
  if (results.count(ImageState::measured) == 0) throw UserError("not one image was measured");
  return experiment == "context" ? context_page(results, *tables.labels)
                                 : discrimination_page(results, tables.stages, model, beside);
}

}  // namespace hdecomp::tools
