/// A folder of photographs in one call, with the pages that the command writes.
#include <hdecomp/hdecomp.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  hdecomp::Explainer explainer(hdecomp::Model::bundled(), {.batch = 4});
  hdecomp::PhotoTreesOptions options;
  options.output_dir = argv[2];  // a folder for each photograph, and index.html
  options.files.html = true;
  options.each = [](hdecomp::PhotoTree& one, const hdecomp::Image&) {
    std::cout << one.shown << ": " << (one.tree ? one.tree->decision.name : one.error) << "\n";
    one.tree.reset();  // so that few are in memory
  };
  hdecomp::explain_folder(explainer, argv[1], options);
} catch (const hdecomp::Error& fault) {  // one line
  std::cerr << fault.what() << "\n";
  return 2;
}
