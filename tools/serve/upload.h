/// Photographs that browsers send.
#pragma once

#include "tools/serve/shared.h"

namespace hdecomp::tools {

/// Reads the body, no larger than the limit, and keeps the photograph. Throws HttpFault for a body
/// that is too large, cut off or a form, or where too many come at once; UserError for no image.
void answer_upload(Shared& shared, const httplib::Request& request, httplib::Response& response,
                   const httplib::ContentReader& read);

}  // namespace hdecomp::tools
