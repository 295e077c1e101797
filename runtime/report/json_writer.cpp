/// Writing of JSON text.
#include "hdecomp/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/report/utf8.h"

namespace hdecomp {
namespace {

constexpr size_t flushed_bytes = size_t{1} << 16;  // bytes that are handed on together

template <class Number>
void append(std::string& text, Number number) {
  char digits[32];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

bool is_plain(std::string_view characters) {
  return std::ranges::all_of(characters,
                             [](char c) { return c >= ' ' && c < 127 && c != '"' && c != '\\'; });
}

/// As JSON, quoted.
std::string quoted(std::string_view characters) {
  using Json = nlohmann::json;
  return Json(std::string(characters)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string repaired_utf8(std::string_view characters) {
  return nlohmann::json::parse(quoted(characters)).get<std::string>();
}

void JsonWriter::new_line() {
  if (indent_ < 0) return;
  text_ += '\n';
  text_.append(open_.size() * static_cast<size_t>(indent_), ' ');
}

void JsonWriter::next() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (open_.empty()) return;
  Open& within = open_.back();
  if (within.any) text_ += ',';
  within.any = true;
  if (within.lines == Lines::each) new_line();
}

void JsonWriter::begin(char open, char close, Lines lines) {
  next();
  text_ += open;
  open_.push_back({close, lines});
}

void JsonWriter::end() {
  const Open ended = open_.back();
  open_.pop_back();
  if (ended.any && ended.lines == Lines::each) new_line();
  text_ += ended.close;
  if (!open_.empty() && text_.size() < flushed_bytes) return;
  sink_(text_);
  text_.clear();
}

void JsonWriter::key(std::string_view name) {
  value(name);
  text_ += indent_ < 0 || open_.back().lines == Lines::one ? ":" : ": ";
  after_key_ = true;
}

void JsonWriter::value(std::string_view characters) {
  next();
  if (is_plain(characters)) {
    text_ += '"';
    text_ += characters;
    text_ += '"';
    return;
  }
  text_ += quoted(characters);
}

void JsonWriter::value(bool truth) {
  next();
  text_ += truth ? "true" : "false";
}

void JsonWriter::value(int64_t number) {
  next();
  append(text_, number);
}

void JsonWriter::value(double number) {
  next();
  const auto digits = static_cast<float>(number);
  if (std::isfinite(digits)) {
    append(text_, digits);
  } else {
    text_ += "null";
  }
}

std::string json_object(const std::function<void(JsonWriter&)>& put_members, int indent) {
  std::string all;
  JsonWriter json([&](std::string_view piece) { all += piece; }, indent);
  json.begin_object();
  put_members(json);
  json.end();
  return all;
}

}  // namespace hdecomp
