/// Where and how a network is run, and the devices that are there.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/export.h"

namespace hdecomp {

/// Where and how an explainer computes.
struct EngineOptions {
  std::string device = {};  // "cpu", "cuda", "cuda:1"; empty: a GPU where there is one
  // Of the CPU, at most: beside busy programs loops have fewer. 0: hdecomp/cores.h
  int threads = 0;
  int batch = 1;                      // most images that go through the network together
  std::string precision = "float32";  // or "bf16"; on a GPU also "tf32", "fp16"
  bool keep_last = false;             // the same image again, one at a time, skips the forward pass
};

/// The device taken where none is named: "cuda:0" if there is a usable GPU, else "cpu".
HDECOMP_API std::string default_device();
/// Every usable GPU: "cuda:0", "cuda:1", ...
HDECOMP_API std::vector<std::string> gpu_devices();

}  // namespace hdecomp
