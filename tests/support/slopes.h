/// Every op's Jacobian entry by entry in double precision, written from nets/README.md's table:
/// what the exact gradient is the sum of.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "hdecomp/error.h"
#include "tests/support/exact_functions.h"
#include "tests/support/exact_net.h"

namespace hdecomp::testing_models {

/// One node of a network with the features that it reads, and calls of visit(output element, input
/// element, Slope) for one of its inputs. An entry may come in several parts, which add up.
class Slopes {
 public:
  /// `features` of all nodes, those that the node reads filled in; `weight` of the node's own.
  Slopes(const Graph& graph, int node, const std::vector<Doubles>& features, const Doubles& weight)
      : graph_(graph), node_(graph.nodes[node]), weight_(weight), out_(graph.shapes[node]) {
    for (const int input : node_.inputs) {
      shapes_.push_back(graph.shapes[input]);
      x_.push_back(&features[input]);
    }
    index_ = node;
  }

  template <class Visit>
  void each(size_t which, Visit visit) const {
    switch (node_.op) {
      case Op::conv:
        return conv(visit);
      case Op::linear: {
        const int64_t terms = shapes_[0].elements();
        for (int64_t i = 0; i < out_.channels * terms; ++i) {
          visit(i / terms, i % terms, Slope(weight_[i]));
        }
        return;
      }
      case Op::max_pool:
      case Op::avg_pool:
      case Op::adaptive_avg_pool:
        return each_cell([&](int64_t c, int64_t i, int64_t j) { pool(c, i, j, visit); });
      case Op::lrn:
      case Op::layer_norm:
        return each_cell([&](int64_t c, int64_t i, int64_t j) {
          node_.op == Op::lrn ? lrn(c, i, j, visit) : layer_norm(c, i, j, visit);
        });
      default:
        return each_cell([&](int64_t c, int64_t i, int64_t j) { cell(which, c, i, j, visit); });
    }
  }

  /// Of an op whose output is more than the sum of slopes times inputs, at (c, i, j).
  double value(int64_t c, int64_t i, int64_t j) const {
    const double x = (*x_[0])[at(shapes_[0], c, i, j)];
    if (node_.op == Op::activation) return exact_value(node_.function, x);
    if (node_.op == Op::lrn) return x * std::pow(lrn_base(c, i, j), -double{node_.lrn.beta});
    const auto [mean, inverse] = moments(i, j);
    return (x - mean) * inverse * weight_[c];
  }

  static int64_t at(const FeatureShape& shape, int64_t c, int64_t i, int64_t j) {
    return (c * shape.height + i) * shape.width + j;
  }
  template <class Body>
  void each_cell(Body body) const {
    for (int64_t c = 0; c < out_.channels; ++c) {
      for (int64_t i = 0; i < out_.height; ++i) {
        for (int64_t j = 0; j < out_.width; ++j) body(c, i, j);
      }
    }
  }

 private:
  template <class Visit>
  void conv(Visit visit) const {
    const FeatureShape& in = shapes_[0];
    const int64_t own = in.channels / node_.groups, per_group = out_.channels / node_.groups;
    const KernelAxis &y = node_.y, &x = node_.x;
    each_cell([&](int64_t o, int64_t i, int64_t j) {
      int64_t w = o * own * y.size * x.size;
      for (int64_t c = o / per_group * own, end = c + own; c < end; ++c) {
        for (int64_t p = 0; p < y.size; ++p) {
          for (int64_t q = 0; q < x.size; ++q, ++w) {
            const int64_t row = i * y.stride - y.pad + p * y.dilation;
            const int64_t column = j * x.stride - x.pad + q * x.dilation;
            if (row < 0 || row >= in.height || column < 0 || column >= in.width) continue;
            visit(at(out_, o, i, j), at(in, c, row, column), Slope(weight_[w]));
          }
        }
      }
    });
  }

