/// Model files, foreign weights and networks that the command refuses in one line.
#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/model.h"
#include "tests/support/edit_hdf5.h"
#include "tests/support/slim_models.h"
#include "tests/tools/command_errors_testing.h"
#include "tests/weights/foreign_files.h"
#include "weights/hdf5/hdf5_attributes.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::NamedTensors;
using testing_models::tiny_model;
namespace fs = std::filesystem;

class CommandModelErrors : public CommandErrors {};

TEST_F(CommandModelErrors, ModelFiles) {
  const std::string path = file("m.h5");
  write_model(tiny_model("alexnet"), path);
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
    file_testing::edit_hdf5(file("changed.h5"), change);
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

/// Of some HDF5 1.10.8 prints two lines more when the process ends.
TEST_F(CommandModelErrors, DamagedRootsGetOneLineToTheEnd) {
  const Bytes good = file_testing::read_bytes(Model::bundled_path("vgg16-slim"));
  for (size_t at = 120; at < 138; ++at) {
    Bytes bad = good;
    bad[at] ^= 57;
    const CommandResult result = run({"layers", "--model", file("bad.h5", bad)});
    EXPECT_LE(lines_of(result.err), 1u) << at << ": " << result.err;
    EXPECT_EQ(result.code, result.err.empty() ? 0 : 2) << at;
  }
}

TEST_F(CommandModelErrors, ForeignFilesCutOrShuffled) {
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

TEST_F(CommandModelErrors, NoCommandOfAPickleIsRun) {
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
    convert_refused(file("evil.pth"), joined(module, ".system"));
    convert_refused(file("old.pth", file_testing::legacy_stream(pickle(module), {})),
                    joined(module, ".system"));
    EXPECT_FALSE(fs::exists(proof));
  }
}

TEST_F(CommandModelErrors, ForeignTensorsThatDoNotFit) {
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
          "classifier.6.bias holds nan at element 2");
  convert(same, "'vgg11bn'; did you mean 'vgg11_bn'?", {"--arch", "vgg11bn"});
  convert(same, "tensor conv1.weight is missing", {"--arch", "resnet18"});
  convert(same, "crop 96", {"--resize", "64", "--crop", "96"});
  convert(same, "std 0", {"--std", "1,0,1"});
  convert(same, "std", {"--std", "1,nan,1"});
  convert(same, "--mean", {"--mean", "1,2"});
  convert(same, "--resize: '64x' is no size", {"--resize", "64x"});
  convert(same, "--resize", {"--resize", "big"});
  convert(same, "crop", {"--crop", "-5"});
  convert(same, "needs a larger input", {"--resize", "8"});
  convert(same, file("none.txt"), {"--classes", file("none.txt")});
  write_text(file("two.txt"), "a\nb\n");
  convert(same, "2 class names for 7 classes", {"--classes", file("two.txt")});
}

TEST_F(CommandModelErrors, NetworksThatCannotBeMade) {
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
  init("alexnet", {"--input-size", "-5"}, "--input-size");
  init("alexnet", {"--input-size", "100000"}, "input size");
  init("alexnet", {"--seed", "x"}, "--seed");
  refused({"layers", "--arch", "resnet51"}, "did you mean 'resnet50'?");
}

}  // namespace
}  // namespace hdecomp
