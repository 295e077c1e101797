/// The photographs in a folder.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/export.h"

namespace hdecomp {

struct FolderPhoto {
  std::string path;
  std::string shown;  // below the folder
};

/// The files in the folder and its sub-folders whose names end as a photograph's, by path, links
/// that lead nowhere among them; `without` is a folder to leave out, if it is met. Throws UserError
/// for a folder that cannot be read, and one without photographs.
HDECOMP_API std::vector<FolderPhoto> photos_in(const std::string& folder,
                                               const std::string& without = {});

}  // namespace hdecomp
