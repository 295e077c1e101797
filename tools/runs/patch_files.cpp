/// Reads --patches' files.
#include "tools/runs/patch_files.h"

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

}  // namespace hdecomp::tools
