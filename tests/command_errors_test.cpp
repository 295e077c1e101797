/// Whatever is wrong with what it is given, the command exits with 2, says so in one line, and
/// leaves nothing behind.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "hdecomp/hdecomp.h"
#include "tests/command_testing.h"
#include "tests/foreign_files.h"
#include "tests/image_bytes.h"
#include "tests/slim_models.h"
#include "weights/hdf5_attributes.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::Bytes;
using file_testing::NamedTensors;
namespace fs = std::filesystem;

/// What must come of bad input: one line that has `part` in it.
void expect_refused(const CommandResult& result, const std::string& part) {
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(result.err.starts_with("hdecomp: ")) << result.err;
  EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
  EXPECT_NE(result.err.find(part), std::string::npos) << result.err << " without " << part;
}

/// Each test has an empty folder; the command runs in another, which must stay empty.
class CommandErrors : public ::testing::Test {
 protected:
  CommandErrors() : files_(empty_folder("_files")), here_(empty_folder("_here")) {}
  ~CommandErrors() override {
    fs::remove_all(files_);
    fs::remove_all(here_);
  }

  std::string file(const std::string& name) const { return files_ + "/" + name; }
  std::string file(const std::string& name, const Bytes& bytes) const {
    file_testing::write_bytes(file(name), bytes);
    return file(name);
  }
  void refused(const Args& args, const std::string& part) const {
    SCOPED_TRACE(testing::PrintToString(args));
    expect_refused(run(args, in_folder(here_)), part);
    EXPECT_EQ(list_of(here_), Args{});
  }
  void explain_refused(const Args& more, const std::string& part) const {
    Args args{"explain", photo("portrait.jpg"), "--depth", "1"};
    args.insert(args.end(), more.begin(), more.end());
    refused(args, part);
  }
  void decompose_refused(const std::string& from, const std::string& to,
                         const std::string& part) const {
    refused({"decompose", photo("portrait.jpg"), "--from", from, "--to", to}, part);
  }
  /// The output must not appear.
  void convert_refused(const std::string& input, const std::string& part,
                       const Args& more = {}) const {
    Args args{"convert", input, "-o", "made.h5"};
    args.insert(args.end(), more.begin(), more.end());
    refused(args, part);
  }
  void disk_full(const Args& args, rlim_t bytes, const std::string& part) const {
    SCOPED_TRACE(testing::PrintToString(args));
    Surroundings surroundings = in_folder(here_);
    surroundings.largest_file = bytes;
    expect_refused(run(args, surroundings), part);
    EXPECT_EQ(list_of(here_), Args{});
  }

  std::string files_, here_;
};

/// The bytes from `first` on in another order, always the same one.
Bytes shuffled(Bytes bytes, size_t first) {
  std::mt19937 random(11);
  for (size_t i = bytes.size() - 1; i > first; --i) {
    std::swap(bytes[i], bytes[first + random() % (i - first + 1)]);
  }
  return bytes;
}

TEST_F(CommandErrors, Images) {
  const Bytes jpeg = file_testing::read_bytes(photo("portrait.jpg"));
  const Bytes half(jpeg.begin(), jpeg.begin() + static_cast<ptrdiff_t>(jpeg.size() / 2));
  const std::string bad[] = {file("missing.jpg"),
                             file("empty.jpg", {}),
                             file("half.jpg", half),
                             file("text.jpg", file_testing::ascii("no image")),
                             file("shuffled.jpg", shuffled(jpeg, 20)),
                             file("huge.png", file_testing::png_header(50000, 50000, 8, 2))};
  for (const std::string& path : bad) {
    refused({"explain", path}, path);
    refused({"classify", path}, path);
    refused({"decompose", path, "--from", "class:0", "--to", "conv5_3"}, path);
  }
  refused({"explain", file("huge.png")}, "50000 x 50000");
  refused({"decompose", files_, "--from", "class:0", "--to", "conv5_3"}, files_);
}

