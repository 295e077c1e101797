/// Which of the forward plan's steps run together, rows by rows: those of a pass whose maps between
/// them nobody asks for.
#include <algorithm>

#include "kernels/plan/forward_plan_cpu.h"
#include "kernels/plan/map_layouts_cpu.h"

namespace hdecomp::cpu {

using dnnl::memory;
using Tag = memory::format_tag;

void ForwardPlanCpu::link_rows(int from, const std::vector<memory>& in, RowLink link) {
  const std::optional<Chain> before = std::exchange(chain_, std::nullopt);
  if (keeps_all() || in_blocks_ || in[0].get_desc() != described(link.in, Tag::nhwc)) return;
  if (link.kernel.find("gemm") != std::string::npos) return;  // it may sum otherwise for other rows
  const bool follows = before && before->last == from && from + 1 == next_step() &&
                       before->steps == steps_.size() && last_reader(from) == next_step();
  if (follows && before->rows.gains_by(link)) {
    RowChain longer = before->rows;
    longer.add(link);
    if (longer.plan(store_)) {
      chain_ = {std::move(longer), before->input, next_step(), 0};
      for (const memory& image : chain_->input) {  // its first step alone did not read it so long
        const auto room = std::ranges::find(rooms_, image.get_data_handle(), &Room::data);
        if (room != rooms_.end()) room->until = std::max(room->until, next_step());
      }
      return;
    }
  }
  RowChain begun(context_);
  begun.add(std::move(link));
  chain_ = {std::move(begun), in, next_step(), 0};
}

bool ForwardPlanCpu::chain_reads(int step) const {
  return chain_ && chain_->rows.length() > 1 &&
         chain_->input[0].get_data_handle() == outputs_.at(step).images[0].get_data_handle();
}

void ForwardPlanCpu::keep_chain() {
  if (!chain_) return;
  if (chain_->rows.length() > 1) {
    const bool deep = steps_.back().deep && steps_[steps_.size() - 2].deep;
    steps_.resize(steps_.size() - 2);
    const auto run = [rows = chain_->rows, in = chain_->input,
                      out = outputs_.at(chain_->last).images](int64_t first, int64_t end) mutable {
      for (int64_t i = first; i < end; ++i) {
        rows.run(i, static_cast<const float*>(in[i].get_data_handle()),
                 static_cast<float*>(out[i].get_data_handle()));
      }
    };
    steps_.push_back({chain_->last, run, deep});
  }
  chain_->steps = steps_.size();
}

}  // namespace hdecomp::cpu
