/// The list of the files that a run wrote into its output folder, kept there, so that the next run
/// into the same folder can take away what it does not write again.
#pragma once

#include <filesystem>
#include <set>

namespace hdecomp::tools {

/// Paths relative to the folder.
using WrittenFiles = std::set<std::filesystem::path>;

/// The regular files below a folder.
WrittenFiles files_below(const std::filesystem::path& folder);

/// What the list in a folder says, of paths that lead out of it and of links nothing; empty where
/// no list is.
WrittenFiles read_written_files(const std::filesystem::path& folder);

/// Throws UserError if the list cannot be written.
void write_written_files(const std::filesystem::path& folder, const WrittenFiles& files);

/// Takes the files away that are there, and the folders that become empty.
void remove_written_files(const std::filesystem::path& folder, const WrittenFiles& files);

}  // namespace hdecomp::tools
