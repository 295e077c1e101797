/// What each verb of the command does when it is used well.
#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "hdecomp/image.h"
#include "tests/command_testing.h"
#include "tests/foreign_files.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::temporary_path;
namespace fs = std::filesystem;

int64_t count_nodes(const Json& node) {
  int64_t total = 0;
  for (const Json& child : node["children"]) total += 1 + count_nodes(child);
  return total;
}

int64_t depth_of(const Json& node) {
  int64_t depth = 0;
  for (const Json& child : node["children"]) depth = std::max(depth, 1 + depth_of(child));
  return depth;
}

/// Calls `visit` for every node below the root with its parent.
void walk(const Json& parent,
          const std::function<void(const Json& node, const Json& parent)>& visit) {
  for (const Json& child : parent["children"]) {
    visit(child, parent);
    walk(child, visit);
  }
}

std::string place(const Json& node) {
  return text(node["layer"].get<std::string>(), ":", node["channel"], "@", node["y"], ",",
              node["x"]);
}

size_t lines_of(const std::string& content) { return std::ranges::count(content, '\n'); }

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

TEST(CommandExplain, TheBundledModelSeesAFace) {
  const std::string folder = empty_folder();
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "2"}, in_folder(folder));
  EXPECT_EQ(tree["format"], "hdecomp-tree");
  EXPECT_EQ(tree["layers"], (Json{"conv5_3", "conv4_3"}));
  EXPECT_EQ(tree["top"].size(), 5u);
  EXPECT_EQ(tree["top"][0]["name"], "faces_easy");
  const Json& root = tree["root"];
  EXPECT_EQ(root["layer"], "scores");
  EXPECT_EQ(root["class"], "faces_easy");
  EXPECT_EQ(root["channel"], tree["top"][0]["index"]);
  EXPECT_EQ(root["value"], tree["top"][0]["score"]);
  ASSERT_EQ(root["children"].size(), 3u);
  EXPECT_EQ(depth_of(root), 2);
  walk(root, [](const Json& node, const Json& parent) {
    for (const char* key :
         {"layer", "channel", "y", "x", "contribution", "peak", "value", "children"}) {
      EXPECT_TRUE(node.contains(key)) << key;
    }
    const Json& step = parent["decomposition"];
    const auto channel = node["channel"].get<size_t>();
    EXPECT_EQ(node["layer"], step["layer"]);
    EXPECT_EQ(node["contribution"], step["contributions"][channel]);
    EXPECT_EQ(node["peak"], step["peaks"][channel]);
    EXPECT_EQ(node["y"].get<int64_t>() * step["width"].get<int64_t>() + node["x"].get<int64_t>(),
              step["positions"][channel]);
    EXPECT_GT(node["contribution"], 0);
  });
  for (const char* key : {"load", "decode", "forward", "tree"}) {
    EXPECT_GT(tree["timings_ms"].value(key, -1.0), 0) << key;
  }
  EXPECT_EQ(list_of(folder), Args{});  // nothing is written without --output-dir
}

TEST(CommandExplain, TheClassByAnyOfItsNames) {
  const Args args{"explain", photo("chelsea.jpg"), "--depth", "1", "--class"};
  const auto of = [&](const std::string& name) {
    Args named = args;
    named.push_back(name);
    return without(run_json(named));
  };
  const Json second = of("cougar_face");
  EXPECT_EQ(second["top"][1]["name"], "cougar_face");  // not the class without --class
  EXPECT_EQ(second["root"]["class"], "cougar_face");
  EXPECT_EQ(second["root"]["value"], second["top"][1]["score"]);
  EXPECT_EQ(of("Cougar Face"), second);
  EXPECT_EQ(of(second["root"]["channel"].dump()), second);
}

TEST(CommandExplain, TopDepthAndShow) {
  const Json narrow = run_json({"explain", photo("portrait.jpg"), "--top", "1"});
  EXPECT_EQ(depth_of(narrow["root"]), 5);
  EXPECT_EQ(count_nodes(narrow["root"]), 5);
  EXPECT_EQ(narrow["layers"], (Json{"conv5_3", "conv4_3", "conv3_3", "conv2_2", "conv1_2"}));
  const Args args{"explain", photo("portrait.jpg"), "--top", "2", "--depth", "4"};
  const auto printed = [&](const char* levels) {
    Args shown = args;
    shown.insert(shown.end(), {"--show", levels});
    const CommandResult result = run(shown);
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  };
  const int64_t nodes = count_nodes(run_json(args)["root"]);
  const std::string all = printed("all"), two = printed("2");
  EXPECT_EQ(all.find("deeper nodes"), std::string::npos);
  EXPECT_NE(two.find(text(nodes - 6, " deeper nodes not shown")), std::string::npos) << two;
  EXPECT_EQ(lines_of(all) - lines_of(two), static_cast<size_t>(nodes - 6 - 1));
}

