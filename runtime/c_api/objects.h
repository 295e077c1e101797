/// What the C interface's opaque objects hold.
#pragma once

#include <hdecomp.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/attack.h"
#include "hdecomp/channel_concepts.h"
#include "hdecomp/channel_means.h"
#include "hdecomp/explainer.h"
#include "hdecomp/patches.h"

/// A model and what its parts are called, for texts that live as long as it.
struct hdecomp_model {
  explicit hdecomp_model(hdecomp::Model given);

  hdecomp::Model model;
  std::vector<hdecomp::LayerInfo> layers;
  std::vector<std::string> stages, class_names, wnids;
};
struct hdecomp_means {
  std::shared_ptr<const hdecomp::ChannelMeans> means;
};
struct hdecomp_concepts {
  std::shared_ptr<const hdecomp::ChannelConcepts> concepts;
};
struct hdecomp_explainer {
  explicit hdecomp_explainer(hdecomp::Explainer made)
      : explainer(std::move(made)), device(explainer.device()) {}

  std::deque<std::vector<hdecomp::Image>> begun;  // of batches, which the explainer reads
  hdecomp::Explainer explainer;
  std::string device;
};
struct hdecomp_image {
  hdecomp::Image image;
};
struct hdecomp_scores {
  std::vector<hdecomp::ClassScore> scores;
};
struct hdecomp_ablation {
  hdecomp::Ablation ablation;
};
struct hdecomp_saliency {
  hdecomp::SaliencyMap map;
};
struct hdecomp_features {
  hdecomp::LayerFeatures features;
};
struct hdecomp_attack {
  hdecomp::Attacked attacked;
};
struct hdecomp_what_if {
  hdecomp::WhatIf result;
};
struct hdecomp_stop {
  std::stop_source source;
};
struct hdecomp_text {
  std::string text;
};
struct hdecomp_bytes {
  std::vector<uint8_t> bytes;
};
struct hdecomp_patches {
  std::shared_ptr<const hdecomp::PatchFile> file;
};
