/// The verb means, and --fill with its file.
#include <gtest/gtest.h>

#include "hdecomp/model.h"
#include "tests/support/slim_models.h"
#include "tests/tools/experiments_testing.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::read_bytes;

class MeansCommand : public Experiments {
 protected:
  /// The means file over some of the bundled photographs.
  std::string means_of(const Args& names, const std::string& output, const Args& more = {}) const {
    Args all{"-o", file(output)};
    all.insert(all.end(), more.begin(), more.end());
    const CommandResult result = run(over("means", names, all));
    EXPECT_EQ(result.code, 0) << result.err;
    return file(output);
  }
  Json drops_with(const std::string& fill, const Args& more = {}) const {
    Args args{"ablate", photo("coffee.jpg"), "--from", "class:99", "--to", "conv4_3"};
    args.insert(args.end(), {"--device", "cpu", "--fill", fill});
    args.insert(args.end(), more.begin(), more.end());
    return run_json(args);
  }
};

TEST_F(MeansCommand, TheImagesAloneDecideTheBytes) {
  const Args names{"chelsea.jpg", "portrait.jpg", "coffee.jpg"};
  const auto bytes = read_bytes(means_of(names, "a.h5"));
  EXPECT_EQ(read_bytes(means_of(names, "b.h5", {"--batch", "1", "--threads", "1"})), bytes);
  EXPECT_EQ(read_bytes(means_of(names, "c.h5", {"--batch", "2", "--threads", "3"})), bytes);
  Args longer = names;
  longer.push_back("rocket.jpg");
  EXPECT_NE(read_bytes(means_of(longer, "d.h5")), bytes);
  EXPECT_EQ(read_bytes(means_of(longer, "e.h5", {"--limit", "3"})), bytes);
  EXPECT_EQ(list_of(files_), (Args{"a.h5", "b.h5", "c.h5", "d.h5", "e.h5", "list.txt"}));
}

TEST_F(MeansCommand, SkipsAndCountsWhatCannotBeRead) {
  std::filesystem::copy_file(photo("chelsea.jpg"), file("b.jpg"));
  write_text(file("a.jpg"), "no image");
  const CommandResult result =
      run({"means", files_, "-o", file("means.h5"), "--batch", "1", "--device", "cpu"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.err), 1u);
  EXPECT_NE(result.err.find(file("a.jpg")), std::string::npos) << result.err;
  EXPECT_EQ(result.out,
            "means of 22 layers over 1 images, 1 skipped\nwrote " + file("means.h5") + "\n");
  EXPECT_EQ(read_bytes(file("means.h5")), read_bytes(means_of({"chelsea.jpg"}, "alone.h5")));
}

TEST_F(MeansCommand, MeansOfOneImageAreThatImagesOwn) {
  const std::string own = means_of({"coffee.jpg"}, "own.h5"),
                    other = means_of({"chelsea.jpg", "rocket.jpg"}, "other.h5");
  const Json expected = drops_with("mean"), same = drops_with(own), different = drops_with(other);
  EXPECT_EQ(same["drops"], expected["drops"]);
  EXPECT_EQ(same["fill"], "means");
  EXPECT_EQ(same["means"]["images"], 1);
  EXPECT_EQ(different["means"]["images"], 2);
  EXPECT_NE(different["means"]["sha256"], same["means"]["sha256"]);
  EXPECT_FALSE(expected.contains("means"));
  // Another fill is another drop: of most channels by more than rounding.
  int far = 0;
  double largest = 0;
  for (const Json& drop : expected["drops"]) largest = std::max(largest, drop.get<double>());
  for (size_t k = 0; k < expected["drops"].size(); ++k) {
    const double difference =
        different["drops"][k].get<double>() - expected["drops"][k].get<double>();
    far += std::abs(difference) > 1e-3 * largest ? 1 : 0;
  }
  EXPECT_GT(far, 64);  // of 128
  const Json naive = drops_with(other, {"--method", "naive"});
  for (size_t k = 0; k < naive["drops"].size(); ++k) {
    EXPECT_NEAR(naive["drops"][k].get<double>(), different["drops"][k].get<double>(),
                1e-5 * largest);
  }
  const CommandResult shown = run(
      {"ablate", photo("coffee.jpg"), "--from", "class:99", "--device", "cpu", "--fill", other});
  EXPECT_NE(shown.out.find("each set to its mean of 2 images over its map"), std::string::npos)
      << shown.out;
}