  template <class Visit>
  void pool(int64_t c, int64_t i, int64_t j, Visit visit) const {
    const FeatureShape& in = shapes_[0];
    const KernelAxis &y = node_.y, &x = node_.x;
    std::vector<int64_t> cells;
    int64_t covered = 0;
    if (node_.op == Op::adaptive_avg_pool) {
      const int64_t n = node_.pool_size;
      const auto end = [&](int64_t k, int64_t size) { return ((k + 1) * size + n - 1) / n; };
      for (int64_t r = i * in.height / n; r < end(i, in.height); ++r) {
        for (int64_t q = j * in.width / n; q < end(j, in.width); ++q) {
          cells.push_back(at(in, c, r, q));
        }
      }
    } else {
      for (int64_t p = 0; p < y.size; ++p) {
        for (int64_t q = 0; q < x.size; ++q) {
          const int64_t row = i * y.stride - y.pad + p * y.dilation;
          const int64_t column = j * x.stride - x.pad + q * x.dilation;
          covered += row < in.height + y.pad_end && column < in.width + x.pad_end;
          if (row < 0 || row >= in.height || column < 0 || column >= in.width) continue;
          cells.push_back(at(in, c, row, column));
        }
      }
    }
    if (cells.empty()) return;
    const int64_t to = at(out_, c, i, j);
    if (node_.op == Op::max_pool) {
      const auto better = [&](int64_t a, int64_t b) { return (*x_[0])[a] < (*x_[0])[b]; };
      return visit(to, *std::ranges::max_element(cells, better), Slope(1));
    }
    const bool padded = node_.op == Op::avg_pool && node_.count_padding;
    const auto count = static_cast<double>(padded ? covered : std::ssize(cells));
    for (const int64_t from : cells) visit(to, from, Slope(1 / count));
  }

  template <class Visit>
  void cell(size_t which, int64_t c, int64_t i, int64_t j, Visit visit) const {
    const FeatureShape& in = shapes_[which];
    const auto read = [&](size_t k) { return place(shapes_[k], c, i, j); };
    const int64_t to = at(out_, c, i, j), from = read(which);
    switch (node_.op) {
      case Op::add:
        return visit(to, from, Slope(1));
      case Op::sub:
        return visit(to, from, Slope(which == 0 ? 1 : -1));
      case Op::mul:
        return visit(to, from, Slope((*x_[1 - which])[read(1 - which)]));
      case Op::div: {
        const double a = (*x_[0])[read(0)], b = (*x_[1])[read(1)];
        return visit(to, from, Slope(which == 0 ? 1 / b : -a / (b * b)));
      }
      case Op::max: {
        const double own = (*x_[which])[from], other = (*x_[1 - which])[read(1 - which)];
        return visit(to, from, Slope(own == other ? 0.5 : own > other ? 1 : 0));
      }
      case Op::concat: {
        const int64_t own = c - channel_offset(graph_, index_, which);
        if (own >= 0 && own < in.channels) visit(to, at(in, own, i, j), Slope(1));
        return;
      }
      case Op::activation:
        return visit(to, from, exact_slope(node_.function, (*x_[0])[from]));
      case Op::prelu:
        return visit(to, from, Slope((*x_[0])[from] < 0 ? weight_[c] : 1));
      case Op::affine:
        return visit(to, from, Slope(weight_[c]));
      case Op::affine_map:
        return visit(to, from, Slope(weight_[to]));
      case Op::channel_max:
        return channel_max(i, j, visit);
      case Op::gather:
        return visit(to, at(in, c, gathered(node_.y, i, in.height), gathered(node_.x, j, in.width)),
                     Slope(1));
      case Op::space_to_depth:
        return visit(to, in_block(in, c, i, j), Slope(1));
      case Op::depth_to_space:
        return visit(to, from_channels(in, c, i, j), Slope(1));
      case Op::slice:
      case Op::pad:
      case Op::channel_shuffle:
        return move(c, i, j, visit);
      default:
        throw Error(joined("no slopes of ", traits(node_.op).name));
    }
  }

  template <class Visit>
  void channel_max(int64_t i, int64_t j, Visit visit) const {
    const FeatureShape& in = shapes_[0];
    int64_t largest = 0;
    for (int64_t c = 1; c < in.channels; ++c) {
      if ((*x_[0])[at(in, c, i, j)] > (*x_[0])[at(in, largest, i, j)]) largest = c;
    }
    visit(at(out_, 0, i, j), at(in, largest, i, j), Slope(1));
  }

  /// The cell that a gather's cell i is, counted round the map.
  static int64_t gathered(const KernelAxis& axis, int64_t i, int64_t size) {
    const int64_t place = axis.stride * (i / axis.dilation) - axis.pad;
    return ((place % size) + size) % size;
  }

  /// Where the input has cell (i, j) of channel o of a space_to_depth.
  int64_t in_block(const FeatureShape& in, int64_t o, int64_t i, int64_t j) const {
    const int64_t columns = node_.x.size, cells = node_.y.size * columns, cell = o % cells;
    return at(in, o / cells, i * node_.y.size + cell / columns, j * columns + cell % columns);
  }

