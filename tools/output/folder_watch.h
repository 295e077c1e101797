/// Who is told of folders that an interrupted program should not leave behind.
#pragma once

#include <filesystem>

namespace hdecomp::tools {

enum class Contents { all, none };

/// Functions that are told that such a folder was made, to go with all that is in it or only if
/// that is nothing, and that it needs no one's care any more.
struct FolderWatch {
  void (*made)(const std::filesystem::path& folder, Contents contents);
  void (*settled)(const std::filesystem::path& folder);
};

/// The command calls this once, before it makes any folder. A library's host has signal handlers of
/// its own: nobody watches there.
void watch_folders(const FolderWatch& watch);
const FolderWatch& folder_watch();

}  // namespace hdecomp::tools
