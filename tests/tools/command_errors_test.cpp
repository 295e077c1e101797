/// Whatever is wrong with what it is given, the command exits with 2, says so in one line, and
/// leaves nothing behind.
#include <gtest/gtest.h>

#include "hdecomp/hdecomp.h"
#include "tests/support/image_bytes.h"
#include "tests/support/slim_models.h"
#include "tests/tools/command_errors_testing.h"
#include "tests/weights/foreign_files.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using testing_models::tiny_model;
namespace fs = std::filesystem;

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
  refused({"explain", photo("portrait.jpg"), "--topp", "3"}, "(hdecomp explain --help shows the");
  refused({"classify", "--list", file("none.txt")}, file("none.txt"));
  refused({"classify", "--list", files_}, files_);
  refused({"classify", photo("portrait.jpg"), "--labels", file("none.txt")}, file("none.txt"));
  refused({"classify", photo("portrait.jpg"), "--labels", "folder"}, "'photos'");
  fs::create_directory(file("no images"));
  refused({"classify", file("no images")}, file("no images"));
  write_text(list, "portrait.jpg\nchelsea.jpg\n");
  refused({"classify", "--list", list, "--root", photo(""), "--top", "0"},
          "--top 0: give at least 1 class");
  refused({"classify"}, "--list");
  refused({"classify", photo("portrait.jpg"), "--list", list}, "--list");
}

TEST_F(CommandErrors, FlagsAndVerbs) {
  refused({}, "subcommand");
  refused({"explian", photo("portrait.jpg")}, "unknown verb 'explian'; did you mean 'explain'?");
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
    refused({verb, photo("portrait.jpg"), "--precision", "fp8"}, "'fp8'");
    refused({verb, photo("portrait.jpg"), "--device", "cpu", "--precision", "fp16"}, "need a GPU");
  }
  for (const char* depth : {"99", "6", "0", "-1", "2x", ""}) {
    refused({"explain", photo("portrait.jpg"), joined("--depth=", depth)}, "--depth");
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
    decompose_refused(from, "conv4_3", joined("'", from, "' is not LAYER:CHANNEL@Y,X"));
  }
  decompose_refused("conv4_3:1@0,0", "conv5_3", "conv5_3 is not below conv4_3");
  decompose_refused("conv4_3:1@0,0", "conv4_3", "conv4_3 is not below conv4_3");
  decompose_refused("class:36", "scores", "scores is not below scores");
}

TEST_F(CommandErrors, BranchesBesideEachOther) {
  const ModelData model = tiny_model("resnet18");
  write_model(tiny_model("resnet18"), file("m.h5"));
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
  Explainer explainer(Model::bundled("vgg16-slim"), {.device = "cpu", .threads = 1});
  const Image image = Image::load(photo("portrait.jpg"));
  const std::vector<ClassScore> ranking = explainer.classify(image, 100);
  ASSERT_LT(ranking.back().score, 0);
  const std::string one = joined("index:", ranking[0].index);
  const std::string other = joined("index:", ranking.back().index);
  explain_refused({"--class", other, "--versus", one}, "only a positive decision");
  for (int channel = 0; channel < 128; ++channel) {
    const std::string from = joined("conv5_3:", channel, "@0,0");
    try {
      explainer.decompose(image, from, "conv4_3");
    } catch (const UserError&) {
      return decompose_refused(from, "conv4_3", from + " is 0; only a positive decision");
    }
  }
  FAIL() << "no neuron is 0";
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
  const CommandResult json = run({"explain", photo("portrait.jpg"), "--json"}, full);
  EXPECT_EQ(json.code, 2);
  EXPECT_EQ(parse_json(json.err)["error"], "the output cannot be written; is the disk full?");
  write_text(file("no.jpg"), "no picture");
  const CommandResult many = run({"classify", photo("portrait.jpg"), file("no.jpg")}, full);
  EXPECT_EQ(many.code, 2);  // before the second one is looked at
  EXPECT_EQ(many.err, "hdecomp: the output cannot be written; is the disk full?\n");
}

}  // namespace
}  // namespace hdecomp
