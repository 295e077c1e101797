/// The verb serve of a build without the live page.
#include "hdecomp/error.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

void serve(const ServeOptions&) {
  throw UserError(
      "serve: this build is without the live page (HDECOMP_SERVE=OFF); explain --html writes the "
      "page of an explanation as a file");
}

}  // namespace hdecomp::tools
