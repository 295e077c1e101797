/// Running the hdecomp command, and reading what it printed and wrote: compiled once, since JSON
/// takes long.
#include "tests/tools/command_testing.h"
#include "tests/support/places.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

namespace nlohmann {
void PrintTo(const json& value, std::ostream* out) { *out << value.dump(); }
}  // namespace nlohmann

namespace hdecomp::command_testing {
namespace {

using TemporaryStream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
TemporaryStream temporary_stream() { return {std::tmpfile(), std::fclose}; }

std::string content_of(std::FILE* stream) {
  std::string content;
  std::rewind(stream);
  for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) {
    content += static_cast<char>(c);
  }
  return content;
}

/// In the child: only calls that are safe after a fork.
[[noreturn]] void become_command(char* const* argv, const Surroundings& surroundings, int out,
                                 int err) {
  if (!surroundings.folder.empty() && chdir(surroundings.folder.c_str()) != 0) _exit(99);
  if (!surroundings.stdout_to.empty() &&
      std::freopen(surroundings.stdout_to.c_str(), "w", stdout) == nullptr) {
    _exit(99);
  }
  if (!surroundings.stdin_from.empty() &&
      std::freopen(surroundings.stdin_from.c_str(), "r", stdin) == nullptr) {
    _exit(99);
  }
  if (surroundings.stdout_to.empty()) dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  const rlimit limit{surroundings.largest_file, surroundings.largest_file};
  if (surroundings.largest_file != RLIM_INFINITY) setrlimit(RLIMIT_FSIZE, &limit);
  execv(command_path(), argv);
  _exit(99);
}

/// The verbs that take --model.
bool runs_a_model(const Args& args) {
  static const std::set<std::string> others{"convert", "init", "help", "--help", "-h", "--version"};
  return !args.empty() && !others.contains(args[0]) &&
         std::ranges::find(args, "--help") == args.end();
}

}  // namespace

Args with_small_model(Args args) {
  const auto has = [&](const char* flag) { return std::ranges::find(args, flag) != args.end(); };
  if (runs_a_model(args) && !has("--model") && !has("--arch")) {
    args.insert(args.begin() + 1, {"--model", "vgg16-slim"});
  }
  return args;
}

CommandResult run(Args args, const Surroundings& surroundings) {
  args = with_small_model(std::move(args));
  const TemporaryStream out = temporary_stream(), err = temporary_stream();
  args.insert(args.begin(), "hdecomp");
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  setenv("OMP_WAIT_POLICY", "passive", 1);  // tests may run side by side
  const pid_t child = fork();
  if (child == 0) become_command(argv.data(), surroundings, fileno(out.get()), fileno(err.get()));
  int status = 0;
  waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, content_of(out.get()), content_of(err.get())};
}

Json run_json(Args args, const Surroundings& surroundings) {
  args.emplace_back("--json");
  const CommandResult result = run(args, surroundings);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const Json json = parse_json(result.out);
  EXPECT_TRUE(json.is_object()) << result.out.substr(0, 200);
  return json;
}

std::string place_of(const Json& node) {
  return joined(node["layer"].get<std::string>(), ":", node["channel"], "@", node["y"], ",",
                node["x"]);
}

namespace {

void attach(Json& node, const Json& steps) {
  node["children"] = Json::array();
  const auto found = steps.find(place_of(node));
  if (found == steps.end()) return;
  Json step = *found;
  for (Json child : step["children"]) {
    child["layer"] = step["layer"];
    attach(child, steps);
    node["children"].push_back(std::move(child));
  }
  step.erase("children");
  node["decomposition"] = std::move(step);
}

}  // namespace

Json walkable(const Json& tree) {
  Json root = tree["root"];
  attach(root, tree["steps"]);
  return root;
}

Json parse_json(std::string_view content) { return Json::parse(content, nullptr, false); }

std::string dump_json(const Json& json) { return json.dump(); }

Json read_json(const std::string& path) {
  return Json::parse(file_testing::read_bytes(path), nullptr, false);
}

Json without(Json json, const std::vector<std::string>& keys) {
  if (json.is_object()) {
    for (const std::string& key : keys) json.erase(key);
  }
  if (json.is_structured()) {
    for (Json& item : json) item = without(std::move(item), keys);
  }
  return json;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::vector<Args> cells_of(const std::string& csv) {
  std::vector<Args> rows;
  Args cells(1);
  bool quoted = false;
  for (size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (c == '"') {
      if (quoted && csv[i + 1] == '"') {
        cells.back() += csv[++i];
      } else {
        quoted = !quoted;
      }
    } else if (quoted || (c != ',' && c != '\n')) {
      cells.back() += c;
    } else if (c == ',') {
      cells.emplace_back();
    } else {
      rows.push_back(std::exchange(cells, Args(1)));
    }
  }
  return rows;
}

std::string in_digits(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::vector<std::string> list_of(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().filename() == ".hdecomp-written") continue;  // the list of the others
    names.push_back(std::filesystem::relative(entry.path(), folder).string());
  }
  std::ranges::sort(names);
  return names;
}

void write_text(const std::string& path, const std::string& content) {
  file_testing::write_bytes(path, file_testing::Bytes(content.begin(), content.end()));
}

}  // namespace hdecomp::command_testing
