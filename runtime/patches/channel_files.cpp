/// Means, patches and names from files of photographs.
#include "hdecomp/channel_files.h"

#include <array>
#include <filesystem>

#include "hdecomp/channel_means.h"
#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "hdecomp/photo_batches.h"
#include "hdecomp/stopped.h"

namespace hdecomp {
namespace {

/// Before anything is done.
void require_files(const ChannelRun& of) {
  if (of.files.paths.empty()) throw UserError("no images");
  require_output(of.run.output, of.files.paths);
  require_output(of.run.output, {&of.path, 1});
}

/// Of photographs of which none counts.
UserError none_counts(const ExperimentFiles& files, const CountedPhotos& counted) {
  if (counted.skipped.empty()) return UserError("not one of the images counts");
  const auto& [first, why] = *counted.skipped.begin();
  return UserError(joined("not one of ", files.paths.size(),
                          " images counts; the first: ", skipped_line(files.paths.at(first), why)));
}

/// Tells `counted` of what is skipped; both must outlive it.
DatasetRun dataset_run(const ExperimentFiles& files, const FileRun& run, CountedPhotos& counted) {
  DatasetRun data;
  data.paths = files.paths;
  data.labels = files.labels;
  data.progress = run.progress;
  data.stop = run.stop;
  data.turning = run.turning;
  data.skipped = [&counted](int64_t image, const std::string& why) {
    counted.skipped[image] = why;
  };
  return data;
}

const Ranks& one_process() {
  static const Ranks alone;
  return alone;
}

}  // namespace

CountedPhotos write_means(const ChannelRun& of) {
  require_files(of);
  const FileRun& run = of.run;
  if (run.resume) throw UserError("means: a run that was ended keeps nothing to resume");
  CountedPhotos counted;
  ChannelSums sums(of.model, of.engine);
  PhotoBatches batches(of.files.paths, static_cast<size_t>(sums.batch()), 1, run.turning);
  int64_t done = 0;
  end_if_stopped(run.stop);
  while (const std::optional<PhotoBatch> next = batches.next()) {
    for (const auto& [index, why] : next->unreadable) counted.skipped[index] = why;
    const std::vector<std::string> faults = sums.add(next->photos);
    for (size_t i = 0; i < faults.size(); ++i) {
      if (!faults[i].empty()) counted.skipped[next->indexes[i]] = faults[i];
    }
    done += std::ssize(next->photos) + std::ssize(next->unreadable);
    if (run.progress) run.progress(done, std::ssize(of.files.paths));
    end_if_stopped(run.stop);
  }
  counted.images = sums.images();
  if (counted.images == 0) throw none_counts(of.files, counted);
  sums.save(run.output, run.model_sha256);
  return counted;
}

CountedPhotos write_patches(const ChannelRun& of, const PatchOptions& options) {
  require_files(of);
  CountedPhotos counted;
  PatchFinder finder(of.model, of.engine, options);
  PatchPlan plan = finder.plan();
  plan.model = of.run.model_sha256;
  if (of.run.turning == Turning::upright) plan.options["exif"] = "upright";
  plan.images = of.files.shown;
  plan.labels = of.files.labels;
  PatchStore store = PatchStore::open(of.run.output, plan, of.run.resume);
  run_patches(finder, &store, one_process(), dataset_run(of.files, of.run, counted));
  counted.images = store.count(ImageState::measured);
  if (counted.images == 0) {
    store.give_up();
    throw none_counts(of.files, counted);
  }
  store.finish();
  return counted;
}

CountedPhotos write_concepts(const ChannelRun& of, const ConceptOptions& options,
                             const RegionLabels& regions) {
  require_files(of);
  const FileRun& run = of.run;
  CountedPhotos counted;
  DatasetRun data = dataset_run(of.files, run, counted);
  data.regions = segmentations_of(regions, of.files);
  ConceptSearch search(of.model, of.engine, options, regions);
  ConceptRun names(search, one_process(), {run.output, run.resume},
                   concept_plan(search, regions, of.files.shown, run.model_sha256,
                                run.turning == Turning::upright),
                   of.files.paths.size());
  const auto next = [&] {
    try {
      return names.next();
    } catch (const UserError&) {
      if (search.images() > 0 || counted.skipped.empty()) throw;
      throw none_counts(of.files, counted);
    }
  };
  while (next()) names.go_over(data);
  names.finish(run.model_sha256);
  counted.images = search.found()->images();
  return counted;
}

CountedPhotos write_patch_names(const std::string& path, const std::string& patches, double least,
                                const std::string& output) {
  require_output(output, std::array{path, patches});
  const auto file = PatchFile::load(patches, Model::load(path), file_sha256(path));
  const auto names = names_by_patches(*file, least);
  save_names(output, *file, *names);
  return {names->images(), {}};
}

std::vector<std::pair<std::string, std::string>> concept_plan(const ConceptSearch& search,
                                                              const RegionLabels& regions,
                                                              const std::vector<std::string>& shown,
                                                              const std::string& model_sha256,
                                                              bool upright) {
  const std::map<std::string, std::string> told = search.told();
  std::vector<std::pair<std::string, std::string>> plan{
      {"the device", told.at("device")},
      {"the option precision", told.at("precision")},
      {"the folder of segmentations", std::filesystem::weakly_canonical(regions.folder())},
      {"the model's SHA-256", model_sha256},
      {"the option share", told.at("share")},
      {"the option exif", upright ? "upright" : "stored"},
      {"the option region-kind", region_kinds[static_cast<size_t>(regions.kind())]}};
  plan.emplace_back("the layers", listed(search.layers()));
  for (const auto& [number, name] : regions.names()) {
    plan.emplace_back(joined("the name of label ", number), name);
  }
  plan.emplace_back("the number of images", joined(shown.size()));
  for (size_t i = 0; i < shown.size(); ++i) {
    plan.emplace_back(joined("image ", i + 1), shown[i]);
  }
  return plan;
}

}  // namespace hdecomp