TEST_F(CommandErrors, ListsAndLabels) {
  const std::string list = file("list.txt"), labels = file("labels.txt");
  const auto listed = [&](const std::string& lines, const std::string& label_lines,
                          const std::string& part) {
    write_text(list, lines);
    write_text(labels, label_lines);
    Args args{"classify", "--list", list, "--root", photo("")};
    if (!label_lines.empty()) args.insert(args.end(), {"--labels", labels});
    refused(args, part);
  };
  listed("portrait.jpg\nmissing.jpg\n", "", photo("missing.jpg"));
  listed("portrait.jpg\n", "faces_eazy\n", "did you mean 'faces_easy'?");
  listed("portrait.jpg\n", "portrait.jpg 101\n", "101");
  listed("portrait.jpg\n", "1\n2\n", "2 labels for 1 images");
  listed("portrait.jpg\ncoffee.jpg\n", "portrait.jpg 1\n", "no label for coffee.jpg");
  listed("\n\n", "", list);
  refused({"classify", "--list", file("none.txt")}, file("none.txt"));
  refused({"classify", "--list", files_}, files_);
  refused({"classify", photo("portrait.jpg"), "--labels", file("none.txt")}, file("none.txt"));
  refused({"classify", photo("portrait.jpg"), "--labels", "folder"}, "'photos'");
  fs::create_directory(file("no images"));
  refused({"classify", file("no images")}, file("no images"));
  refused({"classify"}, "--list");
  refused({"classify", photo("portrait.jpg"), "--list", list}, "--list");
}

TEST_F(CommandErrors, FlagsAndVerbs) {
  refused({}, "subcommand");
  refused({"explian", photo("portrait.jpg")}, "'explian'; give one of explain, ");
  refused({"explain"}, "image");
  refused({"explain", photo("portrait.jpg"), "--hue", "3"}, "--hue");
  refused({"explain", photo("portrait.jpg"), "second.jpg"}, "second.jpg");
  refused({"decompose", photo("portrait.jpg"), "--to", "conv5_3"}, "--from");
  refused({"convert", "a.pth"}, "--output");
  refused({"init", "-o", "a.h5"}, "--arch");
  for (const char* verb : {"explain", "classify"}) {
    refused({verb, photo("portrait.jpg"), "--top", "0"}, "--top 0");
    refused({verb, photo("portrait.jpg"), "--top", "-3"}, "--top -3");
    refused({verb, photo("portrait.jpg"), "--top", "many"}, "--top");
    refused({verb, photo("portrait.jpg"), "--threads", "-1"}, "threads");
    refused({verb, photo("portrait.jpg"), "--threads", "99999999999"}, "threads");
    refused({verb, photo("portrait.jpg"), "--device", "tpu"}, "'tpu'");
    refused({verb, photo("portrait.jpg"), "--device", "cuda:x"}, "'cuda:x'");
  }
  for (const char* depth : {"99", "6", "0", "-1", "2x", ""}) {
    refused({"explain", photo("portrait.jpg"), text("--depth=", depth)}, "--depth");
  }
  refused({"explain", photo("portrait.jpg"), "--show", "0"}, "--show");
}

TEST_F(CommandErrors, CudaInABuildWithoutIt) {
  const CommandResult result = run({"explain", photo("portrait.jpg"), "--device", "cuda"});
  if (result.code == 0) GTEST_SKIP() << "this build has the CUDA backend";
  expect_refused(result, "cuda");
}

TEST_F(CommandErrors, ClassesLayersAndPositions) {
  explain_refused({"--class", "face_easy"}, "did you mean 'faces_easy'?");
  explain_refused({"--class", "100"}, "0 to 99");
  explain_refused({"--class", "99999999999999999999"}, "99999999999999999999");
  decompose_refused("conv5_4:1@0,0", "conv4_3", "'conv5_4' in vgg16_bn; did you mean 'conv5_");
  decompose_refused("class:face_easy", "conv4_3", "did you mean 'faces_easy'?");
  decompose_refused("class:36", "conv4_4", "'conv4_4'");
  decompose_refused("conv5_3:128@0,0", "conv4_3", "no channel 128; its channels are 0 to 127");
  decompose_refused("conv5_3:-1@0,0", "conv4_3", "no channel -1");
  const std::string outside = "outside the map of layer conv5_3";
  decompose_refused("conv5_3:1@99,0", "conv4_3", outside);
  decompose_refused("conv5_3:1@0,99", "conv4_3", outside);
  decompose_refused("conv5_3:1@-1,0", "conv4_3", outside);
  for (const char* from :
       {"conv5_3", "conv5_3:", ":1@0,0", "conv5_3:1", "conv5_3:1@", "conv5_3:1@0", "conv5_3:1@0,",
        "conv5_3:x@0,0", "conv5_3:1@0,0,0", "conv5_3:1@0,0 ", "conv5_3:99999999999999999999@0,0"}) {
    decompose_refused(from, "conv4_3", text("'", from, "' is not LAYER:CHANNEL@Y,X"));
  }
  decompose_refused("conv4_3:1@0,0", "conv5_3", "conv5_3 is not below conv4_3");
  decompose_refused("conv4_3:1@0,0", "conv4_3", "conv4_3 is not below conv4_3");
  decompose_refused("class:36", "scores", "scores is not below scores");
}

