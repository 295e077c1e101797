/// What the C interface says of a model: its layers, stages and classes, its input rule.
#include "hdecomp/error.h"
#include "runtime/c_api/handles.h"

hdecomp_model::hdecomp_model(hdecomp::Model given)
    : model(std::move(given)), layers(model.layers()), stages(model.stages()) {
  for (int64_t i = 0; i < model.class_count(); ++i) {
    class_names.push_back(model.class_name(i));
    wnids.push_back(model.class_wnid(i));
  }
}

namespace {

using namespace hdecomp;
using namespace hdecomp::c_api;

hdecomp_preprocess rule_of(const Preprocess& rule) {
  hdecomp_preprocess to{};
  to.stretch = rule.resize == Resize::stretch ? 1 : 0;
  to.interpolation = static_cast<int32_t>(rule.interpolation);
  to.resize_height = rule.size.height, to.resize_width = rule.size.width;
  to.crop_height = rule.crop.height, to.crop_width = rule.crop.width;
  std::ranges::copy(rule.mean, to.mean);
  std::ranges::copy(rule.std, to.std);
  return to;
}

Preprocess rule_from(const hdecomp_preprocess& given) {
  if (given.interpolation < 0 || given.interpolation > 2) {
    throw UserError(joined("interpolation ", given.interpolation, "; give 0, 1 or 2"));
  }
  Preprocess rule;
  rule.resize = given.stretch != 0 ? Resize::stretch : Resize::cover;
  rule.interpolation = static_cast<Interpolation>(given.interpolation);
  rule.size = {given.resize_height, given.resize_width};
  rule.crop = {given.crop_height, given.crop_width};
  std::ranges::copy(given.mean, rule.mean.begin());
  std::ranges::copy(given.std, rule.std.begin());
  return rule;
}

}  // namespace

extern "C" {

hdecomp_status hdecomp_model_get(const hdecomp_model* model, hdecomp_model_info* info) {
  return guarded([&] {
    const hdecomp_model& its = required(model, "model");
    const PixelSize& size = its.model.preprocess().crop;
    give(hdecomp_model_info{0, its.model.class_count(), size.height, size.width,
                            std::ssize(its.layers), std::ssize(its.stages),
                            its.model.arch().c_str(), its.model.source().c_str()},
         info, "info");
  });
}

hdecomp_status hdecomp_model_layer(const hdecomp_model* model, int64_t i, hdecomp_layer* layer) {
  return guarded([&] {
    const LayerInfo& its = at(required(model, "model").layers, i, "layer");
    give(hdecomp_layer{0, its.name.c_str(), its.stage.c_str(), its.channels, its.height, its.width},
         layer, "layer");
  });
}

hdecomp_status hdecomp_model_stage(const hdecomp_model* model, int64_t i, const char** name) {
  return guarded([&] {
    required(name, "name");
    *name = at(required(model, "model").stages, i, "stage").c_str();
  });
}

hdecomp_status hdecomp_model_class(const hdecomp_model* model, int64_t index,
                                   hdecomp_class* named) {
  return guarded([&] {
    const hdecomp_model& its = required(model, "model");
    const std::string& name = at(its.class_names, index, "class");
    give(hdecomp_class{0, name.c_str(), its.wnids[index].c_str()}, named, "named");
  });
}

hdecomp_status hdecomp_model_find_class(const hdecomp_model* model, const char* text,
                                        int64_t* index) {
  return guarded([&] {
    required(index, "index");
    *index = required(model, "model").model.find_class(&required(text, "text"));
  });
}

hdecomp_status hdecomp_model_preprocess(const hdecomp_model* model, hdecomp_preprocess* rule) {
  return guarded([&] { give(rule_of(required(model, "model").model.preprocess()), rule, "rule"); });
}

hdecomp_status hdecomp_model_with_preprocess(const hdecomp_model* model,
                                             const hdecomp_preprocess* rule,
                                             hdecomp_model** changed) {
  return guarded([&] {
    required(changed, "changed");
    const Preprocess own = rule_from(options_of(&required(rule, "rule"), "rule"));
    put(changed, required(model, "model").model.with_preprocess(own));
  });
}

hdecomp_status hdecomp_model_versus(const hdecomp_model* model, const char* one, const char* other,
                                    hdecomp_model** changed) {
  return guarded([&] {
    required(changed, "changed");
    put(changed,
        required(model, "model").model.versus(&required(one, "one"), &required(other, "other")));
  });
}

hdecomp_status hdecomp_model_receptive_field(const hdecomp_model* model, const char* layer,
                                             int64_t y, int64_t x, hdecomp_rectangle* field) {
  return guarded([&] {
    const Model& its = required(model, "model").model;
    const PixelRectangle found = its.receptive_field(&required(layer, "layer"), y, x);
    give(hdecomp_rectangle{0, found.y, found.x, found.height, found.width}, field, "field");
  });
}

hdecomp_status hdecomp_model_save(const hdecomp_model* model, const char* path) {
  return guarded([&] { required(model, "model").model.save(&required(path, "path")); });
}

int64_t hdecomp_model_assumed_count(const hdecomp_model* model) {
  return model == nullptr ? 0 : std::ssize(model->model.conversion().assumed);
}

hdecomp_status hdecomp_model_assumed(const hdecomp_model* model, int64_t i, const char** line) {
  return guarded([&] {
    required(line, "line");
    *line = at(required(model, "model").model.conversion().assumed, i, "line").c_str();
  });
}

}  // extern "C"
