/// The fake cuDNN's convolution, forward and backward, as products.
#include <cstring>

#include "fake_cudnn.h"

namespace emulator {
namespace {

/// The output's row or column that tap `tap` takes input `at` to; -1 if there is none.
int64_t reached(int64_t at, int64_t tap, int64_t pad, int64_t stride, int64_t size) {
  const int64_t from = at + pad - tap;
  return from < 0 || from % stride != 0 || from / stride >= size ? -1 : from / stride;
}

}  // namespace

void forward(const Extents& e, const Arrays& a) {
  if (a.workspace_bytes > 0) std::memset(a.workspace, 0xFF, a.workspace_bytes);
  const Element type = e.element();
  const int64_t depth = e.group_in() * e.taps(), plane = e.y.h * e.y.w;
  for (int64_t part = 0; part < e.x.n * e.conv.groups; ++part) {
    const int64_t group = part % e.conv.groups;
    const int64_t x0 = part * e.group_in() * e.x.h * e.x.w, y0 = part * e.group_out() * plane;
    multiply(
        e.group_out(), plane, depth,
        [&](int64_t k, int64_t l) {
          return read_element(a.w, type, (group * e.group_out() + k) * depth + l);
        },
        [&](int64_t l, int64_t at) {
          const int64_t row = at / e.y.w * e.conv.stride_h - e.conv.pad_h +
                              l % e.taps() / e.w.w * e.conv.dilation_h;
          const int64_t column =
              at % e.y.w * e.conv.stride_w - e.conv.pad_w + l % e.w.w * e.conv.dilation_w;
          if (row < 0 || row >= e.x.h || column < 0 || column >= e.x.w) return 0.0f;
          return read_element(a.from, type, x0 + (l / e.taps() * e.x.h + row) * e.x.w + column);
        },
        [&](int64_t k, int64_t at, double sum) {
          write_element(a.to, type, y0 + k * plane + at, static_cast<float>(sum));
        });
  }
}

void backward(const Extents& e, const Arrays& a) {
  if (a.workspace_bytes > 0) std::memset(a.workspace, 0xFF, a.workspace_bytes);
  const Element type = e.element();
  const int64_t depth = e.group_out() * e.taps(), plane = e.x.h * e.x.w;
  for (int64_t part = 0; part < e.x.n * e.conv.groups; ++part) {
    const int64_t group = part % e.conv.groups;
    const int64_t x0 = part * e.group_in() * plane, y0 = part * e.group_out() * e.y.h * e.y.w;
    multiply(
        e.group_in(), plane, depth,
        [&](int64_t c, int64_t l) {
          const int64_t k = group * e.group_out() + l / e.taps();
          return read_element(a.w, type, (k * e.group_in() + c) * e.taps() + l % e.taps());
        },
        [&](int64_t l, int64_t at) {
          const int64_t row = reached(at / e.x.w, l % e.taps() / e.w.w * e.conv.dilation_h,
                                      e.conv.pad_h, e.conv.stride_h, e.y.h);
          const int64_t column = reached(at % e.x.w, l % e.w.w * e.conv.dilation_w, e.conv.pad_w,
                                         e.conv.stride_w, e.y.w);
          if (row < 0 || column < 0) return 0.0f;
          return read_element(a.from, type, y0 + (l / e.taps() * e.y.h + row) * e.y.w + column);
        },
        [&](int64_t c, int64_t at, double sum) {
          write_element(a.to, type, x0 + c * plane + at, static_cast<float>(sum));
        });
  }
}

}  // namespace emulator
