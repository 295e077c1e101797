/// Means over the attacked images, and a row for each channel that was looked at.
#include "tools/tables/attack_tables.h"

#include <cmath>
#include <limits>

#include "hdecomp/attack.h"
#include "tools/tables/result_column.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {
namespace {

constexpr auto rank_count = static_cast<size_t>(attack_ranks);
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The mean of what is a number.
class Mean {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ > 0 ? sum_ / count_ : none; }
  double sum() const { return sum_; }

 private:
  double sum_ = 0, count_ = 0;
};

Mean mean_of(const ResultsFile& results, const std::string& field, size_t at) {
  const std::vector<float> values = results.values(field);
  const size_t size = values.size() / results.states().size();
  Mean mean;
  for (size_t i = at; i < values.size(); i += size) mean.add(values[i]);
  return mean;
}

/// Of a kind of channels over the images: the means of their peaks before and after, how often an
/// image's mean falls and rises, and how far they move.
struct Peaks {
  Mean before, after, falls, rises, moved, moves;
};

Peaks peaks_of(const ResultsFile& results, size_t kind) {
  const std::vector<float> peaks = results.values("peaks"), moved = results.values("moved");
  constexpr size_t kinds = std::size(attack_channels);
  Peaks all;
  for (size_t i = 0; i < results.states().size(); ++i) {
    Mean before, after;
    for (size_t k = 0; k < rank_count; ++k) {
      const size_t at = (i * kinds + kind) * rank_count + k;
      before.add(peaks[2 * at]);
      after.add(peaks[2 * at + 1]);
      all.moved.add(moved[at]);
      all.moves.add(std::isnan(moved[at]) ? none : moved[at] > 0);
    }
    all.before.add(before.value());
    all.after.add(after.value());
    const double change = after.value() - before.value();
    all.falls.add(std::isnan(change) ? none : change < 0);
    all.rises.add(std::isnan(change) ? none : change > 0);
  }
  return all;
}

}  // namespace

Table attacks(const ResultsFile& results) {
  Table table{{"mean over images", "before", "after", "share", "places moved", "share that moves"},
              {}};
  const auto add = [&](const std::string& name, std::vector<std::string> cells) {
    cells.insert(cells.begin(), name);
    cells.resize(table.header.size());
    table.rows.push_back(std::move(cells));
  };
  const Mean right = mean_of(results, "right", 0), fooled = mean_of(results, "fooled", 0);
  add("attacked, of all measured", {"", cell(right.sum(), 0), cell(right.value())});
  add("fooled, of those", {"", cell(fooled.sum(), 0), cell(fooled.value())});
  const auto pair = [&](const std::string& name, const std::string& field, size_t first) {
    add(name, {cell(mean_of(results, field, first).value()),
               cell(mean_of(results, field, first + 1).value())});
  };
  add("the pixel that went furthest", {"", cell(mean_of(results, "distance", 0).value(), 5)});
  pair("cross entropy", "loss", 0);
  pair("probability of the attacked class", "probability", 0);
  pair("probability of the new class", "probability", 2);
  for (size_t kind = 0; kind < std::size(attack_channels); ++kind) {
    const Peaks peaks = peaks_of(results, kind);
    add(joined("peaks in ", attack_channels[kind], ", ", kind == 0 ? "fall" : "rise"),
        {cell(peaks.before.value()), cell(peaks.after.value()),
         cell(kind == 0 ? peaks.falls.value() : peaks.rises.value()), cell(peaks.moved.value(), 2),
         cell(peaks.moves.value())});
  }
  return table;
}

Table attacked_channels(const ResultsFile& results, const Model& model) {
  Table table{{"image", "class", "new class", "channels", "rank", "channel", "peak before",
               "peak after", "places moved"},
              {}};
  const std::vector<float> channels = results.values("channels"), peaks = results.values("peaks"),
                           moved = results.values("moved"), now = results.values("new_class");
  const std::vector<float> own = results.values("decision_class");
  const auto class_of = [&](const char* field, float value) {
    return model.class_name(results.index_in(field, value, 0, model.class_count() - 1));
  };
  const int64_t last = last_channel(model);
  constexpr size_t per_image = std::size(attack_channels) * rank_count;
  for (size_t at = 0; at < channels.size(); ++at) {
    if (std::isnan(channels[at])) continue;
    const size_t i = at / per_image;
    table.rows.push_back({results.plan().images[i], class_of("decision_class", own[i]),
                          class_of("new_class", now[i]),
                          attack_channels[at % per_image / rank_count], joined(at % rank_count + 1),
                          joined(results.index_in("channels", channels[at], 0, last)),
                          cell(peaks[2 * at], 4), cell(peaks[2 * at + 1], 4), cell(moved[at], 2)});
  }
  return table;
}

}  // namespace hdecomp::tools