TEST_F(CommandErrors, BranchesBesideEachOther) {
  const ModelData model = file_testing::slim_model("resnet18");
  write_model(file_testing::slim_model("resnet18"), file("m.h5"));
  const auto step = [&](const std::string& from, const std::string& to, const std::string& part) {
    refused({"decompose", photo("rocket.jpg"), "--model", file("m.h5"), "--from", from, "--to", to},
            part);
  };
  step("layer2.0.conv1:1@0,0", "layer2.0.downsample", "layer2.0.downsample is not below");
  step("layer2.0.downsample:1@0,0", "layer2.0.conv2", "layer2.0.conv2 is not below");
  // A model without names: classes are numbers.
  refused({"explain", photo("rocket.jpg"), "--model", file("m.h5"), "--class", "tench"},
          "names no classes, give an index from 0 to 6");
}

TEST_F(CommandErrors, DecisionsThatAreNotPositive) {
  Explainer explainer(Model::load(Model::bundled_path()), {.device = "cpu", .threads = 1});
  const Image image = Image::load(photo("portrait.jpg"));
  const std::vector<ClassScore> ranking = explainer.classify(image, 100);
  ASSERT_LT(ranking.back().score, 0);
  explain_refused({"--class", ranking.back().name}, ranking.back().name);
  explain_refused({"--class", ranking.back().name}, "only a positive decision");
  decompose_refused(text("class:", ranking.back().index), "conv5_3", "only a positive decision");
  for (int channel = 0; channel < 128; ++channel) {
    const std::string from = text("conv5_3:", channel, "@0,0");
    try {
      explainer.decompose(image, from, "conv4_3");
    } catch (const UserError&) {
      return decompose_refused(from, "conv4_3", from + " is 0; only a positive decision");
    }
  }
  FAIL() << "no neuron is 0";
}

