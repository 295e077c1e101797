/// index.html of a run over many images: each with its thumbnail, class, probability and a link to
/// its report.
#pragma once

#include <fstream>

#include "hdecomp/explainer.h"
#include "tools/output/output_folder.h"

namespace hdecomp::tools {

struct IndexedImage {
  std::string name;    // as listed
  std::string link;    // the path of what is to be opened, from the output folder
  std::string label;   // the class that the image is said to show; empty without one
  bool wrong = false;  // the prediction is another than the label
};

/// Its entry. Several threads may make such at once.
std::string index_entry(const IndexedImage& image, const Tree& tree, const Image& photo,
                        const Model& model);

/// One file that needs nothing else but what it links to. Entries are written as they come, so that
/// memory does not grow with the run.
class IndexPage {
 public:
  /// For the folder of the run. Throws UserError as OutputFolder.
  explicit IndexPage(const std::string& folder);
  /// Throws UserError if it cannot be written.
  void add(const std::string& entry) { put(entry); }
  void skip(const std::string& name, const std::string& why);
  /// Puts the page into its place; without this nothing is there.
  void commit();

 private:
  void put(const std::string& html);

  std::string folder_;
  OutputFolder output_;
  std::ofstream page_;
  std::string after_, skipped_;
};

}  // namespace hdecomp::tools
