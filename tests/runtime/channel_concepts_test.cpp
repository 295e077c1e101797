/// Concepts files: what was written comes back; what is foreign or damaged is refused.
#include "hdecomp/channel_concepts.h"

#include <gtest/gtest.h>
#include <hdf5.h>

#include "runtime/concepts/concepts_file.h"
#include "tests/support/edit_hdf5.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace testing_models;

class ConceptFiles : public ::testing::Test {
 protected:
  ConceptFiles() : path_(temporary_path(".h5")), model_(slim()) {
    write_concepts(path_, content());
  }

  static Model slim() {
    const std::string file = temporary_path("_model.h5");
    write_model(slim_model("vgg16", 96), file);
    return Model::load(file);
  }
  /// Of two stages; channel 1 of the first is a face, channel 2 too little of one.
  ConceptsFile content() const {
    ConceptsFile made{"00ff", 7, 0.005, 0.04, {{1, "face"}, {4, "left hand"}}, {}};
    for (const std::string layer : {"conv5_3", "conv1_2"}) {
      LayerConcepts& to = made.layers.emplace_back(LayerConcepts{layer, {}});
      for (const LayerInfo& each : model_.layers()) {
        if (each.name == layer) to.channels.resize(static_cast<size_t>(each.channels));
      }
    }
    made.layers[0].channels[1] = {0, 0.31415926535897932, 2.5f, 1234};
    made.layers[0].channels[2] = {1, 0.0399999999999999, 2.5f, 1234};
    made.layers[1].channels[0] = {1, 0.04, 2.5f, int64_t{1} << 40};
    return made;
  }

  std::string refusal(const std::string& path) const {
    return error_line([&] { ChannelConcepts::load(path, model_, "00ff"); });
  }
  template <class Change>
  std::string refusal_of(Change change) const {
    ConceptsFile made = content();
    change(made);
    const std::string bad = temporary_path("_bad.h5");
    write_concepts(bad, made);
    return refusal(bad);
  }
  template <class Change>
  std::string refusal_after(Change change) const {
    return refusal(edited_hdf5(path_, change));
  }

  std::string path_;
  Model model_;
};

TEST_F(ConceptFiles, KeepWhatWasWritten) {
  const auto concepts = ChannelConcepts::load(path_, model_, "00ff");
  EXPECT_EQ(concepts->images(), 7);
  EXPECT_EQ(concepts->least_iou(), 0.04);
  ASSERT_EQ(concepts->layers().size(), 2u);
  EXPECT_EQ(concepts->layers()[0].layer, "conv5_3");  // in their order
  const ChannelConcept* face = concepts->find("conv5_3", 1);
  ASSERT_NE(face, nullptr);
  EXPECT_EQ(face->iou, 0.31415926535897932);
  EXPECT_EQ(face->mask, 1234);
  EXPECT_EQ(concepts->words("conv5_3", 1), "face 0.31");
  EXPECT_EQ(concepts->words("conv1_2", 0), "left hand 0.04");
  EXPECT_EQ(concepts->words("conv5_3", 2), "");  // below the least
  EXPECT_EQ(concepts->words("conv5_3", 0), "");  // none
  EXPECT_EQ(concepts->words("conv4_3", 1), "");  // not looked at
  EXPECT_EQ(concepts->words("conv5_3", 100000), "");
  const auto again = temporary_path("_again.h5");
  write_concepts(again, content());
  EXPECT_EQ(read_bytes(again), read_bytes(path_));
}

TEST_F(ConceptFiles, WhatIsForeignIsRefusedInALine) {
  expect_line(refusal_of([](ConceptsFile& c) { c.model_sha256 = "1234"; }),
              "concepts of another model: its SHA-256 is '1234', this one's '00ff'");
  expect_line(refusal_of([](ConceptsFile& c) { c.layers[0].layer = "layer9\nx"; }),
              "the model has no layer 'layer9\\x0ax'");
  expect_line(refusal_of([](ConceptsFile& c) { c.layers[0].channels.pop_back(); }),
              "are not one number for each of its ");
  expect_line(refusal_of([](ConceptsFile& c) { c.layers[0].channels[1].region = 2; }),
              "what it says of channel 1 of layer conv5_3 cannot be");
  expect_line(refusal_of([](ConceptsFile& c) { c.layers[0].channels[1].iou = 1.5; }), "cannot be");
  expect_line(refusal_of([](ConceptsFile& c) { c.least_iou = 2; }), "min_iou is '2'");
  expect_line(refusal_of([](ConceptsFile& c) { c.layers[0].channels[1].mask = INT64_MAX; }),
              "what it says of channel 1 of layer conv5_3 cannot be");
  expect_line(refusal_after([](hid_t file) { write_attribute(file, "by", std::string("chance")); }),
              "names by 'chance'; this hdecomp reads names by regions or patches");
  expect_line(refusal_of([](ConceptsFile& c) { c.names[0].name = "a\nb"; }),
              "the name 'a\\x0ab' is not one line of text");
  expect_line(refusal_after([](hid_t file) {
                H5Adelete(file, "format_version");
                write_attribute(file, "format_version", int64_t{2});
              }),
              "concepts format version 2; this hdecomp reads version 1");
  expect_line(refusal_after([](hid_t file) { H5Ldelete(file, "layers/conv5_3/iou", H5P_DEFAULT); }),
              "'iou' of layer conv5_3 are missing; there must be ");
  expect_line(refusal_after([](hid_t file) {
                H5Ldelete(file, "order", H5P_DEFAULT);
                write_strings(file, "order", {"conv5_3", "conv5_3"});
              }),
              "layer 'conv5_3' comes twice in 'order'");
  for (const int64_t number : {int64_t{-1}, int64_t{65535}, (int64_t{1} << 32) + 1}) {
    expect_line(refusal_after([&](hid_t file) {
                  H5Adelete(file, "numbers");
                  write_attribute(file, "numbers", std::vector<int64_t>{number, 4});
                }),
                joined("the label ", number, " of 'face'; labels are 0 to 65534"));
  }
  expect_line(refusal_of([](ConceptsFile& c) { c.layers[0].channels[1].mask = -1; }), "cannot be");
  expect_line(refusal_after([](hid_t file) { H5Adelete(file, "format"); }),
              "none of channels' concepts");
  expect_line(refusal("/nowhere.h5"), "/nowhere.h5");
  write_bytes(temporary_path("_text.h5"), {'n', 'o'});
  EXPECT_FALSE(refusal(temporary_path("_text.h5")).empty());
}

}  // namespace
}  // namespace hdecomp
