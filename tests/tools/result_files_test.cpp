/// Tables, pages and class graphs by calls of C++, and a tree's folder with what speaks against its
/// decisions, beside the command's.
#include "hdecomp/result_files.h"

#include <gmock/gmock.h>

#include <limits>

#include "hdecomp/model_file.h"
#include "hdecomp/tree_files.h"
#include "tests/tools/page_testing.h"
#include "tests/tools/written_testing.h"

namespace hdecomp {
namespace {

using namespace command_testing;
using file_testing::line_if_refused;
using ::testing::HasSubstr;

class ResultFiles : public ::testing::Test {
 protected:
  ResultFiles() : folder_(empty_folder()) {}
  ~ResultFiles() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  /// Three photographs, as their classes.
  MeasuredFiles measure(ExperimentKind kind, const std::string& output) const {
    ExperimentOptions options = usual_options(kind);
    options.depth = kind == ExperimentKind::class_graph ? 2 : options.depth;
    Experiment experiment(model_, {.device = "cpu", .batch = 2}, options);
    ExperimentFiles files;
    for (const char* name : {"portrait.jpg", "coffee.jpg", "chelsea.jpg"}) {
      files.paths.push_back(photo(name));
    }
    files.shown = files.paths;
    files.labels = {36, 33, 26};
    return measure_files(experiment, options, files,
                         {file(output), false, file_sha256(Model::bundled_path("vgg16-slim"))});
  }
  Args told(const std::string& verb, const Args& more) const {
    write_text(file("list.txt"), joined(photo("portrait.jpg"), " 36\n", photo("coffee.jpg"),
                                        " 33\n", photo("chelsea.jpg"), " 26\n"));
    Args args{verb, "--list", file("list.txt"), "-o", file("told.h5")};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  void expect_same(const std::string& extension) const {
    EXPECT_TRUE(without_word(text_of(file("own" + extension))) ==
                without_word(text_of(file("told" + extension))))
        << extension;
    EXPECT_GT(text_of(file("own" + extension)).size(), 30u) << extension;
  }

  std::string folder_;
  Model model_ = Model::bundled("vgg16-slim");
};

TEST_F(ResultFiles, TablesAndThePageOfDiscriminateAreTheCommands) {
  ASSERT_EQ(run(told("discriminate", {"--html"})).code, 0);
  const MeasuredFiles measured = measure(ExperimentKind::discriminate, "own.h5");
  save_tables(measured);
  save_page(measured);
  for (const char* extension : {".h5", ".csv", ".md", ".channels.csv", ".html"}) {
    expect_same(extension);
  }
  EXPECT_THAT(result_page(measured), HasSubstr("Of how few classes channels are"));
  EXPECT_THAT(line_if_refused([&] { save_class_graphs(measured, file("graphs")); }),
              HasSubstr("class graphs are of 'class-graph'; these results are of 'discriminate'"));
}

TEST_F(ResultFiles, TheFolderOfClassGraphsIsTheCommands) {
  ASSERT_EQ(
      run(told("class-graph", {"--depth", "2", "--share", "0.6", "--output-dir", file("told")}))
          .code,
      0);
  const MeasuredFiles measured = measure(ExperimentKind::class_graph, "own.h5");
  const ResultLook look{.share = 0.6};
  save_tables(measured, look);
  save_class_graphs(measured, file("own"), look);
  for (const char* extension : {".csv", ".md", ".edges.csv"}) expect_same(extension);
  expect_same_folders(file("own"), file("told"));
  EXPECT_EQ(encode_png(class_graph_picture(measured, 36, look)),
            file_testing::read_bytes(file("told/36.png")));
  EXPECT_THAT(result_page(measured), HasSubstr("\"graphs\":["));
  EXPECT_THAT(line_if_refused([&] { class_graph_picture(measured, 5); }),
              HasSubstr("none of the images has a tree of class 5"));
  EXPECT_THAT(line_if_refused([&] { save_class_graphs(measured, file("own"), {.share = 2}); }),
              ::testing::StartsWith("share 2"));
  std::filesystem::remove(measured.path);
  EXPECT_THAT(line_if_refused([&] { result_page(measured); }), HasSubstr("own.h5: is gone"));
}

/// What is said of a results file whose first image has another number in a field.
std::string line_with(const MeasuredFiles& measured, const std::string& field, float number) {
  ResultRow row;
  row.state = ImageState::measured;
  row.decision = 0;
  for (const ResultField& each : measured.plan.fields) {
    const auto first = measured.values.at(each.name)->begin();
    row.values.insert(row.values.end(), first, first + each.size());
    if (each.name == field) row.values[row.values.size() - each.size()] = number;
  }
  ResultsFile::resume(measured.path, measured.plan).put({&row, 1});
  return line_if_refused([&] { result_tables(measured); });
}

TEST_F(ResultFiles, ChannelsAndClassesThatThereAreNotAreRefused) {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  const MeasuredFiles attacked = measure(ExperimentKind::attack, "attack.h5");
  ASSERT_EQ(attacked.values.at("fooled")->front(), 1);
  const float channel = attacked.values.at("channels")->front();
  for (const float number : {-1.0f, 128.0f, 0.5f, 1e30f}) {
    EXPECT_EQ(line_with(attacked, "channels", number),
              joined(file("attack.h5: values/channels: "), number,
                     " is not 0 to 127; the file is damaged"));
  }
  EXPECT_EQ(line_with(attacked, "channels", channel), "");
  for (const char* field : {"decision_class", "new_class"}) {
    for (const float number : {-1.0f, 100.0f, none}) {
      EXPECT_THAT(line_with(attacked, field, number), HasSubstr(" is not 0 to 99; the file is"))
          << field;
    }
  }
  const MeasuredFiles changed = measure(ExperimentKind::what_ifs, "changed.h5");
  EXPECT_EQ(line_with(changed, "channel", changed.values.at("channel")->front()), "");
  for (const float number : {-1.0f, 128.0f, 0.5f, none}) {
    EXPECT_THAT(line_with(changed, "channel", number),
                HasSubstr(joined("changed.h5: values/channel: ", number, " is not 0 to 127")));
  }
}

TEST_F(ResultFiles, OthersHaveNoPage) {
  const MeasuredFiles measured = measure(ExperimentKind::pcc, "own.h5");
  EXPECT_EQ(line_if_refused([&] { save_page(measured); }),
            "a page is of 'context', 'discriminate' or 'class-graph'; these results are of 'pcc'");
}

TEST_F(ResultFiles, AReportHasWhatSpeaksAgainstDecisions) {
  const CommandResult result =
      run({"explain", photo("portrait.jpg"), "--depth", "2", "--top", "2", "--signed", "--html",
           "--no-pictures", "--output-dir", file("told")});
  ASSERT_EQ(result.code, 0) << result.err;
  Explainer explainer(model_, {.device = "cpu"});
  const Image image = Image::load(photo("portrait.jpg"));
  const Tree tree = explainer.explain(image, {.top = 2, .depth = 2, .keep_maps = true});
  const std::vector<EvidenceAgainst> against = evidence_against(explainer, image, tree.root);
  ASSERT_EQ(against.size(), 3u);
  for (const EvidenceAgainst& each : against) {
    const std::vector<TreeNode>& nodes = each.step.decision.children();
    ASSERT_EQ(nodes.size(), 2u) << each.place;
    for (const TreeNode& node : nodes) {
      EXPECT_LT(node.contribution, 0);
      EXPECT_EQ(node.map->at(node.y, node.x), std::ranges::min(node.map->whole()));
    }
    EXPECT_LE(nodes[0].contribution, nodes[1].contribution);
  }
  save_tree(tree, image, model_, file("own"), {.pictures = Pictures::none, .html = true, .top = 2},
            "portrait.jpg", {.against = against});
  expect_same_folders(file("own"), file("told"));
  EXPECT_EQ(page_of(report_page(tree, image, model_, "portrait.jpg", 2, {.against = against})),
            page_of(text_of(file("told/report.html"))));
  EXPECT_EQ(channels_against(tree.root, 3).size(), 3u);
  EXPECT_TRUE(evidence_against(explainer, image, tree.root, 0).empty());
  EXPECT_THAT(line_if_refused([&] { evidence_against(explainer, image, tree.root, -2); }),
              HasSubstr("give 1 or more"));
}

}  // namespace
}  // namespace hdecomp