TEST_F(MeansCommand, ExperimentsFillWithThem) {
  const std::string own = means_of({"coffee.jpg"}, "own.h5"),
                    other = means_of({"chelsea.jpg", "rocket.jpg"}, "other.h5");
  for (const char* verb : {"pcc", "masking", "distribution"}) {
    const auto rows = [&](const std::string& fill, const std::string& output) {
      return run_json(over(verb, {"coffee.jpg"}, {"-o", file(output), "--fill", fill}))["rows"];
    };
    const std::string name = verb;
    // The first step's target has the same means, so has every other.
    const Json expected = rows("mean", name + "_mean.h5");
    EXPECT_EQ(rows(own, name + "_own.h5"), expected) << verb;
    EXPECT_NE(rows(other, name + "_other.h5"), expected) << verb;
  }
}

TEST_F(MeansCommand, ResultsGoOnWithTheSameMeansAlone) {
  const std::string means = means_of({"coffee.jpg"}, "means.h5");
  const Args results{"-o", file("p.h5"), "--resume", "--fill"};
  const auto with = [&](const std::string& fill) {
    Args all = results;
    all.push_back(fill);
    return over("pcc", {"chelsea.jpg"}, all);
  };
  ASSERT_EQ(run(with(means)).code, 0);
  const auto whole = read_bytes(file("p.h5"));
  std::filesystem::copy_file(means, file("copy.h5"));  // it is not the name that counts
  EXPECT_EQ(run(with(file("copy.h5"))).code, 0);
  refused(with(means_of({"rocket.jpg"}, "means.h5")), "the option fill is 'means ");
  refused(with("mean"), "the option fill is 'means ");
  EXPECT_EQ(read_bytes(file("p.h5")), whole);
}

TEST_F(MeansCommand, TakesAVocSet) {
  for (const char* folder : {"/JPEGImages", "/ImageSets/Main"}) {
    std::filesystem::create_directories(files_ + folder);
  }
  std::filesystem::copy_file(photo("chelsea.jpg"), file("JPEGImages/1.jpg"));
  std::filesystem::copy_file(photo("portrait.jpg"), file("JPEGImages/2.jpg"));
  write_text(file("ImageSets/Main/val.txt"), "2\n");
  const Json json = run_json({"means", files_, "--image-set", "val", "-o", file("m.h5")});
  EXPECT_EQ(json["images"], 1);
  EXPECT_EQ(json["skipped"], 0);
  EXPECT_EQ(json["layers"], 22);
}

TEST_F(MeansCommand, RefusesAndLeavesNothing) {
  const auto bad = [&](const Args& more, const std::string& part) {
    refused(over("means", {"chelsea.jpg"}, more), part);
  };
  bad({}, "--output");
  bad({"-o", file("m.txt")}, ".h5");
  bad({"-o", file("none/m.h5")}, "there is no folder " + file("none"));
  bad({"-o", file("m.h5"), "--batch", "5000"}, "--batch");
  bad({"-o", file("m.h5"), "--model", file("none.h5")}, "none.h5");
  std::filesystem::copy_file(Model::bundled_path("vgg16-slim"), file("net.h5"));
  bad({"-o", file("net.h5"), "--model", file("net.h5")}, "one of the files that it is made from");
  EXPECT_EQ(read_bytes(file("net.h5")), read_bytes(Model::bundled_path("vgg16-slim")));
  write_text(file("bad.jpg"), "no image");
  EXPECT_EQ(run({"means", file("bad.jpg"), "-o", file("m.h5")}).code, 2);
  disk_full(over("means", {"chelsea.jpg"}, {"-o", "m.h5"}), 4096, "m.h5");
  EXPECT_FALSE(std::filesystem::exists(file("m.h5")));
}

TEST_F(MeansCommand, FillRefusesAFileThatIsNone) {
  write_text(file("text.h5"), "no means");
  write_model(testing_models::slim_model("vgg16", 96), file("other.h5"));
  const std::string means = means_of({"chelsea.jpg"}, "means.h5");
  const auto bad = [&](const std::string& fill, const std::string& part, const Args& more = {}) {
    Args ablate{"ablate", photo("chelsea.jpg"), "--from", "class:12", "--fill", fill};
    ablate.insert(ablate.end(), more.begin(), more.end());
    refused(ablate, part);
    Args results{"-o", file("p.h5"), "--fill", fill};
    results.insert(results.end(), more.begin(), more.end());
    for (const char* verb : {"pcc", "masking", "distribution"}) {
      refused(over(verb, {"chelsea.jpg"}, results), part);
    }
  };
  bad("one", "--fill one: there is no such file; give mean, zero, or a file");
  bad(files_, files_);
  bad(file("text.h5"), file("text.h5") + ": cannot be read as an HDF5 file");
  bad(file("other.h5"), file("other.h5") + ": an HDF5 file but none of channel means");
  bad(means, means + ": means of another model", {"--model", file("other.h5")});
  EXPECT_FALSE(std::filesystem::exists(file("p.h5")));
}

}  // namespace
}  // namespace hdecomp
