/// Gradients of cell ops inside windows by rows: several floats at once, and no question asked of a
/// single cell.
#include "kernels/cell/cell_window_rows_cpu.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kernels/cell/cell_choice.h"
#include "kernels/cell/cell_rows_cpu.h"
#include "kernels/cell/lane_slopes_cpu.h"
#include "kernels/loops/pieces.h"

namespace hdecomp::cpu {
namespace {

/// A function's slopes over the map of a channel, which a thread finds once for neighbouring
/// decisions.
class KnownSlopes {
 public:
  KnownSlopes(const Context& context, const Tensor& feature)
      : feature_(feature), of_(context.threads()) {
    context.cpu().reserve_scratch(context.threads() * floats_ *
                                  static_cast<int64_t>(sizeof(float)));
    memory_ = reinterpret_cast<float*>(context.cpu().scratch());
  }

  const float* find(int64_t channel, const Place& place, const ScalarFunction& function) {
    const int thread = omp_get_thread_num();
    float* slopes = memory_ + thread * floats_;
    const float* x = feature_plane(feature_, place, channel);
    if (std::exchange(of_[thread], x) == x) return slopes;
    function_slopes(function, x, area_, slopes);
    return slopes;
  }

 private:
  const Tensor& feature_;
  std::vector<const float*> of_;  // the maps whose slopes each thread has
  int64_t area_ = feature_.shape()[2] * feature_.shape()[3];
  int64_t floats_ = pieces(area_, lanes) * lanes;
  float* memory_;
};

void scalar_rows(const RowPlanes& planes, const CellOp& op, const Tensor& feature) {
  const bool maps = planes.above.window.whole() && planes.below.batch.window.whole();
  const bool known_once =
      maps && planes.above.decisions() > 1 && has_costly_slope(op.function.function);
  if (known_once) {
    KnownSlopes known(planes.context, feature);
    return planes.each_row([&](int64_t c, const Place& place, const CellRow&) {
      return [slopes = known.find(c, place, op.function)](const Lanes& g, int64_t i, int64_t some) {
        return times(g, load_some(slopes + i, some));
      };
    });
  }
  with_slope(op.function, [&](const auto& slope) {
    planes.each_row([&](int64_t c, const Place& place, const CellRow& row) {
      return [&slope, x = feature_plane(feature, place, c) + row.map](const Lanes& g, int64_t i,
                                                                      int64_t some) {
        return times(g, slope(load_some(x + i, some)));
      };
    });
  });
}

void scaled_rows(const RowPlanes& planes, const Tensor& scale) {
  planes.each_row([&](int64_t c, const Place&, const CellRow&) {
    return [factor = scale.data()[c]](const Lanes& g, int64_t, int64_t) { return factor * g; };
  });
}

/// A product's gradient to the factor that is a whole map: times the other one, a map or a number
/// for each channel.
void product_rows(const RowPlanes& planes, const Tensor& other) {
  if (other.shape()[2] * other.shape()[3] == 1) {
    return planes.each_row([&](int64_t c, const Place& place, const CellRow&) {
      return [factor = *feature_plane(other, place, c)](const Lanes& g, int64_t, int64_t) {
        return factor * g;
      };
    });
  }
  planes.each_row([&](int64_t c, const Place& place, const CellRow& row) {
    return [x = feature_plane(other, place, c) + row.map](const Lanes& g, int64_t i, int64_t some) {
      return times(g, load_some(x + i, some));
    };
  });
}

constexpr int64_t summed_at_once = 256;  // the error of one long sum would grow with its length

/// To an input of one cell: the sum over the window above of of(channel, place)(gradient, where in
/// the map, how many).
template <class Of>
void sum_windows(const RowPlanes& planes, Of of) {
  const Window& above = planes.above.window;
  for_each_plane_below(planes.context, planes.below, [&](int64_t c, int64_t d, const Place& place) {
    const float* g = planes.above.plane(c, d);
    const auto term = of(c, place);
    float sum = 0;
    for_each_run(above, place.y, place.x, [&](int64_t cell, int64_t at, int64_t count) {
      for (int64_t first = 0; first < count; first += summed_at_once) {
        const int64_t end = std::min(first + summed_at_once, count);
        Lanes sums{};
        for (int64_t i = first; i < end; i += lanes) {
          const int64_t left = std::min(end - i, lanes);
          sums += term(load_some(g + cell + i, left), at + i, left);
        }
        for (int64_t i = 0; i < lanes; ++i) sum += sums[i];
      }
    });
    planes.below.batch.plane(c, d)[0] += sum;
  });
}

/// A product's gradient to a gate.
void gate_sums(const RowPlanes& planes, const Tensor& other) {
  sum_windows(planes, [&](int64_t c, const Place& place) {
    return [x = feature_plane(other, place, c)](const Lanes& g, int64_t at, int64_t some) {
      return g == 0 ? Lanes{} : g * load_some(x + at, some);
    };
  });
}

bool same_map(const Window& a, const Window& b) { return a.y.map == b.y.map && a.x.map == b.x.map; }

bool product_backward(const RowPlanes& planes, size_t which,
                      std::span<const Tensor* const> features) {
  const Tensor &own = *features[which], &other = *features[1 - which];
  const Window &above = planes.above.window, &below = planes.below.batch.window;
  const int64_t channels = planes.above.channels;
  if (own.shape()[1] != channels || other.shape()[1] != channels) return false;
  const bool alike = same_map(above, below);
  const bool gate = below.y.map * below.x.map == 1 && !alike;
  if (gate && own.shape() == other.shape()) return false;
  if (gate) return gate_sums(planes, other), true;
  if (!alike) return false;
  return product_rows(planes, other), true;
}

/// The gradient of a sum or a difference (`sign` of the input): as it is or its negative, to an
/// input of one cell the sum of it.
bool sum_backward(const RowPlanes& planes, float sign) {
  const Window &above = planes.above.window, &below = planes.below.batch.window;
  if (planes.above.channels != planes.below.batch.channels) return false;
  const auto signed_gradient = [sign](const Lanes& g, int64_t, int64_t) { return sign * g; };
  if (same_map(above, below)) {
    planes.each_row([&](int64_t, const Place&, const CellRow&) { return signed_gradient; });
    return true;
  }
  if (below.y.map * below.x.map != 1) return false;
  sum_windows(planes, [&](int64_t, const Place&) { return signed_gradient; });
  return true;
}

/// Channels that change places on their map: each input channel takes one output channel's rows.
bool moved_rows(const RowPlanes& planes, const cell::MoveRule& rule) {
  const Window &above = planes.above.window, &below = planes.below.batch.window;
  if (rule.pad_y != 0 || rule.pad_x != 0 || !same_map(above, below)) return false;
  planes.each_moved([&](int64_t c) -> int64_t {
    const int output = rule.output_of(to_int(c));
    return output < rule.out_channels ? output : -1;
  });
  return true;
}

}  // namespace

void function_slopes(const ScalarFunction& function, const float* x, int64_t count, float* slopes) {
  with_slope(function, [=](const auto& slope) {
    for (int64_t i = 0; i < count; i += lanes) {
      const int64_t some = std::min(count - i, lanes);
      store_some(slope(load_some(x + i, some)), slopes + i, some);
    }
  });
}

bool cell_rows_backward(const Context& context, const CellOp& op, size_t which,
                        std::span<const Tensor* const> features, const Tensor* weight,
                        const WindowBatch& above, const GradientBelow& below) {
  if (above.one_hot) return false;
  const RowPlanes planes{context, above, below};
  const auto arguments = [&] {
    return cell::backward_arguments(op, which, features, weight, above, below.batch);
  };
  switch (op.formula) {
    case CellFormula::move:
      return moved_rows(planes, cell::move_rule(arguments()));
    case CellFormula::gather:
      return gather_rows_backward(planes, cell::gather_rule(arguments())), true;
    case CellFormula::mean:
      return mean_rows_backward(planes, cell::mean_rule(arguments())), true;
    case CellFormula::scalar:
      return scalar_rows(planes, op, *features[which]), true;
    case CellFormula::affine:
      return scaled_rows(planes, *weight), true;
    case CellFormula::add:
      return sum_backward(planes, 1);
    case CellFormula::sub:
      return sum_backward(planes, which == 0 ? 1.0f : -1.0f);
    case CellFormula::mul:
      return product_backward(planes, which, features);
    case CellFormula::layer_norm:
      return norm_rows_backward(planes, op, *features[which], *weight), true;
    default:
      return false;
  }
}

}  // namespace hdecomp::cpu
