/// What people type who are new to the command: each mistake's line says what they probably meant.
#include <gtest/gtest.h>

#include "hdecomp/model.h"
#include "tests/tools/command_errors_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using LikelyMistakes = CommandErrors;
namespace fs = std::filesystem;

TEST_F(LikelyMistakes, VerbsAndFlagsNearOnes) {
  refused({"clasify", "a.jpg"}, "unknown verb 'clasify'; did you mean 'classify'?");
  refused({"xyzzy"}, "unknown verb 'xyzzy'; give one of explain, ");
  refused(
      {"explain", photo("portrait.jpg"), "--tpo", "3"},
      "explain has no flag --tpo; did you mean --top? (hdecomp explain --help shows the flags)");
  refused({"explain", photo("portrait.jpg"), "--ouput-dir=out"}, "did you mean --output-dir?");
  refused({"classify", photo("portrait.jpg"), "--html"}, "classify has no flag --html (hdecomp");
  // Half of its letters are those of --controls, but nobody means that.
  refused({"what-ifs", photo("portrait.jpg"), "--concepts", "c.h5", "-o", "r.h5"},
          "what-ifs has no flag --concepts (hdecomp what-ifs --help shows the flags)");
  refused({"explain", photo("portrait.jpg"), "--output=out"}, "did you mean --output-dir?");
  refused({"mask", "a.jpg"}, "unknown verb 'mask'; did you mean 'masking'?");
}

/// Beside another flag that leaves nothing for them to decide.
TEST_F(LikelyMistakes, FlagsThatAnotherOneLeavesWithoutUse) {
  const std::string image = photo("portrait.jpg");
  const auto over = [&](const Args& words, const std::string& line) {
    Args args = words;
    args.insert(args.begin() + 1, image);
    if (words[0] != "explain" && words[0] != "what-if") args.insert(args.end(), {"-o", "r.h5"});
    refused(args, line);
  };
  over({"explain", "--output-dir", "out", "--pictures", "none", "--colours", "dusk"},
       "--colours: --pictures none has no use for it; sheets, all have");
  over({"explain", "--output-dir", "out", "--pictures", "none", "--guided"},
       "--guided: --pictures none has no use for it");
  for (const char* verb : {"pcc", "masking", "distribution"}) {
    over({verb, "--top", "3"}, "--top requires --all-decisions");
  }
  for (const char* flag : {"--seed", "--restarts"}) {
    over({"attack", "--start", "none", flag, "1"},
         joined(flag, ": --start none has no use for it; random has"));
  }
  over({"patches", "--tree-top", "3"}, "--tree-top: --by activation has no use for it; contri");
  over({"what-if", "--at", "top", "--region", "field", "--mask-threshold", "0.5"},
       "--mask-threshold: --region field has no use for it; mask has");
  over({"what-ifs", "--region", "field", "--mask-threshold", "0.5"},
       "--mask-threshold: --region field has no use for it; mask has");
  over({"what-ifs", "--off", "top", "--region", "field"}, "--region excludes --off");
  over({"what-ifs", "--off", "top", "--mask-threshold", "0"}, "--mask-threshold excludes --off");
}

TEST_F(LikelyMistakes, HelpOfAVerb) {
  const CommandResult help = run({"help", "explain"});
  EXPECT_EQ(help.code, 0) << help.err;
  EXPECT_EQ(help.out, run({"explain", "--help"}).out);
  refused({"help", "explian"}, "explian not in {reading,man,bash,zsh,explain,");
}

TEST_F(LikelyMistakes, NumbersFromOne) {
  refused({"classify", photo("portrait.jpg"), "--every", "0"}, "--every: 0: give 1 or more");
  refused({"classify", photo("portrait.jpg"), "--every", "-2"}, "--every: -2: give 1 or more");
  refused({"pcc", photo("portrait.jpg"), "-o", file("a.h5"), "--limit", "-1"},
          "--limit: -1: give 0 or more (hdecomp pcc");
}

TEST_F(LikelyMistakes, WhatMakesATreeTooLarge) {
  refused({"explain", photo("portrait.jpg"), "--peaks", "1000000"},
          "--top 3 with --peaks 1000000: a tree of ");
  refused({"explain", photo("portrait.jpg"), "--peaks", "1000000"},
          "give a smaller --depth or --peaks");
  refused({"explain", photo("portrait.jpg"), "--top", "99999999999"},
          "--top: 99999999999 is beyond 2147483647 (hdecomp explain");
}

