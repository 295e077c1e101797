/// What the command's other verbs do when they are used well: classify, layers, convert, init.
#include <gtest/gtest.h>

#include "tests/tools/command_testing.h"
#include "tests/weights/foreign_files.h"
#include "tests/weights/onnx_bytes.h"

namespace hdecomp {
namespace {

using namespace command_testing;
namespace fs = std::filesystem;

TEST(Command, HelpReadingExplainsTheWordsOfATree) {
  const CommandResult printed = run({"help"});
  EXPECT_EQ(printed.out, run({"help", "reading"}).out);
  for (const char* term :
       {"\nalpha\n", "\nF\n", "\nShare\n", "\nPeak\n", "\nAdds\n", "\nFrame\n"}) {
    EXPECT_NE(printed.out.find(term), std::string::npos) << term;
  }
  size_t longest = 0;
  for (size_t at = 0; at < printed.out.size(); at = printed.out.find('\n', at) + 1) {
    longest = std::max(longest, printed.out.find('\n', at) - at);
  }
  EXPECT_GT(longest, 60u);
  EXPECT_LE(longest, 80u);
  const CommandResult refused = run({"help", "me"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("{reading,man,bash,zsh,explain,"), std::string::npos) << refused.err;
}

TEST(Command, HelpAndVersionExitWithZero) {
  for (const Args& args : {Args{"--help"}, {"explain", "--help"}, {"convert", "-h"}}) {
    const CommandResult help = run(args);
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_NE(help.out.find("Usage: "), std::string::npos) << help.out;
  }
  const CommandResult version = run({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_TRUE(version.out.starts_with("hdecomp ")) << version.out;
  EXPECT_EQ(lines_of(version.out), 1u);
}

TEST(CommandClassify, OneImage) {
  const Json json = run_json({"classify", photo("portrait.jpg"), "--top", "3"});
  ASSERT_EQ(json["images"].size(), 1u);
  const Json& top = json["images"][0]["top"];
  ASSERT_EQ(top.size(), 3u);
  EXPECT_EQ(top[0]["name"], "faces_easy");
  EXPECT_GT(top[0]["probability"], 0.5);
  EXPECT_GE(top[0]["score"], top[1]["score"]);
  EXPECT_GE(top[1]["score"], top[2]["score"]);
  for (const char* key : {"load", "decode", "forward"}) {
    EXPECT_GT(json["timings_ms"].value(key, -1.0), 0) << key;
  }
  EXPECT_FALSE(json.contains("accuracy"));
  const CommandResult printed = run({"classify", photo("portrait.jpg"), "--top", "3"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_EQ(lines_of(printed.out), 4u) << printed.out;
  EXPECT_NE(printed.out.find("faces_easy"), std::string::npos);
}

TEST(CommandClassify, AFolderAndItsLabels) {
  const std::string folder = empty_folder();
  for (const char* name : {"faces_easy", "butterfly"}) fs::create_directory(folder + "/" + name);
  fs::copy_file(photo("portrait.jpg"), folder + "/faces_easy/p.JPG");
  fs::copy_file(photo("portrait.jpg"), folder + "/butterfly/q.jpg");
  write_text(folder + "/butterfly/notes.txt", "no image");
  const Json json = run_json({"classify", folder, "--labels", "folder"});
  ASSERT_EQ(json["images"].size(), 2u);
  EXPECT_EQ(json["images"][0]["image"], "butterfly/q.jpg");
  EXPECT_EQ(json["images"][1]["image"], "faces_easy/p.JPG");
  EXPECT_EQ(json["images"][1]["label"], json["images"][1]["top"][0]["index"]);
  EXPECT_EQ(json["images"][0]["top"], json["images"][1]["top"]);
  EXPECT_EQ(json["labelled"], 2);
  EXPECT_EQ(json["correct"], 1);
  EXPECT_EQ(json["accuracy"], 0.5);
  const CommandResult printed = run({"classify", folder, "--labels", "folder"});
  EXPECT_NE(printed.out.find("butterfly/q.jpg  faces_easy"), std::string::npos) << printed.out;
  EXPECT_NE(printed.out.find("top-1 accuracy 50.00 % (1 of 2)"), std::string::npos) << printed.out;
}

TEST(CommandClassify, AListAndBothFormsOfLabels) {
  const std::string folder = empty_folder();
  write_text(folder + "/list.txt", "portrait.jpg\r\n\nchelsea.jpg\n");
  write_text(folder + "/in_order.txt", "faces_easy\n3\n");
  write_text(folder + "/by_path.txt", "chelsea.jpg 3\nother.jpg 5\nportrait.jpg Faces easy\n");
  const Args args{"classify", "--list", folder + "/list.txt", "--root", photo("")};
  const Json plain = run_json(args);
  ASSERT_EQ(plain["images"].size(), 2u);
  EXPECT_EQ(plain["images"][0]["image"], "portrait.jpg");
  EXPECT_EQ(plain["images"][1]["image"], "chelsea.jpg");
  EXPECT_FALSE(plain.contains("labelled"));
  Json results[2];
  for (int i = 0; i < 2; ++i) {
    Args labelled = args;
    labelled.insert(labelled.end(),
                    {"--labels", folder + (i == 0 ? "/in_order.txt" : "/by_path.txt")});
    results[i] = run_json(labelled);
    EXPECT_EQ(results[i]["labelled"], 2);
    EXPECT_EQ(results[i]["images"][1]["label"], 3);
    EXPECT_EQ(results[i]["images"][0]["label"], results[i]["images"][0]["top"][0]["index"]);
  }
  EXPECT_EQ(without(results[0]), without(results[1]));
  // Without --root the list's paths start from the list's folder.
  fs::copy_file(photo("portrait.jpg"), folder + "/portrait.jpg");
  fs::copy_file(photo("chelsea.jpg"), folder + "/chelsea.jpg");
  EXPECT_EQ(without(run_json({"classify", "--list", folder + "/list.txt"})), without(plain));
}

TEST(CommandLayers, ListsNamesShapesAndStageEnds) {
  const Json json = run_json({"layers"});
  EXPECT_EQ(json["arch"], "vgg16_bn");
  std::vector<std::string> stages;
  for (const Json& layer : json["layers"]) {
    if (layer.contains("stage")) stages.push_back(layer["name"]);
    if (layer["name"] != "conv5_3") continue;
    EXPECT_EQ(layer["torchvision"], (Json{"features.40", "features.41", "features.42"}));
    EXPECT_EQ(layer["keras"], (Json{"block5_conv3"}));
    EXPECT_EQ(layer["channels"], 128);
  }
  EXPECT_EQ(stages, (Args{"conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3"}));
  const CommandResult printed = run({"layers", "--arch", "resnet50"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_NE(printed.out.find("* layer3.5 = layer3"), std::string::npos) << printed.out;
  EXPECT_NE(printed.out.find("conv4_block6_out"), std::string::npos) << printed.out;
}

TEST(CommandLayers, OfAGeneralGraphAreItsFilesNames) {
  const std::string folder = empty_folder(), model = folder + "/m.h5";
  run_json({"convert", onnx_testing::small_net().file("s"), "-o", model});
  const CommandResult printed = run({"layers", "--model", model});
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_NE(printed.out.find("its file's names for it"), std::string::npos) << printed.out;
  EXPECT_NE(printed.out.find("* c "), std::string::npos) << printed.out;
  EXPECT_EQ(printed.out.find("torchvision"), std::string::npos) << printed.out;
  const Json layer = run_json({"layers", "--model", model})["layers"][1];
  EXPECT_EQ(layer["also"], (Json{"node_a", "a", "node_b", "b"}));
  EXPECT_FALSE(layer.contains("torchvision"));
}

TEST(CommandConvert, MakesAModelThatRuns) {
  const std::string folder = empty_folder(), model = folder + "/m.h5";
  file_testing::write_pth(folder + "/net.pth", file_testing::torch_vgg11_bn());
  write_text(folder + "/names.txt", "ant\nbee\ncat\ndog\nelk\nfox\ngnu\n");
  const Json made =
      run_json({"convert", folder + "/net.pth", "-o", model, "--classes", folder + "/names.txt",
                "--resize", "72x72", "--crop", "64", "--mean", "0.5,0.4,0.3", "--std", "1,1,1"});
  EXPECT_EQ(made["arch"], "vgg11_bn");
  EXPECT_EQ(made["classes"], 7);
  EXPECT_EQ(made["input_size"], 64);
  EXPECT_TRUE(made["source"].get<std::string>().starts_with("net.pth sha256:"));
  EXPECT_EQ(list_of(folder), (Args{"m.h5", "names.txt", "net.pth"}));
  const Json classified =
      run_json({"classify", photo("rocket.jpg"), "--model", model, "--top", "99"});
  ASSERT_EQ(classified["images"][0]["top"].size(), 7u);
  const std::string best = classified["images"][0]["top"][0]["name"];
  EXPECT_EQ(best.size(), 3u);
  // The same weights from another format are the same model.
  file_testing::write_safetensors(folder + "/net.safetensors", file_testing::torch_vgg11_bn());
  run_json({"convert", folder + "/net.safetensors", "-o", folder + "/n.h5", "--classes",
            folder + "/names.txt", "--resize", "72x72", "--crop", "64", "--mean", "0.5,0.4,0.3",
            "--std", "1,1,1"});
  EXPECT_EQ(without(run_json(
                {"classify", photo("rocket.jpg"), "--model", folder + "/n.h5", "--top", "99"})),
            without(classified));
}

TEST(CommandConvert, KerasFilesAndOddNames) {
  const std::string folder = empty_folder(), model = folder + "/m\xff\n.h5";
  file_testing::write_keras(folder + "/k.h5", file_testing::keras_resnet50(true));
  const Json made = run_json({"convert", folder + "/k.h5", "-o", model});
  EXPECT_EQ(made["arch"], "resnet50");
  EXPECT_EQ(made["input_size"], 224);
  EXPECT_EQ(run_json({"layers", "--model", model})["arch"], "resnet50");
}

TEST(CommandConvert, SaysTheWholeInputRuleAndWhatItAssumed) {
  const std::string folder = empty_folder(), model = folder + "/m.h5";
  file_testing::write_keras(folder + "/k.h5", file_testing::keras_resnet50(false));
  const Args convert{"convert", folder + "/k.h5", "-o", model, "--resize", "96x96"};
  Json input = run_json(convert)["input"];
  EXPECT_EQ(input, (Json{{"resize", "square"},
                         {"resize_size", 96},
                         {"interpolation", "bilinear, antialiased"},
                         {"crop", 96},
                         {"channel_order", "bgr"},
                         {"pixel_range", 255},
                         {"mean", {103.939, 116.779, 123.68}},
                         {"std", {1.0, 1.0, 1.0}}}));
  const CommandResult printed = run(convert);
  EXPECT_EQ(printed.code, 0) << printed.err;
  for (const char* part : {"input: both sides resized to 96 (bilinear, antialiased), centre crop "
                           "96, channels B, G, R, "
                           "pixels 0 to 255, mean 103.939, 116.779, 123.68, std 1.0, 1.0, 1.0\n",
                           "assumed: bottlenecks stride in their first 1x1 convolution"}) {
    EXPECT_NE(printed.out.find(part), std::string::npos) << printed.out;
  }
  Args stated = convert;
  for (const char* more : {"--channel-order", "rgb", "--pixel-range", "1", "--mean", "0.5", "--std",
                           "0.25,0.5,1", "--stride-in-3x3"}) {
    stated.push_back(more);
  }
  const Json made = run_json(stated);
  EXPECT_EQ(made["input"]["channel_order"], "rgb");
  EXPECT_EQ(made["input"]["mean"], (Json{0.5, 0.5, 0.5}));
  EXPECT_EQ(made["input"]["std"], (Json{0.25, 0.5, 1.0}));
  EXPECT_NE(dump_json(made["assumed"]).find("3x3 convolution, as torchvision's"),
            std::string::npos);
  fs::remove_all(folder);
}

TEST(CommandInit, MakesTheSameModelForTheSameSeed) {
  const std::string folder = empty_folder();
  const Args args{"init", "--arch", "resnet18", "--classes", "4", "--input-size", "64"};
  for (const auto& [name, seed] : {std::pair{"a", "1"}, {"b", "1"}, {"c", "2"}}) {
    Args with = args;
    with.insert(with.end(), {"--seed", seed, "-o", folder + "/" + name});
    const Json made = run_json(with);
    EXPECT_EQ(made["classes"], 4);
    EXPECT_EQ(made["input_size"], 64);
  }
  EXPECT_TRUE(file_testing::read_bytes(folder + "/a") == file_testing::read_bytes(folder + "/b"));
  EXPECT_FALSE(file_testing::read_bytes(folder + "/a") == file_testing::read_bytes(folder + "/c"));
  const Json tree =
      run_json({"explain", photo("rocket.jpg"), "--model", folder + "/a", "--depth", "2"});
  EXPECT_EQ(tree["layers"], (Json{"layer4", "layer3"}));
  EXPECT_TRUE(tree["root"]["class"].get<std::string>().starts_with("class "));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace hdecomp
