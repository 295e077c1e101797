/// The members that begin the JSON of results.
#pragma once

#include "hdecomp/json.h"

namespace hdecomp {

constexpr int result_json_version = 2;  // of trees, steps and ablations

/// `format` and `format_version`.
void put_format(JsonWriter& json, const char* format);

/// Which means file: an object.
void put_means(JsonWriter& json, const char* key, const ChannelMeans& means);

/// A step's timings, its decision and the step itself.
void put_members(JsonWriter& json, const DecisionStep& step, const JsonOptions& options = {});

}  // namespace hdecomp
