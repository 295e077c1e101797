/// Lists of images: those that cannot be read, labels beside paths, photographs that lie turned.
#include <gtest/gtest.h>

#include "tests/support/image_bytes.h"
#include "tests/tools/command_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
namespace fs = std::filesystem;

class ImageLists : public ::testing::Test {
 protected:
  ImageLists() : folder_(empty_folder("_lists")) {}
  ~ImageLists() override { fs::remove_all(folder_); }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
};

TEST_F(ImageLists, ClassifySkipsWhatCannotBeRead) {
  fs::copy_file(photo("portrait.jpg"), file("a.jpg"));
  write_text(file("b.jpg"), "no image");
  fs::copy_file(photo("portrait.jpg"), file("c.jpg"));
  const CommandResult printed = run({"classify", folder_});
  EXPECT_EQ(printed.code, 2);
  EXPECT_EQ(lines_of(printed.out), 2u) << printed.out;
  EXPECT_NE(printed.err.find("b.jpg"), std::string::npos) << printed.err;
  EXPECT_NE(printed.err.find("1 of 3 images were skipped"), std::string::npos) << printed.err;
  const Json json = parse_json(run({"classify", folder_, "--json"}).out);
  EXPECT_EQ(json["images"].size(), 2u);
  ASSERT_EQ(json["skipped"].size(), 1u);
  EXPECT_EQ(json["skipped"][0]["image"], "b.jpg");
}

TEST_F(ImageLists, LinesMayHoldALabelBehindAPathWithSpaces) {
  fs::copy_file(photo("portrait.jpg"), file("my face.jpg"));
  fs::copy_file(photo("chelsea.jpg"), file("cat"));
  write_text(file("list.txt"), "\xEF\xBB\xBFmy face.jpg faces_easy\r\ncat\t12\n");
  const Json json = run_json({"classify", "--list", file("list.txt")});
  EXPECT_EQ(json["images"][0]["image"], "my face.jpg");
  EXPECT_EQ(json["images"][0]["label"], 36);
  EXPECT_EQ(json["images"][1]["label"], 12);
  EXPECT_EQ(json["correct"], 2);
  write_text(file("list.txt"), "my face.jpg\ncat 12\n");
  const CommandResult mixed = run({"classify", "--list", file("list.txt")});
  EXPECT_EQ(mixed.code, 2);
  EXPECT_NE(mixed.err.find("my face.jpg has no label"), std::string::npos) << mixed.err;
}

TEST_F(ImageLists, LabelsMayHoldSpacesToo) {
  fs::copy_file(photo("chelsea.jpg"), file("my cat.jpg"));
  fs::copy_file(photo("coffee.jpg"), file("b.jpg"));
  fs::create_directory(file("my"));  // begins a line, and is no photograph
  const auto labels = [&](Args args) {
    args.insert(args.end(), {"--model", "squeezenet"});
    const Json json = run_json(args);
    return joined(json["images"][0]["label"].get<int>(), " ",
                  json["images"][1]["label"].get<int>());
  };
  write_text(file("list.txt"), "my cat.jpg Egyptian cat\nb.jpg  espresso\n");
  EXPECT_EQ(labels({"classify", "--list", file("list.txt")}), "285 967");
  write_text(file("labels.txt"), "my cat.jpg Egyptian cat\nb.jpg 967\n");  // not in their order
  EXPECT_EQ(labels({"classify", folder_, "--labels", file("labels.txt")}), "967 285");
  write_text(file("labels.txt"), "espresso\nEgyptian cat\n");
  EXPECT_EQ(labels({"classify", folder_, "--labels", file("labels.txt")}), "967 285");
  write_text(file("labels.txt"), "my cat.jpg Egyptian cat\nc.jpg espresso\n");
  const CommandResult missing = run({"classify", folder_, "--labels", file("labels.txt")});
  EXPECT_NE(missing.err.find("no label for b.jpg"), std::string::npos) << missing.err;
}

// Of a data set on a disk that is not there every photograph is told of, none left out in silence.
TEST_F(ImageLists, LinksThatLeadNowhereAreToldOf) {
  fs::copy_file(photo("portrait.jpg"), file("a.jpg"));
  fs::create_symlink(file("none.jpg"), file("gone.jpg"));
  fs::create_symlink(file("loop.jpg"), file("loop.jpg"));
  fs::create_symlink(file("a.jpg"), file("good.jpg"));
  const CommandResult printed = run({"classify", folder_});
  EXPECT_EQ(printed.code, 2);
  EXPECT_EQ(lines_of(printed.out), 2u) << printed.out;
  EXPECT_NE(printed.err.find("gone.jpg: can't be read: No such file"), std::string::npos);
  EXPECT_NE(printed.err.find("loop.jpg: can't be read: Too many levels"), std::string::npos);
  EXPECT_NE(printed.err.find("2 of 4 images were skipped"), std::string::npos) << printed.err;
}

// ILSVRC's validation labels are numbers of the devkit's own order; less 1 they are wrong classes.
TEST_F(ImageLists, NumbersThatCountFromOneAreRefused) {
  write_text(file("labels.txt"), "100\n");
  const CommandResult refused =
      run({"classify", photo("portrait.jpg"), "--labels", file("labels.txt")});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("class indices are 0 to 99"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("WordNet"), std::string::npos) << refused.err;
}

TEST_F(ImageLists, TurnedPhotographsAreToldOfOrTurned) {
  // portrait.jpg is read as a picture that lies on its side.
  const file_testing::Bytes bytes = file_testing::read_bytes(photo("portrait.jpg"));
  file_testing::write_bytes(file("phone.jpg"),
                            file_testing::jpeg_with_exif(bytes, file_testing::orientation_tag(6)));
  const Args question{"classify", file("phone.jpg"), "--top", "1"};
  const CommandResult stored = run(question);
  EXPECT_EQ(stored.code, 0);
  EXPECT_NE(stored.err.find("--exif"), std::string::npos) << stored.err;
  EXPECT_NE(stored.out.find("faces_easy"), std::string::npos) << stored.out;
  Args turned = question;
  turned.emplace_back("--exif");
  const CommandResult lying = run(turned);
  EXPECT_EQ(lying.code, 0);
  EXPECT_EQ(lying.err, "");
  EXPECT_NE(lying.out, stored.out);
}

}  // namespace
}  // namespace hdecomp
