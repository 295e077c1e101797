/// StepsJson: a tree's steps as JSON, each once, by the decision that it decomposes. tree.json and
/// the page have them in this form; what derives from it says in what they differ.
#pragma once

#include <functional>

#include "hdecomp/json_writer.h"
#include "hdecomp/tree.h"

namespace hdecomp {

class HDECOMP_API StepsJson {
 public:
  virtual ~StepsJson();

  /// All steps from `root` down: an object whose keys are the decisions' places ("conv5_3:70@3,3").
  void put_steps(JsonWriter& json, const TreeNode& root) const;
  /// The members of such an object for the steps from `root` down.
  void put_members(JsonWriter& json, const TreeNode& root) const;
  /// One step.
  void put_step(JsonWriter& json, const TreeStep& step) const;
  /// The evidence that is child `child` of a step; `more`: its last member is written by it.
  void put_node(JsonWriter& json, const TreeStep& parent, size_t child,
                const std::function<void()>& more = {}) const;

 protected:
  /// Whether a step is written.
  virtual bool wanted(const std::string& place) const;
  virtual void put_list(JsonWriter& json, std::span<const float> values) const;
  virtual void put_list(JsonWriter& json, std::span<const int32_t> values) const;
  /// More members of a node.
  virtual void put_more(JsonWriter& json, const TreeStep& parent, size_t child) const;
  /// More evidence behind a step's own.
  virtual void put_added(JsonWriter& json, const std::string& place) const;

 private:
  void put_numbers(JsonWriter& json, const Decomposition& step) const;
};

}  // namespace hdecomp
