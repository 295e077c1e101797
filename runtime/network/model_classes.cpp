/// A model's classes: their names, and the one that a text names.
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/model.h"
#include "hdecomp/nearest.h"
#include "hdecomp/number.h"
#include "nets/lower.h"
#include "weights/model/model_file.h"
#include "weights/model/other_side.h"
#include "weights/model/versus.h"

namespace hdecomp {
namespace {

/// Lower case, spaces as '_': how class names are compared.
std::string folded(std::string name) {
  for (char& c : name) {
    c = c == ' ' ? '_' : ascii_lower(c);
  }
  return name;
}

/// The class of a WordNet id; else all whose name is the wanted one, spelled alike if there are
/// any, else but for case and '_'.
std::vector<int64_t> classes_called(const ModelData& model, const std::string& wanted) {
  const std::string alike = folded(wanted);
  const auto at = [](const auto& list, const std::string& name, auto&& form) {
    std::vector<int64_t> places;
    for (size_t i = 0; i < list.size(); ++i) {
      if (form(list[i]) == name) places.push_back(static_cast<int64_t>(i));
    }
    return places;
  };
  const auto itself = [](const std::string& name) { return name; };
  std::vector<int64_t> found = at(model.wnids, alike, folded);
  if (found.empty()) found = at(model.classes, wanted, itself);
  if (found.empty()) found = at(model.classes, alike, folded);
  return found;
}

std::string ambiguous(const Model& model, const std::string& wanted,
                      const std::vector<int64_t>& found) {
  std::string list, id_too;
  for (const int64_t index : found) {
    const std::string wnid = model.class_wnid(index);
    if (!wnid.empty()) id_too = " or WordNet id";
    list += joined(list.empty() ? "" : ", ", "index:", index, " ('", model.class_name(index), "'",
                   wnid.empty() ? "" : ", " + wnid, ")");
  }
  return joined("class '", wanted, "' is ", found.size(), " classes of the model: ", list,
                "; give one by its index", id_too);
}

/// Whether the folded `word` is one of the words of a name: "cat" of "tiger cat".
bool has_word(const std::string& name, const std::string& word) {
  const std::string within = "_" + folded(name) + "_";
  return within.find("_" + word + "_") != std::string::npos;
}

/// "; of that word there are 'tabby cat', 'tiger cat'": of the first five; "" if there are none.
std::string classes_of_word(const std::vector<std::string>& names, const std::string& wanted) {
  constexpr size_t most = 5;
  const std::string word = folded(wanted);
  std::string list;
  size_t count = 0;
  for (const std::string& name : names) {
    if (word.empty() || !has_word(name, word) || ++count > most) continue;
    list += joined(count == 1 ? "" : ", ", "'", name, "'");
  }
  if (count == 0) return "";
  return joined("; of that word there ", count == 1 ? "is " : "are ", list,
                count > most ? joined(" and ", count - most, " more") : "");
}

/// What ends the line about a class that there is none of.
std::string hint_for(const Model& model, const ModelData& data, const std::string& wanted) {
  std::vector<std::string> known = data.classes;
  known.insert(known.end(), data.wnids.begin(), data.wnids.end());
  const std::string of_word = classes_of_word(data.classes, wanted);
  if (!of_word.empty()) return of_word;
  if (!known.empty()) return did_you_mean(wanted, known);
  return joined("; the model file names no classes, give an index from 0 to ",
                model.class_count() - 1);
}

}  // namespace

void Model::require_classes() const {
  if (class_count() > 0) return;
  throw UserError(
      "the model has features but no classes, for the file that it was converted from ends without "
      "a classifier; decompose a feature of it (decompose --from LAYER:CHANNEL@Y,X), or convert "
      "the whole network");
}

std::string Model::class_name(int64_t index) const {
  if (has_other_side(*data_) && index == 1) {
    return data_->other_side.empty() ? "not " + class_name(0) : data_->other_side;
  }
  const auto& names = data_->classes;
  return names.empty() ? joined("class ", index) : names.at(index);
}

std::string Model::class_wnid(int64_t index) const {
  const auto& wnids = data_->wnids;
  const bool known = index < std::ssize(wnids);  // a class's other side has none
  return known ? wnids.at(index) : "";
}

Model Model::versus(const std::string& one, const std::string& other) const {
  if (!data_->other_side.empty()) {
    throw UserError(
        "this network is a difference of two classes already; take it of the whole one");
  }
  const int64_t first = find_class(one), second = find_class(other);
  if (first == second) {
    throw UserError(joined("--versus ", other, ": '", class_name(first),
                           "' is the class itself; give another"));
  }
  return Model(hdecomp::versus(data_, first, second));
}

int64_t Model::find_class(const std::string& text_given) const {
  require_classes();
  constexpr std::string_view other_side = "not:";
  if (has_other_side(*data_)) {
    if (folded(text_given) == folded(class_name(1))) return 1;
    if (text_given.starts_with(other_side)) {
      return 1 - find_class(text_given.substr(other_side.size()));
    }
  }
  constexpr std::string_view by_index = "index:", by_name = "name:";
  const bool index_alone = text_given.starts_with(by_index);
  const bool name_alone = text_given.starts_with(by_name);
  const std::string wanted = text_given.substr(index_alone  ? by_index.size()
                                               : name_alone ? by_name.size()
                                                            : 0);
  const auto index = name_alone ? std::nullopt : number_in(wanted);
  if (index_alone && !index) {
    throw UserError(joined("no class '", text_given, "'; give a number after ", by_index));
  }
  std::vector<int64_t> found;
  if (!index_alone) found = classes_called(*data_, wanted);
  if (index) {
    const bool inside = *index >= 0 && *index < class_count();
    if (inside && (found.empty() || found == std::vector{*index})) return *index;
    if (found.empty()) {
      throw UserError(
          joined("no class ", *index, "; the model's classes are 0 to ", class_count() - 1));
    }
    if (inside) found.insert(found.begin(), *index);
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1) throw UserError(ambiguous(*this, wanted, found));
  throw UserError(joined("no class '", wanted, "' in the model",
                         text_given.starts_with(other_side)
                             ? "; not: is for networks of one output whose score is a plain sum"
                             : hint_for(*this, *data_, wanted)));
}

}  // namespace hdecomp
