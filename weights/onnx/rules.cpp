/// All rules in one table.
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> all = [] {
    std::map<std::string, Rule> made;
    add_kernel_rules(made);
    add_pad_rules(made);
    add_product_rules(made);
    add_layout_rules(made);
    add_reduce_rules(made);
    add_norm_rules(made);
    add_part_rules(made);
    add_concat_rules(made);
    add_place_rules(made);
    add_resize_rules(made);
    add_choice_rules(made);
    add_attention_rules(made);
    add_cell_rules(made);
    add_arithmetic_rules(made);
    return made;
  }();
  return all;
}

}  // namespace hdecomp::onnx
