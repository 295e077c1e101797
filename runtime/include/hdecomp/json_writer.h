/// JsonWriter: JSON as text, handed on piece by piece as it is written, so that nothing of it is
/// kept.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hdecomp/export.h"

namespace hdecomp {

/// Takes text in pieces.
using TextSink = std::function<void(std::string_view piece)>;

/// Values in the order of the calls; members of an object as key() and then a value. The text is
/// complete at the end of the outermost object.
class HDECOMP_API JsonWriter {
 public:
  /// `indent`: spaces per level, -1 for all in one line.
  explicit JsonWriter(TextSink sink, int indent = -1) : sink_(std::move(sink)), indent_(indent) {}

  /// Whether an object's members, an array's elements, have a line each (with an indent) or one
  /// together.
  enum class Lines { each, one };
  void begin_object(Lines lines = Lines::each) { begin('{', '}', lines); }
  void begin_array(Lines lines = Lines::each) { begin('[', ']', lines); }
  void end();

  void key(std::string_view name);
  /// Bytes that are not UTF-8 are replaced.
  void value(std::string_view characters);
  void value(const char* characters) { value(std::string_view(characters)); }
  void value(const std::string& characters) { value(std::string_view(characters)); }
  void value(bool truth);
  void value(int64_t number);
  void value(int number) { value(static_cast<int64_t>(number)); }
  /// A float32 with the digits that it needs and no more; null where it is not finite.
  void value(double number);
  void value(float number) { value(static_cast<double>(number)); }

  /// A member of the object that is begun.
  template <class Value>
  void field(std::string_view name, const Value& its) {
    key(name);
    value(its);
  }
  /// Numbers as an array in one line.
  template <class Number>
  void list(std::span<const Number> numbers) {
    begin_array(Lines::one);
    for (const Number number : numbers) value(number);
    end();
  }

 private:
  struct Open {
    char close;
    Lines lines;
    bool any = false;
  };
  void begin(char open, char close, Lines lines);
  /// What stands before a key, or a value without one: a comma, a new line.
  void next();
  void new_line();

  TextSink sink_;
  int indent_;
  std::string text_;  // not handed on yet
  std::vector<Open> open_;
  bool after_key_ = false;
};

/// An object in one piece; `put_members` writes what is in it.
HDECOMP_API std::string json_object(const std::function<void(JsonWriter&)>& put_members,
                                    int indent = -1);

}  // namespace hdecomp
