/// How far two cores of this machine lie from each other.
#pragma once

namespace hdecomp {

/// Nanoseconds that a cache line takes from one of two threads to the other and back, the median of
/// many. A virtual machine's host moves its cores: beside each other 100, on two dies 400, and a
/// pass of small maps, of which half come from the other core, takes up to half as long again.
double cores_apart_ns();

}  // namespace hdecomp