  /// Where it has cell (i, j) of channel c of a depth_to_space.
  int64_t from_channels(const FeatureShape& in, int64_t c, int64_t i, int64_t j) const {
    const int64_t rows = node_.y.size, columns = node_.x.size;
    return at(in, c * rows * columns + i % rows * columns + j % columns, i / rows, j / columns);
  }

  template <class Visit>
  void move(int64_t o, int64_t i, int64_t j, Visit visit) const {
    const FeatureShape& in = shapes_[0];
    const bool pads = node_.op == Op::pad, shuffles = node_.op == Op::channel_shuffle;
    const int64_t groups = node_.groups;
    const int64_t c =
        shuffles ? o % groups * (in.channels / groups) + o / groups : o + node_.first_channel;
    const int64_t row = i - (pads ? node_.y.pad : 0), column = j - (pads ? node_.x.pad : 0);
    if (c < 0 || c >= in.channels || row < 0 || row >= in.height || column < 0 ||
        column >= in.width) {
      return;
    }
    visit(at(out_, o, i, j), at(in, c, row, column), Slope(1));
  }

  double lrn_base(int64_t c, int64_t i, int64_t j) const {
    const ResponseNorm& n = node_.lrn;
    double sum = 0;
    for (int64_t k = c - n.before; k < c - n.before + n.size; ++k) {
      if (k < 0 || k >= out_.channels) continue;
      const double v = (*x_[0])[at(out_, k, i, j)];
      sum += v * v;
    }
    return n.k + double{n.alpha} / static_cast<double>(n.size) * sum;
  }

  template <class Visit>
  void lrn(int64_t c, int64_t i, int64_t j, Visit visit) const {
    const ResponseNorm& n = node_.lrn;
    const double base = lrn_base(c, i, j), x = (*x_[0])[at(out_, c, i, j)];
    const int64_t to = at(out_, c, i, j);
    visit(to, to, Slope(std::pow(base, -double{n.beta})));
    const double each = -2 * double{n.alpha} / static_cast<double>(n.size) * n.beta * x *
                        std::pow(base, -double{n.beta} - 1);
    for (int64_t k = c - n.before; k < c - n.before + n.size; ++k) {
      if (k < 0 || k >= out_.channels) continue;
      visit(to, at(out_, k, i, j), Slope(each * (*x_[0])[at(out_, k, i, j)]));
    }
  }

  /// Mean and 1 / deviation over a cell's channels.
  std::pair<double, double> moments(int64_t i, int64_t j) const {
    const auto channels = static_cast<double>(out_.channels);
    double mean = 0, variance = 0;
    for (int64_t c = 0; c < out_.channels; ++c) mean += (*x_[0])[at(out_, c, i, j)] / channels;
    for (int64_t c = 0; c < out_.channels; ++c) {
      variance += std::pow((*x_[0])[at(out_, c, i, j)] - mean, 2) / channels;
    }
    return {mean, 1 / std::sqrt(variance + node_.epsilon)};
  }

  /// scale_c (1 [k = c] - 1 / n - z_c z_k / n) / s, z = (x - mean) / s: a difference, so as large
  /// as |x| + |mean| over s.
  template <class Visit>
  void layer_norm(int64_t c, int64_t i, int64_t j, Visit visit) const {
    const auto channels = static_cast<double>(out_.channels);
    const auto [mean, inverse] = moments(i, j);
    const auto z = [&, m = mean, s = inverse](int64_t k) {
      const double x = (*x_[0])[at(out_, k, i, j)];
      return Slope((x - m) * s, (std::abs(x) + std::abs(m)) * s);
    };
    const int64_t to = at(out_, c, i, j);
    const double own = weight_[c] * inverse;
    const Slope z_c = z(c);
    visit(to, to, Slope(own));
    for (int64_t k = 0; k < out_.channels; ++k) {
      const Slope z_k = z(k);
      const int64_t from = at(out_, k, i, j);
      visit(to, from, Slope(-own / channels));
      visit(to, from,
            Slope(-own * z_c.value * z_k.value / channels,
                  std::abs(own) * z_c.size * z_k.size / channels));
    }
  }

  /// Where an input of one channel, or of one cell, is read for all.
  int64_t place(const FeatureShape& in, int64_t c, int64_t i, int64_t j) const {
    const bool cell = in.height == 1 && in.width == 1;
    return at(in, in.channels == 1 ? 0 : c, cell ? 0 : i, cell ? 0 : j);
  }

  const Graph& graph_;
  const Node& node_;
  const Doubles& weight_;
  FeatureShape out_;
  int index_ = 0;
  std::vector<FeatureShape> shapes_;
  std::vector<const Doubles*> x_;
};

}  // namespace hdecomp::testing_models
