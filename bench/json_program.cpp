/// The frame of the programs that print JSON.
#include "bench/json_program.h"

#include <fstream>
#include <iostream>

#include "hdecomp/error.h"

namespace hdecomp {

int json_program(CLI::App& app, int argc, char** argv,
                 const std::function<nlohmann::json()>& body) {
  const auto complain = [&](const std::exception& fault) {
    std::cerr << app.get_name() << ": " << fault.what() << "\n";
  };
  try {
    app.parse(argc, argv);
    std::cout << body() << std::endl;
    return 0;
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? 0 : 2;
  } catch (const UserError& fault) {
    complain(fault);
    return 2;
  } catch (const std::exception& fault) {
    complain(fault);
    return 1;
  }
}

void write_floats(const Tensor& tensor, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(tensor.data()),
             static_cast<std::streamsize>(tensor.elements() * sizeof(float)));
  file.close();
  if (!file) throw UserError(joined(path, ": cannot be written"));
}

int64_t peak_memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    int64_t kib = 0;
    status >> kib;
    return kib;
  }
  throw Error("/proc/self/status: no VmHWM");
}

}  // namespace hdecomp
