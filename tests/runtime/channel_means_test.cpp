/// Means files: the same bytes however they are made; what is foreign or damaged is refused.
#include "hdecomp/channel_means.h"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <limits>

#include "tests/support/edit_hdf5.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "tests/tools/means_testing.h"
#include "weights/hdf5/hdf5_attributes.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace testing_models;

class MeansFiles : public ::testing::Test {
 protected:
  MeansFiles() : path_(temporary_path(".h5")), model_(slim()) {
    write_means(path_, graph(), made_up_means(graph()));
  }
  static Model slim() {
    const std::string file = temporary_path("_model.h5");
    write_model(slim_model("vgg16", 96), file);
    return Model::load(file);
  }
  const Graph& graph() const { return model_.data()->graph; }

  std::string refusal(const std::string& path) const {
    return error_line([&] { ChannelMeans::load(path, model_, "00ff"); });
  }
  /// The refusal of a file whose content was changed before it was written.
  template <class Change>
  std::string refusal_of(Change change) const {
    MeansFile content = made_up_means(graph());
    change(content);
    const std::string bad = temporary_path("_bad.h5");
    write_means(bad, graph(), content);
    return refusal(bad);
  }
  /// The refusal of a good file that was changed in place.
  template <class Change>
  std::string refusal_after(Change change) const {
    return refusal(edited_hdf5(path_, change));
  }

  std::string path_;
  Model model_;
};

TEST_F(MeansFiles, KeepWhatWasWritten) {
  const auto means = ChannelMeans::load(path_, model_, "00ff");
  EXPECT_EQ(means->images(), 4);
  EXPECT_EQ(means->of(3).at(2), 0.12f);
  EXPECT_EQ(means->sha256().size(), 64u);
}

TEST_F(MeansFiles, AreTheSameBytesForAnyBatchAndThreads) {
  std::vector<Image> photos = three_photos();
  photos.push_back(photos[0]);
  Bytes first;
  for (const auto& [batch, threads] : {std::pair{1, 1}, {2, 3}, {3, 2}, {4, 1}}) {
    ChannelSums sums(model_, {"cpu", threads, batch});
    for (size_t at = 0; at < photos.size(); at += static_cast<size_t>(batch)) {
      const size_t count = std::min(photos.size() - at, static_cast<size_t>(batch));
      EXPECT_EQ(sums.add(std::span(photos).subspan(at, count)), std::vector<std::string>(count));
    }
    EXPECT_EQ(sums.images(), 4);
    sums.save(temporary_path("_sums.h5"), "00ff");
    const Bytes bytes = read_bytes(temporary_path("_sums.h5"));
    if (first.empty()) first = bytes;
    EXPECT_EQ(bytes, first) << "batch " << batch << ", " << threads << " threads";
  }
  EXPECT_THROW(ChannelSums(model_, {"cpu", 1, 1}).save(temporary_path("_none.h5"), "00ff"), Error);
}

TEST_F(MeansFiles, DoNotCountAnImageThatOverflows) {
  ModelData model = slim_model("vgg16", 96);
  const LayerWeights& layer = layer_of(model, "conv1_2");
  std::fill_n(const_cast<float*>(layer.weight.data()), layer.weight.elements(), 3e38f);
  write_model(model, temporary_path("_model.h5"));
  ChannelSums sums(Model::load(temporary_path("_model.h5")), {"cpu", 1, 3});
  for (const std::string& fault : sums.add(three_photos())) {
    expect_line(fault, "layer conv1_2: a feature is not finite");
  }
  EXPECT_EQ(sums.images(), 0);
}

