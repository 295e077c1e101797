/// Counting features, and asking Linux for its memory.
#include "runtime/explain/feature_memory.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include "hdecomp/error.h"
#include "hdecomp/pixel_size.h"

namespace hdecomp {
namespace {

constexpr int64_t unknown = std::numeric_limits<int64_t>::max();

std::optional<int64_t> number_in(const char* path) {
  std::ifstream file(path);
  int64_t value = 0;
  if (file >> value) return value;
  return {};  // no such file, or "max"
}

/// "MemAvailable:   12345 kB"
int64_t available_to_system() {
  std::ifstream file("/proc/meminfo");
  for (std::string name; file >> name;) {
    int64_t kilobytes = 0;
    if (name == "MemAvailable:" && file >> kilobytes) return kilobytes << 10;
  }
  return unknown;
}

int64_t available_to_group() {
  const auto most = number_in("/sys/fs/cgroup/memory.max");
  const auto used = number_in("/sys/fs/cgroup/memory.current");
  return most && used ? std::max<int64_t>(*most - *used, 0) : unknown;
}

std::string mebibytes(int64_t bytes) {
  return joined(std::llround(std::ceil(static_cast<double>(bytes) / (1 << 20))), " MiB");
}

/// The largest input of the graph's aspect ratio whose features take at most `bytes`; 0 if none
/// does.
PixelSize largest_input(Graph graph, int64_t bytes) {
  const FeatureShape input = graph.shapes[0];
  const auto of_height = [&](int64_t height) {
    return PixelSize(height, height * input.width / input.height);
  };
  const auto fits = [&](const PixelSize& size) {
    try {
      infer_shapes(graph, {input.channels, size.height, size.width});
    } catch (const UserError&) {
      return size.height < bytes;  // too small for a kernel: look among the larger ones
    }
    return feature_bytes(graph) <= bytes;
  };
  int64_t good = 0, bad = input.height;
  while (bad - good > 1) {
    const int64_t middle = good + (bad - good) / 2;
    (fits(of_height(middle)) ? good : bad) = middle;
  }
  return of_height(good);
}

std::string input_of(const Graph& graph) {
  const FeatureShape& input = graph.shapes[0];
  return joined("an input of ", input.height, " x ", input.width, " (the model's crop)");
}

}  // namespace

int64_t feature_bytes(const Graph& graph) {
  int64_t bytes = 0;
  for (const FeatureShape& shape : graph.shapes) {
    bytes += shape.elements() * static_cast<int64_t>(sizeof(float));
  }
  return bytes;
}

void require_room_for_features(const Graph& graph, int64_t batch, int64_t available) {
  const int64_t bytes = feature_bytes(graph);
  const int64_t most = std::min(most_feature_bytes, available);
  if (bytes > most) {
    const PixelSize size = largest_input(graph, most);
    throw UserError(joined(input_of(graph), " takes ", mebibytes(bytes),
                           " of memory for the features of ", graph.arch, "; there is room for ",
                           mebibytes(most), ": give a model with a crop of ", size, " or less"));
  }
  if (bytes <= available / batch) return;
  throw UserError(joined("--batch ", batch, ": ", input_of(graph), " takes ", mebibytes(bytes),
                         " of memory for each image's features; there is room for ",
                         mebibytes(available), ": give --batch ", available / bytes, " or less"));
}

int64_t available_memory() { return std::min(available_to_system(), available_to_group()); }

}  // namespace hdecomp
