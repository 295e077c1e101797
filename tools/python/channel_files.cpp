/// Files of means, patches and concepts, made in Python.
#include "hdecomp/channel_files.h"

#include "hdecomp/error.h"
#include "hdecomp/model_file.h"
#include "tools/python/photo_files.h"

namespace hdecomp::python {
namespace {

Model loaded(const std::string& path) {
  const py::gil_scoped_release others_run;
  return Model::load(path);
}

/// What every one of them is asked with.
struct FileAsked {
  py::object images, output, model, labels;
  EngineOptions engine;
  bool resume, exif;
  py::object progress;
  const Stop* stop;
};

/// Has `write` make the file while other threads of Python run.
template <class Write>
CountedPhotos made(const FileAsked& asked, const Write& write) {
  const std::string path = model_file(path_from(asked.model));
  ChannelRun of{path, loaded(path), asked.engine};
  of.files = files_from(asked.images, asked.labels, of.model);
  of.run = {path_from(asked.output), asked.resume,
            file_sha256(path),       callback<int64_t, int64_t>(asked.progress),
            token_of(asked.stop),    turning(asked.exif)};
  const py::gil_scoped_release others_run;
  return write(of);
}

CountedPhotos make_means(const py::object& images, const py::object& output,
                         const py::object& model, const std::string& device, int threads, int batch,
                         const std::string& precision, bool exif, const py::object& progress,
                         const Stop* stop) {
  return made({images,
               output,
               model,
               py::none(),
               {device, threads, batch, precision},
               false,
               exif,
               progress,
               stop},
              write_means);
}

CountedPhotos make_patches(const py::object& images, const py::object& output,
                           const py::object& model, const std::vector<std::string>& layers,
                           const std::string& by, int top, int tree_top, int side,
                           const py::object& labels, bool resume, bool exif,
                           const std::string& device, int threads, int batch,
                           const std::string& precision, const py::object& progress,
                           const Stop* stop) {
  const PatchOptions options{layers, static_cast<PatchRanking>(choice_of("by", by, patch_rankings)),
                             top, tree_top, side};
  return made({images,
               output,
               model,
               labels,
               {device, threads, batch, precision},
               resume,
               exif,
               progress,
               stop},
              [&](const ChannelRun& of) { return write_patches(of, options); });
}

CountedPhotos make_concepts(const py::object& images, const py::object& output,
                            const py::object& model, const py::object& regions,
                            const py::object& region_names, const std::string& region_kind,
                            std::optional<int> first_label, const std::vector<std::string>& layers,
                            double share, double min_iou, bool resume, bool exif,
                            const std::string& device, int threads, int batch,
                            const std::string& precision, const py::object& progress,
                            const Stop* stop) {
  const auto kind = static_cast<RegionKind>(choice_of("region_kind", region_kind, region_kinds));
  const RegionLabels labels =
      RegionLabels::open(path_from(regions), path_from(region_names), kind, first_label);
  const ConceptOptions options{layers, share, min_iou};
  return made({images,
               output,
               model,
               py::none(),
               {device, threads, batch, precision},
               resume,
               exif,
               progress,
               stop},
              [&](const ChannelRun& of) { return write_concepts(of, options, labels); });
}

CountedPhotos concepts_from_patches(const py::object& patches, const py::object& output,
                                    const py::object& model, double min_share) {
  const std::string path = model_file(path_from(model)), from = path_from(patches);
  const std::string to = path_from(output);
  const py::gil_scoped_release others_run;
  return write_patch_names(path, from, min_share, to);
}

std::map<size_t, py::str> skipped_photos(const CountedPhotos& it) {
  std::map<size_t, py::str> all;
  for (const auto& [photograph, why] : it.skipped) all.emplace(photograph, text_of(why));
  return all;
}

}  // namespace

void add_channel_files(py::module_& module) {
  py::class_<CountedPhotos>(module, "CountedPhotos", "What became of the photographs.")
      .def_readonly("images", &CountedPhotos::images, "How many count.")
      .def_property_readonly("skipped", &skipped_photos,
                             "By the place of each other one in the list: why it does not.")
      .def("__repr__", [](const CountedPhotos& it) {
        return joined("<", it.images, " images, ", it.skipped.size(), " skipped>");
      });
  module.def("make_means", &make_means, py::arg("images"), py::arg("output"), py::arg("model") = "",
             py::kw_only(), py::arg("device") = "", py::arg("threads") = 0, py::arg("batch") = 4,
             py::arg("precision") = "float32", py::arg("exif") = false,
             py::arg("progress") = py::none(), py::arg("stop") = py::none(),
             "Writes the file `output` of every channel's mean over a folder's images, or a list\n"
             "of files, the bytes of `hdecomp means`; for Means.load(). `model`: a model file, or\n"
             "the name of a bundled model. `exif`, here and below: photographs that were stored\n"
             "turned are turned upright.");
  module.def("make_patches", &make_patches, py::arg("images"), py::arg("output"),
             py::arg("model") = "", py::kw_only(), py::arg("layers") = std::vector<std::string>(),
             py::arg("by") = "activation", py::arg("top") = 9, py::arg("tree_top") = 3,
             py::arg("side") = 48, py::arg("labels") = py::none(), py::arg("resume") = false,
             py::arg("exif") = false, py::arg("device") = "", py::arg("threads") = 0,
             py::arg("batch") = 4, py::arg("precision") = "float32",
             py::arg("progress") = py::none(), py::arg("stop") = py::none(),
             "Writes the file `output` of what each channel looks for, the bytes of `hdecomp\n"
             "patches`: of each channel of `layers` (the stages' ends without any) the `top`\n"
             "images in which it is at its largest. `by`: 'activation' or 'contribution'.");
  module.def("make_concepts", &make_concepts, py::arg("images"), py::arg("output"),
             py::arg("model") = "", py::kw_only(), py::arg("regions"), py::arg("region_names") = "",
             py::arg("region_kind") = "any", py::arg("first_label") = py::none(),
             py::arg("layers") = std::vector<std::string>(), py::arg("share") = 0.005,
             py::arg("min_iou") = 0.04, py::arg("resume") = false, py::arg("exif") = false,
             py::arg("device") = "", py::arg("threads") = 0, py::arg("batch") = 4,
             py::arg("precision") = "float32", py::arg("progress") = py::none(),
             py::arg("stop") = py::none(),
             "Writes the file `output` of names for channels, the bytes of `hdecomp concepts`;\n"
             "for Concepts.load(). `regions`: a folder of segmentations, `region_names` the file\n"
             "of their labels' names. The images are gone over twice, and `progress(done, of)`\n"
             "is told of each time.");
  module.def("concepts_from_patches", &concepts_from_patches, py::arg("patches"), py::arg("output"),
             py::arg("model") = "", py::kw_only(), py::arg("min_share") = 0.5,
             "Writes the same file from a patches file alone: a channel is called as the class\n"
             "that most of its patches' images have.");
}

}  // namespace hdecomp::python