TEST_F(MeansFiles, RefuseWhatIsNone) {
  const std::string other = temporary_path("_other.h5");
  expect_line(refusal(temporary_path("_missing.h5")), "_missing.h5");
  expect_line(refusal(empty_folder()), "_folder");
  write_bytes(other, {});
  expect_line(refusal(other), other);
  write_bytes(other, Bytes(5000, 'x'));
  expect_line(refusal(other), other + ": cannot be read as an HDF5 file");
  write_model(tiny_model("vgg16"), other);
  expect_line(refusal(other), other + ": an HDF5 file but none of channel means");
  expect_line(refusal_after([](hid_t file) {
                H5Adelete(file, "format_version");
                write_attribute(file, "format_version", int64_t{2});
              }),
              "means format version 2; this hdecomp reads version 1");
}

TEST_F(MeansFiles, RefuseAnotherModels) {
  expect_line(refusal_of([](MeansFile& content) { content.model_sha256 = "00\nfe"; }),
              "means of another model: its SHA-256 is '00\\x0afe', this one's '00ff'");
  expect_line(refusal_of([](MeansFile& content) { content.images = 0; }), "0 images");
  expect_line(refusal_of([](MeansFile& content) { content.means[4].pop_back(); }),
              "the means of layer " + graph().nodes[4].name +
                  " are not one number for each of its " +
                  std::to_string(graph().shapes[4].channels) + " channels");
  expect_line(refusal_of([](MeansFile& content) { content.means.pop_back(); }),
              "the means of layer fc7 are missing; there must be 64");
}

TEST_F(MeansFiles, RefuseMeansThatAreNotFinite) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double wrong :
       {std::numeric_limits<double>::quiet_NaN(), infinity, -infinity, 1e300}) {
    expect_line(refusal_of([&](MeansFile& content) { content.means[0][2] = wrong; }),
                "the mean of channel 2 of layer input is ");
  }
}

/// A layer's means put in place of those of the file, stored in another way.
void replace_means(hid_t file, hid_t type, hid_t creation, const std::vector<hsize_t>& extent) {
  H5Ldelete(file, "layers/conv1_1/mean", H5P_DEFAULT);
  const H5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                       H5Sclose);
  const H5Handle data(
      H5Dcreate2(file, "layers/conv1_1/mean", type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
      H5Dclose);
  EXPECT_TRUE(data.valid());
}

TEST_F(MeansFiles, RefuseMeansThatAreStoredOtherwise) {
  const auto otherwise = [&](hid_t type, hid_t creation, const std::vector<hsize_t>& extent) {
    return refusal_after([&](hid_t file) { replace_means(file, type, creation, extent); });
  };
  const H5Handle chunked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose),
      elsewhere(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t channels = 4;
  H5Pset_chunk(chunked, 1, &channels);
  H5Pset_external(elsewhere, "/etc/passwd", 0, channels * sizeof(double));
  const std::string stored = "layer conv1_1 are not stored as contiguous little-endian float64";
  expect_line(otherwise(H5T_IEEE_F32LE, H5P_DEFAULT, {channels}), stored);
  expect_line(otherwise(H5T_STD_I64LE, H5P_DEFAULT, {channels}), stored);
  expect_line(otherwise(H5T_IEEE_F64LE, H5P_DEFAULT, {channels}), stored);  // has no values
  expect_line(otherwise(H5T_IEEE_F64LE, chunked, {channels}), stored);
  expect_line(otherwise(H5T_IEEE_F64LE, elsewhere, {channels}), stored);
  expect_line(otherwise(H5T_IEEE_F64LE, H5P_DEFAULT, {channels, 1}), "not one number for each");
  expect_line(otherwise(H5T_IEEE_F64LE, H5P_DEFAULT, {hsize_t{1} << 40}),
              "not one number for each");
}

TEST_F(MeansFiles, RefuseDamage) {
  const std::string bad = temporary_path("_bad.h5");
  const auto read = [&](const Bytes& bytes) {
    write_bytes(bad, bytes);
    ChannelMeans::load(bad, model_, "00ff");
  };
  const Bytes good = read_bytes(path_);
  expect_beginnings_refused(good, read, 97);
  EXPECT_GT(try_mutations(good, 200, read), 0);
}

}  // namespace
}  // namespace hdecomp