TEST_F(LikelyMistakes, NamesOfModels) {
  for (const char* name : {"squeeznet", "vgg16"}) {
    const std::string line = joined(name, ": there is no such model file, nor a bundled model");
    refused({"classify", photo("portrait.jpg"), "--model", name}, line);
    refused({"serve", "--model", name}, "bundled are squeezenet and vgg16-slim");
  }
  refused({"classify", photo("portrait.jpg"), "--model", "no/net.h5"},
          "no/net.h5: cannot be read: No such file or directory");
  refused({"init", "--arch", "resnt18", "-o", "a.h5"}, "'resnt18'; did you mean 'resnet18'?");
  refused({"init", "--arch", "xyzzyxyzzy", "-o", "a.h5"}, "; give one of alexnet, ");
  refused({"layers", "--arch", "vgg16", "--model", "vgg16-slim"}, "--arch excludes --model");
  convert_refused(Model::bundled_path("vgg16-slim"), "it is a model already");
  for (const std::string name : {"net.pth", "net.onnx", "net.safetensors"}) {
    write_text(file(name), "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
    convert_refused(file(name), name + ": a Git LFS pointer, not the weights");
  }
}

TEST_F(LikelyMistakes, ABundledModelIsComparedToo) {
  const CommandResult same = run({"compare-models", photo("portrait.jpg"), "--other", "vgg16-slim",
                                  "--methods", "gradient", "-o", file("same.h5")});
  EXPECT_EQ(same.code, 0) << same.err;
}

TEST_F(LikelyMistakes, TheFlagAtFaultIsNamed) {
  explain_refused({"--output-dir", "out", "--html", "--saliency", "gradients"},
                  "--saliency 'gradients': give one of gradient, ");
  refused({"randomise", photo("portrait.jpg"), "-o", "r.h5", "--methods", "gap,xyz"},
          "--methods 'xyz': give one of gradient, ");
  fs::create_directory(file("masks"));
  refused({"context", photo("portrait.jpg"), "-o", "c.h5", "--regions", file("masks")},
          "--region-names is missing");
  refused({"serve", "--host", "192.0.2.1"}, "--host 192.0.2.1: cannot listen there");
}

TEST_F(LikelyMistakes, ListsThatAreNone) {
  const auto list_refused = [&](const std::string& list, const std::string& part) {
    refused({"classify", "--list", list}, list + part);
    refused({"classify", photo("portrait.jpg"), "--labels", list}, list + part);
  };
  list_refused(file("none.txt"), ": cannot be read: No such file or directory; a text file");
  list_refused(files_, ": is a folder; a text file");
  list_refused(photo("portrait.jpg"), ": has zero bytes, as UTF-16 has; a text file");
}

TEST_F(LikelyMistakes, WhatIsWrittenIsSaid) {
  const std::string map = file("map.png"), means = file("means.h5"), patches = file("patches.h5");
  const auto ends_with = [&](const Args& args, const std::string& line) {
    const CommandResult done = run(args);
    EXPECT_TRUE(done.out.ends_with(line + "\n")) << done.out << done.err;
  };
  ends_with({"saliency", photo("portrait.jpg"), "-o", map}, "wrote " + map);
  ends_with({"means", photo("portrait.jpg"), "-o", means}, "wrote " + means);
  ends_with({"patches", photo("portrait.jpg"), "-o", patches}, "wrote " + patches);
}

TEST_F(LikelyMistakes, NamesOfFewPhotographs) {
  const auto hinted = [&](const std::string& labels, const std::string& hint) {
    write_text(file("labels.txt"), labels);
    ASSERT_EQ(run({"patches", photo("portrait.jpg"), photo("coffee.jpg"), photo("chelsea.jpg"),
                   "--labels", file("labels.txt"), "--top", "4", "-o", file("p.h5")})
                  .code,
              0);
    const CommandResult named =
        run({"concepts", "--patches", file("p.h5"), "--min-share", "0.7", "-o", file("n.h5")});
    EXPECT_EQ(named.code, 0);
    EXPECT_EQ(named.err, hint);
    fs::remove(file("p.h5"));
  };
  const std::string takes =
      "hdecomp: no channel has a name: it takes 3 of 4 patches of one class (--min-share 0.7)";
  hinted("0\n1\n0\n", takes +
                          ", and no class has more than 2 photographs here; make the patches of "
                          "more photographs of each class\n");
  hinted("0\n0\n0\n", "");
}

// Names of photographs come from anywhere, and stdout may be a terminal.
TEST_F(LikelyMistakes, NamesDoNotCommandTheTerminal) {
  const std::string name = "a\x1b[31m\xc2\x9b.jpg";
  fs::copy_file(photo("portrait.jpg"), file(name));
  for (const Args& verb : {Args{"classify"}, Args{"explain", "--depth", "1"},
                           Args{"what-if", "--box", "60,60,40,40", "--controls", "1"}}) {
    Args args = verb;
    args.insert(args.begin() + 1, file(name));
    const CommandResult one = run(args);
    EXPECT_EQ(one.code, 0) << one.err;
    EXPECT_NE(one.out.find("a [31m  .jpg"), std::string::npos) << one.out;
    EXPECT_EQ(one.out.find('\x1b'), std::string::npos) << verb[0];
  }
  EXPECT_EQ(run({"classify", file(name), file(name)}).out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace hdecomp
