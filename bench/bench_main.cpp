/// Flags, context and exit code of the Google Benchmark programs.
#include "bench/bench_main.h"

#include <cstdlib>
#include <iostream>
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/number.h"

namespace hdecomp {
namespace {

/// A flag's value, given as "--name value" or "--name=value" and taken out of the arguments.
std::optional<std::string> take_flag(const std::string& name, std::vector<std::string>& arguments) {
  const std::string flag = "--" + name;
  std::optional<std::string> value;
  for (size_t i = 0; i < arguments.size();) {
    const auto at = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    if (at->starts_with(flag + "=")) {
      value = at->substr(flag.size() + 1);
      arguments.erase(at);
    } else if (*at == flag) {
      if (i + 1 == arguments.size()) throw UserError(joined(flag, ": give a value"));
      value = arguments[i + 1];
      arguments.erase(at, at + 2);
    } else {
      ++i;
    }
  }
  return value;
}

std::string from_environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

int thread_count(const std::string& value) {
  if (const std::optional<int> threads = number_in<int>(value)) return *threads;
  throw UserError(joined("--threads ", value, ": give 1 to 1024, or 0 for every core"));
}

/// Context does not say its precision by name, so that it is kept beside it.
struct Setting {
  std::string device, precision;
  int threads;

  explicit Setting(std::vector<std::string>& arguments)
      : device(take_flag("device", arguments)
                   .value_or(from_environment("HDECOMP_BENCH_DEVICE", to_string(best_device())))),
        precision(take_flag("precision", arguments)
                      .value_or(from_environment("HDECOMP_BENCH_PRECISION", "float32"))),
        threads(thread_count(take_flag("threads", arguments).value_or("0"))) {}

  Context context() const {
    return Context(parse_device(device), threads, parse_precision(precision));
  }
};

/// Hands the rest of the arguments, whose strings it keeps pointers to, to Google Benchmark;
/// whether it knew them all.
bool initialise(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  benchmark::Initialize(&count, pointers.data());
  return !benchmark::ReportUnrecognizedArguments(count, pointers.data());
}

int run(std::vector<std::string> arguments, const std::function<void(BenchRun&)>& add_benchmarks) {
  const Setting setting(arguments);
  if (!initialise(arguments)) return 2;
  const Context context = setting.context();
  benchmark::AddCustomContext("device", to_string(context.device()));
  benchmark::AddCustomContext("precision", setting.precision);
  benchmark::AddCustomContext("threads", joined(context.threads()));
  BenchRun bench(context);
  add_benchmarks(bench);
  const size_t matched = benchmark::RunSpecifiedBenchmarks();
  benchmark::ClearRegisteredBenchmarks();
  benchmark::Shutdown();
  return bench.failed() || matched == 0 ? 1 : 0;
}

}  // namespace

benchmark::internal::Benchmark* BenchRun::add(const std::string& name,
                                              std::function<void(benchmark::State&)> body) {
  const auto guarded = [this, body = std::move(body)](benchmark::State& state) {
    try {
      body(state);
    } catch (const std::exception& fault) {
      failed_ = true;
      state.SkipWithError(fault.what());
    }
  };
  return benchmark::RegisterBenchmark(name.c_str(), guarded);
}

int bench_main(int argc, char** argv, const std::vector<std::string>& flags,
               const std::function<void(BenchRun&)>& add_benchmarks) {
  try {
    std::vector<std::string> arguments(argv, argv + argc);
    arguments.insert(arguments.begin() + 1, flags.begin(), flags.end());
    return run(std::move(arguments), add_benchmarks);
  } catch (const UserError& fault) {
    std::cerr << argv[0] << ": " << fault.what() << "\n";
    return 2;
  } catch (const std::exception& fault) {
    std::cerr << argv[0] << ": " << fault.what() << "\n";
    return 1;
  }
}

}  // namespace hdecomp
