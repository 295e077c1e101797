/// Keeps who watches folders.
#include "tools/output/folder_watch.h"

namespace hdecomp::tools {
namespace {

void nobody_made(const std::filesystem::path& /*folder*/, Contents /*contents*/) {}
void nobody_settled(const std::filesystem::path& /*folder*/) {}

FolderWatch watching{nobody_made, nobody_settled};

}  // namespace

void watch_folders(const FolderWatch& watch) { watching = watch; }
const FolderWatch& folder_watch() { return watching; }

}  // namespace hdecomp::tools
