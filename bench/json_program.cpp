/// The frame of the programs that print JSON.
#include "bench/json_program.h"

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

}  // namespace hdecomp
