/* What the command does, in C: the strongest evidence for a photograph's class. */
#include <hdecomp.h>
#include <stdio.h>

static int failed(hdecomp_status status) {
  if (status != HDECOMP_OK) fprintf(stderr, "%s\n", hdecomp_last_error());
  return status != HDECOMP_OK;
}

int main(int argc, char** argv) {
  hdecomp_model* model = NULL;
  hdecomp_explainer* explainer = NULL;
  hdecomp_image* image = NULL;
  hdecomp_tree* tree = NULL;
  hdecomp_explain_options options = {.struct_size = sizeof options, .top = 2};
  hdecomp_class_score decision = {.struct_size = sizeof decision};
  hdecomp_node root = {.struct_size = sizeof root}, node = {.struct_size = sizeof node};
  int64_t i;

  int fault = argc != 2 || failed(hdecomp_model_bundled(NULL, &model)) ||
              failed(hdecomp_explainer_new(model, NULL, &explainer)) ||
              failed(hdecomp_image_load(argv[1], &image)) ||
              failed(hdecomp_explain(explainer, image, &options, &tree)) ||
              failed(hdecomp_tree_decision(tree, &decision)) ||
              failed(hdecomp_tree_node(tree, 0, &root));
  if (!fault) printf("%s %g\n", decision.name, decision.probability);
  for (i = 0; !fault && i < root.child_count; ++i) {
    fault = failed(hdecomp_tree_node(tree, root.first_child + i, &node));
    if (!fault) {
      printf("%s:%d at (%d, %d) share %g\n", node.layer, (int)node.channel, (int)node.y,
             (int)node.x, node.share);
    }
  }
  hdecomp_tree_free(tree);
  hdecomp_image_free(image);
  hdecomp_explainer_free(explainer);
  hdecomp_model_free(model);
  return fault;
}
