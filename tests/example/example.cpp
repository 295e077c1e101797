/// What the command does, in ten lines: the strongest evidence for a photograph's class.
#include <hdecomp/hdecomp.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  hdecomp::Explainer explainer(hdecomp::Model::bundled());
  const hdecomp::Tree tree = explainer.explain(hdecomp::Image::load(argv[1]), {.top = 2});
  std::cout << tree.decision.name << " " << tree.decision.probability << "\n";
  for (const hdecomp::TreeNode& node : tree.root.children()) {
    std::cout << node.layer << ":" << node.channel << " at (" << node.y << ", " << node.x << ") "
              << "share " << node.share << "\n";
  }
} catch (const hdecomp::Error& fault) {  // one line
  std::cerr << fault.what() << "\n";
  return 2;
}
