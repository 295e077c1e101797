/// Every op's runner, each in a file of its own.
#pragma once

#include "runtime/network/node_runner.h"

namespace hdecomp {

std::unique_ptr<NodeRunner> make_conv_runner(const NodePlace& place);
std::unique_ptr<NodeRunner> make_linear_runner(const NodePlace& place);
std::unique_ptr<NodeRunner> make_max_pool_runner(const NodePlace& place);
std::unique_ptr<NodeRunner> make_adaptive_avg_pool_runner(const NodePlace& place);
std::unique_ptr<NodeRunner> make_add_runner(const NodePlace& place);
std::unique_ptr<NodeRunner> make_concat_runner(const NodePlace& place);
/// For all ops that are formulas of a few cells.
std::unique_ptr<NodeRunner> make_cell_runner(const NodePlace& place);

}  // namespace hdecomp