TEST(CommandExplain, WritesATreeAndAPicturePerNode) {
  const std::string folder = empty_folder() + "/new/deep";
  const Args args{"explain", photo("portrait.jpg"), "--depth", "2", "--output-dir", folder};
  const Json printed = run_json(args);
  const auto bytes = file_testing::read_bytes(folder + "/tree.json");
  const Json tree = Json::parse(bytes);
  EXPECT_EQ(without(tree, {"timings_ms"}), without(printed, {"timings_ms"}));
  const Json plain = run_json({"explain", photo("portrait.jpg"), "--depth", "2"});
  EXPECT_EQ(without(tree, {"timings_ms", "picture"}), without(plain, {"timings_ms", "picture"}));
  std::vector<std::string> pictures{"maps", "tree.json"};
  walk(tree["root"], [&](const Json& node, const Json&) {
    pictures.push_back(node["picture"]);
    const Image image = Image::load(folder + "/" + pictures.back());
    EXPECT_EQ(image.width, image.height);
    EXPECT_GE(image.width, 200);
  });
  EXPECT_EQ(pictures.size(), 2u + 12u);
  std::ranges::sort(pictures);
  EXPECT_EQ(list_of(folder), pictures);
  // Into the same folder again: the new results take the old ones' place.
  EXPECT_EQ(without(run_json(args)), without(printed));
  EXPECT_EQ(list_of(folder), pictures);
}

TEST(CommandExplain, PicturesCanBeLeftOut) {
  const std::string folder = empty_folder();
  run_json(
      {"explain", photo("coffee.jpg"), "--depth", "1", "--output-dir", folder, "--no-pictures"});
  EXPECT_EQ(list_of(folder), Args{"tree.json"});
}

TEST(CommandExplain, TheSameBitsForAnyThreads) {
  const Args args{"explain", photo("chelsea.jpg"), "--top", "2", "--threads"};
  std::vector<std::string> results;
  for (const char* threads : {"1", "1", "2", "3"}) {
    Args with = args;
    with.emplace_back(threads);
    results.push_back(without(run_json(with)).dump());
    EXPECT_EQ(results.back(), results.front()) << threads << " threads";
  }
}

TEST(CommandDecompose, GivesTheNumbersOfTheTree) {
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "3", "--top", "2"});
  const auto step = [&](const std::string& from, const Json& node) {
    const Json json = run_json({"decompose", photo("portrait.jpg"), "--from", from, "--to",
                                node["decomposition"]["layer"], "--top", "2"});
    EXPECT_EQ(json["format"], "hdecomp-step");
    EXPECT_EQ(json["decision"]["decomposition"], node["decomposition"]) << from;
    EXPECT_EQ(json["decision"]["value"], node["value"]) << from;
    const std::vector<std::string> deeper{"decomposition", "children"};
    ASSERT_EQ(json["decision"]["children"].size(), node["children"].size());
    for (size_t i = 0; i < node["children"].size(); ++i) {
      EXPECT_EQ(without(json["decision"]["children"][i], deeper),
                without(node["children"][i], deeper));
    }
  };
  step("class:faces_easy", tree["root"]);
  walk(tree["root"], [&](const Json& node, const Json&) {
    if (node.contains("decomposition")) step(place(node), node);
  });
}

TEST(CommandDecompose, AnyDialectAndDownToTheImage) {
  const Json tree = run_json({"explain", photo("portrait.jpg"), "--depth", "1"});
  const std::string where =
      place(tree["root"]["children"][0]).substr(std::string("conv5_3").size());
  const auto step = [&](const std::string& from, const std::string& to) {
    return without(
        run_json({"decompose", photo("portrait.jpg"), "--from", from + where, "--to", to}));
  };
  const Json canonical = step("conv5_3", "conv3_3");
  EXPECT_EQ(step("features.40", "features.22"), canonical);
  EXPECT_EQ(step("features.42", "features.20"), canonical);
  EXPECT_EQ(step("block5_conv3", "block3_conv3"), canonical);
  const Json image = step("conv5_3", "input")["decision"]["decomposition"];
  EXPECT_EQ(image["layer"], "input");
  EXPECT_EQ(image["contributions"].size(), 3u);
  EXPECT_GT(image["height"], 100);
  const CommandResult printed = run({"decompose", photo("portrait.jpg"), "--from",
                                     "class:faces_easy", "--to", "conv5_3", "--top", "4"});
  EXPECT_TRUE(printed.out.starts_with("class faces_easy  F ")) << printed.out;
  EXPECT_EQ(lines_of(printed.out), 2u + 4u + 1u) << printed.out;
}

TEST(CommandDecompose, WritesAStepAndItsPictures) {
  const std::string folder = empty_folder();
  const Json printed = run_json({"decompose", photo("portrait.jpg"), "--from", "class:36", "--to",
                                 "conv4_3", "--output-dir", folder});
  EXPECT_EQ(without(Json::parse(file_testing::read_bytes(folder + "/step.json"))),
            without(printed));
  EXPECT_EQ(list_of(folder).size(), 2u + 3u);
  for (const Json& child : printed["decision"]["children"]) {
    EXPECT_GE(Image::load(folder + "/" + child["picture"].get<std::string>()).width, 200);
  }
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
