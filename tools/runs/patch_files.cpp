/// Reads --patches' and --concepts' files.
#include "tools/runs/patch_files.h"

#include "tools/runs/fill.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {

PatchFiles read_patch_files(const std::vector<std::string>& paths, const CommonOptions& common,
                            const Model& model) {
  PatchFiles files;
  if (paths.empty()) return files;
  const std::string sha256 = model_sha256(common);
  for (const std::string& path : paths) files.push_back(PatchFile::load(path, model, sha256));
  return files;
}

ShownBeside read_beside(const std::string& concepts, const std::vector<std::string>& patches,
                        const CommonOptions& common, const Model& model) {
  return {read_concepts(concepts, common, model), read_patch_files(patches, common, model)};
}

}  // namespace hdecomp::tools
