/// What the command does, in ten lines: the strongest evidence for a photograph's class.
#include <hdecomp/hdecomp.h>

#include <iostream>

int main(int, char** argv) {
  hdecomp::Explainer explainer(hdecomp::Model::bundled());
  const hdecomp::Tree tree = explainer.explain(hdecomp::Image::load(argv[1]), {.top = 2});
  std::cout << tree.decision.name << " " << tree.decision.probability << "\n";
  for (const hdecomp::TreeNode& node : tree.root.children()) {
    std::cout << node.layer << ":" << node.channel << " at (" << node.y << ", " << node.x << ") "
              << "share " << node.share << "\n";
  }
}
