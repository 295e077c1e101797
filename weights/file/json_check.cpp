/// Counts what a JSON text holds without keeping it.
#include "weights/file/json_check.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

namespace hdecomp {
namespace {

using nlohmann::json;

/// The parser stops where a member returns false.
class Check final : public nlohmann::json_sax<json> {
 public:
  explicit Check(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (depth_ == 1 && !keys_.insert(name).second) {
      fault.key = name;
      return fail(JsonFault::Kind::key_twice);
    }
    return count();
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return fail(JsonFault::Kind::syntax);
  }

  JsonFault fault;

 private:
  bool fail(JsonFault::Kind kind) {
    fault.kind = kind;
    return false;
  }
  bool count() { return ++events_ <= limits_.events || fail(JsonFault::Kind::too_much); }
  bool open() {
    if (++depth_ > limits_.depth) return fail(JsonFault::Kind::too_deep);
    return count();
  }
  bool close() {
    --depth_;
    return count();
  }

  const JsonLimits& limits_;
  int depth_ = 0;
  size_t events_ = 0;
  std::unordered_set<std::string> keys_;
};

}  // namespace

JsonFault check_json(std::string_view content, const JsonLimits& limits) {
  Check check(limits);
  json::sax_parse(content.begin(), content.end(), &check);
  return check.fault;
}

}  // namespace hdecomp
