/// From the rows of what-ifs to shares of images.
#include "tools/tables/what_if_tables.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "hdecomp/what_if.h"
#include "tools/tables/result_column.h"

namespace hdecomp::tools {
namespace {

namespace names = what_ifs_fields;

/// A field of every image.
class Rows {
 public:
  Rows(const ResultsFile& results, const std::string& field)
      : values_(results.values(field)), size_(values_.size() / results.states().size()) {}

  double at(size_t image, size_t place = 0) const { return values_[image * size_ + place]; }

 private:
  std::vector<float> values_;
  size_t size_;
};

/// The mean over images of what is a number; NaN of none.
double mean_over(const std::vector<size_t>& images, const std::function<double(size_t)>& value) {
  double sum = 0;
  int64_t count = 0;
  for (const size_t image : images) {
    if (const double one = value(image); !std::isnan(one)) sum += one, ++count;
  }
  return sum / static_cast<double>(count);
}

struct Predictions {
  explicit Predictions(const ResultsFile& results)
      : predicted(results, names::predicted), correct(results, names::correct) {}

  bool is_changed(size_t image) const { return !std::isnan(predicted.at(image, 1)); }
  bool changes(size_t image) const { return predicted.at(image, 0) != predicted.at(image, 1); }

  Rows predicted, correct;
};

struct AllRows : Predictions {
  explicit AllRows(const ResultsFile& results)
      : Predictions(results),
        probability(results, names::probability),
        score(results, names::score),
        label_probability(results, names::label_probability),
        filled(results, names::filled),
        control_changes(results, names::control_changes),
        control_correct(results, names::control_correct),
        control_probability(results, names::control_probability),
        control_score(results, names::control_score),
        control_as_low(results, names::control_as_low) {}

  Rows probability, score, label_probability, filled, control_changes, control_correct,
      control_probability, control_score, control_as_low;
};

/// What was done, and what chance did.
std::pair<std::string, std::string> words_of(const ResultsPlan& plan) {
  const auto& options = plan.options;
  const std::string& controls = options.at("controls");
  if (options.contains("off")) {
    return {joined(options.at("off"), " off"), joined(controls, " times others of the layer")};
  }
  return {joined("what ", options.at("at"), " looks at, ", options.at("fill")),
          joined(controls, " boxes of chance")};
}

void add_group(Table& table, const std::string& name, const std::vector<size_t>& images,
               const AllRows& rows, const std::pair<std::string, std::string>& words) {
  if (images.empty()) return;
  const auto mean = [&](const Rows& of, size_t place, int digits = 3) {
    return cell(mean_over(images, [&](size_t i) { return of.at(i, place); }), digits);
  };
  const auto changes = mean_over(images, [&](size_t i) { return rows.changes(i) ? 1.0 : 0.0; });
  table.rows.push_back({name, joined(images.size()), words.first, cell(changes),
                        mean(rows.correct, 1), mean(rows.probability, 0), mean(rows.probability, 1),
                        mean(rows.score, 0, 2), mean(rows.score, 1, 2), ""});
  table.rows.push_back({"", "", words.second, mean(rows.control_changes, 0),
                        mean(rows.control_correct, 0), mean(rows.probability, 0),
                        mean(rows.control_probability, 0), mean(rows.score, 0, 2),
                        mean(rows.control_score, 0, 2), mean(rows.control_as_low, 0)});
}

}  // namespace

Table what_ifs_table(const ResultsFile& results) {
  Table table{{"images", "changed", "by", "class changes", "is the label then",
               "probability before", "after", "score before", "after", "as low by chance"},
              {}};
  const AllRows rows(results);
  std::vector<size_t> all, wrong, right;
  int64_t left = 0;
  for (size_t i = 0; i < results.states().size(); ++i) {
    if (results.states()[i] != ImageState::measured) continue;
    if (!rows.is_changed(i)) {
      ++left;
      continue;
    }
    all.push_back(i);
    if (rows.correct.at(i, 0) == 0) wrong.push_back(i);
    if (rows.correct.at(i, 0) == 1) right.push_back(i);
  }
  const auto words = words_of(results.plan());
  add_group(table, "all", all, rows, words);
  if (wrong.size() < all.size()) add_group(table, "wrong before", wrong, rows, words);
  if (right.size() < all.size()) add_group(table, "right before", right, rows, words);
  table.rows.push_back({"left as they are", joined(left)});
  table.rows.back().resize(table.header.size());
  return table;
}

namespace {

/// The first and the last channel that images can have been changed by: the one that was named, or
/// any of the last stage.
std::pair<int64_t, int64_t> channels_of(const ResultsPlan& plan, const Model& model) {
  const auto off = plan.options.find("off");
  const std::string& named = off == plan.options.end() ? plan.options.at("at") : off->second;
  if (named == "top") return {0, last_channel(model)};
  const int64_t channel = off == plan.options.end()
                              ? node_name(named).channel
                              : int64_t{channels_off(named).front().channels.front()};
  return {channel, channel};
}

}  // namespace

Table what_ifs_channels(const ResultsFile& results, const Model& model) {
  struct Counts {
    int64_t images = 0, wrong = 0, changes = 0, mended = 0, spoiled = 0;
  };
  const auto [first, last] = channels_of(results.plan(), model);
  const Predictions rows(results);
  const Rows channel(results, names::channel);
  std::map<int64_t, Counts> by_channel;
  for (size_t i = 0; i < results.states().size(); ++i) {
    if (results.states()[i] != ImageState::measured || !rows.is_changed(i)) continue;
    Counts& counts = by_channel[results.index_in(names::channel, static_cast<float>(channel.at(i)),
                                                 first, last)];
    const double before = rows.correct.at(i, 0), after = rows.correct.at(i, 1);
    ++counts.images;
    counts.wrong += before == 0 ? 1 : 0;
    counts.changes += rows.changes(i) ? 1 : 0;
    counts.mended += before == 0 && after == 1 ? 1 : 0;
    counts.spoiled += before == 1 && after == 0 ? 1 : 0;
  }
  std::vector<std::pair<int64_t, Counts>> order(by_channel.begin(), by_channel.end());
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [](const auto& one) { return one.second.images; });
  Table table{{"channel", "images", "wrong before", "class changes", "mended", "spoiled"}, {}};
  for (const auto& [index, counts] : order) {
    table.rows.push_back({joined(index), joined(counts.images), joined(counts.wrong),
                          joined(counts.changes), joined(counts.mended), joined(counts.spoiled)});
  }
  return table;
}

}  // namespace hdecomp::tools
