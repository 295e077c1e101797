/// Class names from the usual kinds of file.
#pragma once

#include <string>
#include <vector>

namespace hdecomp {

struct ClassNames {
  std::vector<std::string> names;
  std::vector<std::string> wnids;  // empty if the file has none
};

/// Reads a text file of one name per line (a WordNet id may lead every line, as in ILSVRC's
/// synset_words.txt: "n01440764 tench, Tinca tinca"), or JSON: a list ["tench", ...], a table by
/// number {"0": "tench"} or {"0": ["n01440764", "tench"]} (imagenet_class_index.json), or a table
/// by name {"tench": 0} (class_to_idx). Lists may hold pairs too. A byte order mark, Windows' line
/// ends and blanks around a name do no harm. Throws UserError that names the file: gaps, one index
/// twice, numbered lines in another order than their numbers', no UTF-8, more than 16 MiB.
ClassNames read_class_names(const std::string& path);

}  // namespace hdecomp
