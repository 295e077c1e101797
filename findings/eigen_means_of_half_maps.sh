#!/usr/bin/env bash
# Eigen's mean of a map of ones is 0.65, 0.33 or 0.005 in half and bfloat16, by who asks; its products stop growing, too.
# Library: Eigen 3.4.0 (Debian 12: libeigen3-dev 3.4.0-4), Eigen::half, Eigen::bfloat16, arrays, matrices and tensors (unsupported/Eigen/CXX11/
# Tensor), compiled with -O2 -mavx2 -mfma -mf16c.
# Behaviour: both types are for storing and computing networks, and Eigen computes each sum and product of two numbers in float. A mean of
# ones is 1; the accuracy of the type, 3 or 2 digits, was expected. Sums are rounded to the type after each addition: a half
# stops at 2048, a bfloat16 at 256, where adding 1 changes nothing. How far an average over a map gets is by how many such sums run
# side by side: whole arrays have eight, rows of a matrix one. A tensor's sum() is added in pairs and is right in half, its mean() of the
# same numbers is not. So global average pooling of 56 x 56 loses a third; a product of bfloat16 matrices, as a 1 x 1
# convolution over 784 channels, two thirds. No sum overflows, nothing says so. What helps: cast<float>() before the sum.
# Seen, 2026-12-01, ones; of a product the sum over the number of terms:
#   Eigen 3.4.0
#   half, 28 x 28: array 1, cast to float 1, rows 1, tensor 1, tensor's sum 784, product 1
#   half, 56 x 56: array 1, cast to float 1, rows 0.653, tensor 1, tensor's sum 3136, product 1
#   half, 224 x 224: array 0.653, cast to float 1, rows 0.0408, tensor 0.326, tensor's sum 50176, product 0.994
#   bfloat16, 28 x 28: array 1, cast to float 1, rows 0.326, tensor 1, tensor's sum 784, product 0.327
#   bfloat16, 56 x 56: array 1, cast to float 1, rows 0.0815, tensor 0.652, tensor's sum 3136, product 0.327
#   bfloat16, 224 x 224: array 0.0815, cast to float 1, rows 0.0051, tensor 0.0408, tensor's sum 32768, product 0.296
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
debs() { mkdir -p a/partial root; : >status; [ -n "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ] || apt-get -qq update
  apt-get -qq -y -o Dir::State::status="$T/status" -o Dir::Cache::archives="$T/a" -o Debug::NoLocking=1 -o APT::Install-Recommends=0 --download-only install "$@" >/dev/null 2>&1
  for d in a/*.deb; do dpkg -x "$d" root; done; rm -r a
  L=$T/root/usr/lib/x86_64-linux-gnu; export LD_LIBRARY_PATH=$L:$L/blas:$L/lapack:$L/openblas-pthread:$T/root/lib/x86_64-linux-gnu; }
for flag in avx2 fma f16c; do grep -qw $flag /proc/cpuinfo || { echo "no $flag here, the numbers are others without it"; exit 1; }; done
debs libeigen3-dev=3.4.0-4

cat >means.cpp <<'END'
#include <Eigen/Core>
#include <cstdio>
#include <cstdlib>
#include <unsupported/Eigen/CXX11/Tensor>

struct Means {
  float array, cast, rows, tensor, sum, product;
};

/// The mean of count ones, asked for in several ways; of a product of ones the sum over its number of terms.
template <class Number>
Means means(const char* name, int side) {
  using Matrix = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic>;
  const int count = side * side;
  const Eigen::Array<Number, Eigen::Dynamic, 1> ones = Eigen::Array<Number, Eigen::Dynamic, 1>::Constant(count, Number(1));
  const Matrix rows = Matrix::Constant(4, count, Number(1)), columns = Matrix::Constant(count, 4, Number(1));
  const Matrix product = rows * columns;
  Eigen::Tensor<Number, 1> tensor(count);
  tensor.setConstant(Number(1));
  const Eigen::Tensor<Number, 0> mean = tensor.mean(), sum = tensor.sum();
  const Means m{float(ones.mean()), ones.template cast<float>().mean(), float(rows.rowwise().mean()(0)), float(mean()), float(sum()),
                float(product(0, 0)) / float(count)};
  printf("%s, %d x %d: array %.3g, cast to float %.3g, rows %.3g, tensor %.3g, tensor's sum %.0f, product %.3g\n", name, side, side, double(m.array),
         double(m.cast), double(m.rows), double(m.tensor), double(m.sum), double(m.product));
  return m;
}

int main() {
  printf("Eigen %d.%d.%d\n", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
  const Means half28 = means<Eigen::half>("half", 28), half56 = means<Eigen::half>("half", 56), half224 = means<Eigen::half>("half", 224);
  const Means bf28 = means<Eigen::bfloat16>("bfloat16", 28), bf56 = means<Eigen::bfloat16>("bfloat16", 56);
  const Means bf224 = means<Eigen::bfloat16>("bfloat16", 224);
  const bool right = half28.rows == 1 && half224.cast == 1 && half224.sum == 50176 && bf28.array == 1 && bf224.cast == 1;
  const bool wrong = half56.rows < 0.7f && half224.array < 0.7f && half224.tensor < 0.4f && bf28.rows < 0.4f && bf28.product < 0.4f &&
                     bf56.tensor < 0.7f && bf224.array < 0.1f;
  return right && wrong ? EXIT_SUCCESS : EXIT_FAILURE;
}
END
g++ -std=c++17 -O2 -mavx2 -mfma -mf16c -I"$T/root/usr/include/eigen3" means.cpp -o means
./means