TEST_F(CommandErrors, ModelFiles) {
  const std::string path = file("m.h5");
  write_model(file_testing::slim_model("alexnet"), path);
  const Bytes good = file_testing::read_bytes(path);
  const auto refuse = [&](const std::string& of, const std::string& part) {
    refused({"classify", photo("rocket.jpg"), "--model", of}, of);
    refused({"layers", "--model", of}, part);
  };
  refuse(file("missing.h5"), "No such file");
  refuse(file("empty.h5", {}), "empty");
  refuse(files_, "directory");
  refuse(photo("rocket.jpg"), "not an HDF5 file");
  for (const size_t eighth : {1, 3, 5, 7}) {
    const auto end = good.begin() + static_cast<ptrdiff_t>(good.size() * eighth / 8);
    refuse(file("cut.h5", Bytes(good.begin(), end)), "truncated");
  }
  refuse(file("shuffled.h5", shuffled(good, 0)), "not an HDF5 file");
  const auto changed = [&](const std::function<void(hid_t)>& change) {
    file("changed.h5", good);
    const H5Handle edited(H5Fopen(file("changed.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    change(edited);
    return file("changed.h5");
  };
  refuse(changed([](hid_t edited) { H5Adelete(edited, "format"); }), "no hdecomp model");
  refuse(changed([](hid_t edited) {
           H5Adelete(edited, "format_version");
           write_attribute(edited, "format_version", int64_t{9});
         }),
         "format version 9");
  refuse(changed([](hid_t edited) {
           H5Adelete(edited, "arch");
           write_attribute(edited, "arch", std::string("alexnot\n\x1b[31m"));
         }),
         "unknown architecture");
  refuse(changed([](hid_t edited) { H5Ldelete(edited, "layers/conv3/bias", H5P_DEFAULT); }),
         "/layers/conv3/bias is missing; expected shape (6)");
  refuse(changed([](hid_t edited) {
           H5Lmove(edited, "layers/conv3", edited, "layers/conv9", H5P_DEFAULT, H5P_DEFAULT);
         }),
         "conv9");
  refuse(changed([](hid_t edited) {
           H5Lmove(edited, "layers/conv3/bias", edited, "spare", H5P_DEFAULT, H5P_DEFAULT);
           H5Lcopy(edited, "layers/conv4/bias", edited, "layers/conv3/bias", H5P_DEFAULT,
                   H5P_DEFAULT);
         }),
         "/layers/conv3/bias has shape (7), expected (6)");
  refuse(changed([](hid_t edited) {
           const H5Handle bias(H5Dopen2(edited, "layers/fc8/bias", H5P_DEFAULT), H5Dclose);
           const std::vector<float> nan(7, std::nanf(""));
           H5Dwrite(bias, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, nan.data());
         }),
         "fc8/bias holds nan");
}

TEST_F(CommandErrors, ForeignFilesCutOrShuffled) {
  file_testing::write_pth(file("a.pth"), file_testing::torch_vgg11_bn());
  file_testing::write_safetensors(file("a.safetensors"), file_testing::torch_vgg11_bn());
  file_testing::write_keras(file("a.h5"), file_testing::keras_vgg16());
  for (const char* name : {"a.pth", "a.safetensors", "a.h5"}) {
    const Bytes good = file_testing::read_bytes(file(name));
    for (const size_t eighth : {0, 1, 4, 7}) {
      const auto end = good.begin() + static_cast<ptrdiff_t>(good.size() * eighth / 8);
      file(name, Bytes(good.begin(), end));
      convert_refused(file(name), file(name));
    }
    convert_refused(file(name, Bytes(good.begin(), good.end() - 1)), file(name));
    for (const size_t first : {0, 9, 100}) {
      convert_refused(file(name, shuffled(good, first)), file(name));
    }
  }
  convert_refused(file("none.pth"), file("none.pth"));
  convert_refused(photo("rocket.jpg"), photo("rocket.jpg"));
  convert_refused(files_, files_);
}

TEST_F(CommandErrors, NoCommandOfAPickleIsRun) {
  const std::string proof = file("proof");
  const auto pickle = [&](const char* module) {
    return file_testing::PickleBytes()
        .global(module, "system")
        .mark()
        .string("touch " + proof)
        .tuple()
        .call()
        .bytes();
  };
  for (const char* module : {"os", "posix"}) {
    file_testing::write_torch_zip(file("evil.pth"), pickle(module), {});
    convert_refused(file("evil.pth"), text(module, ".system"));
    convert_refused(file("old.pth", file_testing::legacy_stream(pickle(module), {})),
                    text(module, ".system"));
    EXPECT_FALSE(fs::exists(proof));
  }
}

TEST_F(CommandErrors, ForeignTensorsThatDoNotFit) {
  const auto convert = [&](const std::function<void(NamedTensors&)>& change,
                           const std::string& part, const Args& more = {}) {
    NamedTensors tensors = file_testing::torch_vgg11_bn();
    change(tensors);
    file_testing::write_pth(file("a.pth"), tensors);
    convert_refused(file("a.pth"), part, more);
    file_testing::write_safetensors(file("a.safetensors"), tensors);
    convert_refused(file("a.safetensors"), part, more);
  };
  const auto same = [](NamedTensors&) {};
  convert(
      [](NamedTensors& t) {
        std::erase_if(t, [](auto& each) { return each.name == "features.4.weight"; });
      },
      "features.4.weight is missing");
  convert(
      [](NamedTensors& t) {
        t.push_back({"extra", {1}, {0}});
      },
      "'extra' of shape (1) is extra");
  convert(
      [](NamedTensors& t) {
        named(t, "features.4.weight").dims = {3, 4, 3, 3};
      },
      "features.4.weight has shape (3, 4, 3, 3)");
  convert([](NamedTensors& t) { named(t, "classifier.6.bias").values[2] = std::nanf(""); },
          "fc8/bias holds nan at element 2");
  convert(same, "'vgg11bn'; did you mean 'vgg11_bn'?", {"--arch", "vgg11bn"});
  convert(same, "tensor conv1.weight is missing", {"--arch", "resnet18"});
  convert(same, "crop 96", {"--resize", "64", "--crop", "96"});
  convert(same, "std 0", {"--std", "1,0,1"});
  convert(same, "std", {"--std", "1,nan,1"});
  convert(same, "--mean", {"--mean", "1,2"});
  convert(same, "--resize", {"--resize", "64x32"});
  convert(same, "--resize", {"--resize", "big"});
  convert(same, "crop", {"--crop", "-5"});
  convert(same, "needs a larger input", {"--resize", "8"});
  convert(same, file("none.txt"), {"--classes", file("none.txt")});
  write_text(file("two.txt"), "a\nb\n");
  convert(same, "2 class names for 7 classes", {"--classes", file("two.txt")});
}

TEST_F(CommandErrors, PlacesThatCannotBeWritten) {
  file_testing::write_pth(file("a.pth"), file_testing::torch_alexnet());
  write_text(file("in the way"), "x");
  const Args init{"init", "--arch", "resnet18", "--classes", "4", "--input-size", "64", "-o"};
  const Args convert{"convert", file("a.pth"), "-o"};
  const Args explain{"explain", photo("portrait.jpg"), "--depth", "1", "--output-dir"};
  for (Args args : {init, convert}) {
    args.emplace_back();
    for (const std::string& output : {file("none/m.h5"), files_, file("in the way/m.h5"),
                                      std::string("/dev/null"), std::string("/proc/m.h5")}) {
      args.back() = output;
      refused(args, output);
    }
  }
  for (const std::string& output : {file("in the way"), file("in the way/deep"),
                                    std::string("/proc/m"), file(std::string(300, 'n'))}) {
    Args args = explain;
    args.push_back(output);
    refused(args, output);
  }
  refused({"explain", photo("portrait.jpg"), "--depth", "1", "--output-dir",
           "new/" + std::string(300, 'n')},
          "new/nnn");
  if (geteuid() != 0) {
    const std::string locked = file("locked");
    fs::create_directory(locked);
    fs::permissions(locked, fs::perms::owner_read | fs::perms::owner_exec);
    for (Args args : {init, convert, explain}) {
      args.push_back(locked + "/new");
      refused(args, locked);
    }
  }
  EXPECT_EQ(file_testing::read_bytes(file("in the way")), Bytes{'x'});
}

TEST_F(CommandErrors, FullDisks) {
  file_testing::write_pth(file("a.pth"), file_testing::torch_alexnet());
  for (const rlim_t bytes : {4096, 12000}) {
    disk_full({"init", "--arch", "resnet18", "--classes", "4", "--input-size", "64", "-o", "m.h5"},
              bytes, "m.h5");
    disk_full({"convert", file("a.pth"), "-o", "m.h5"}, bytes, "m.h5");
    disk_full({"explain", photo("portrait.jpg"), "--output-dir", "out"}, bytes, "out");
    disk_full({"explain", photo("portrait.jpg"), "--output-dir", "a/b", "--no-pictures"}, bytes,
              "a/b");
    disk_full({"decompose", photo("portrait.jpg"), "--from", "class:36", "--to", "input",
               "--output-dir", "out"},
              bytes, "out");
  }
  Surroundings full;
  full.stdout_to = "/dev/full";
  expect_refused(run({"layers"}, full), "output cannot be written");
  expect_refused(run({"explain", photo("portrait.jpg"), "--json"}, full),
                 "output cannot be written");
}

TEST_F(CommandErrors, NetworksThatCannotBeMade) {
  const auto init = [&](const std::string& arch, const Args& more, const std::string& part) {
    Args args{"init", "--arch", arch, "-o", "m.h5"};
    args.insert(args.end(), more.begin(), more.end());
    refused(args, part);
  };
  init("vgg61", {}, "'vgg61'; did you mean 'vgg1");
  init("xyzzy", {}, "unknown architecture 'xyzzy'");
  init("resnet18", {"--classes", "0"}, "class count");
  init("resnet18", {"--classes", "-4"}, "class count");
  init("alexnet", {"--input-size", "5"}, "needs a larger input");
  init("alexnet", {"--input-size", "-5"}, "input size");
  init("alexnet", {"--input-size", "100000"}, "input size");
  init("alexnet", {"--seed", "x"}, "--seed");
  refused({"layers", "--arch", "resnet51"}, "did you mean 'resnet50'?");
}

}  // namespace
}  // namespace hdecomp
