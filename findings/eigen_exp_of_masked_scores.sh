#!/usr/bin/env bash
# Eigen's exp of minus infinity is not 0, but for the last numbers of an array: what is masked out of a softmax keeps a probability.
# Library: Eigen 3.4.0 (Debian 12: libeigen3-dev 3.4.0-4), float and double, compiled with -O2 (SSE2) and with -mavx2 -mfma.
# Behaviour: exp(-inf) is 0, and exp(-1000) is, too, as float has nothing that is smaller and not 0. Scores that shall not take part are
# set to -inf before a softmax, so that their probability is 0. Eigen computes vectors of four or eight numbers by a polynomial, for
# which it takes -88.4 for everything below (float): 2.9e-39 or so, which is above 0. The numbers at the end of
# an array, which fill no vector, are computed by the C library: 0. The logarithm of a masked probability is a number (about -88) or
# -inf by its place, "p > 0" counts masked classes in, and logistic(-1000) is the same. expm1 and tanh have no such end. In double
# it is 0 in all places.
# Seen, 2026-12-01, eleven times -inf, in groups of equal ones:
#   Eigen 3.4.0
#   SSE2, float, exp(-inf): 1.18e-38 (0 to 7), 0 (8 to 10)
