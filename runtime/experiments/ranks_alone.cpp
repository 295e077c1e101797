/// Ranks in a build without MPI: one.
#include <cstdlib>

#include "hdecomp/error.h"
#include "hdecomp/ranks.h"

namespace hdecomp {

Ranks::Ranks() = default;
Ranks::~Ranks() = default;
int Ranks::threads(int cores) const { return cores; }
Ranks::Bytes Ranks::from_first(Bytes bytes) const { return bytes; }
void Ranks::send(const Bytes&) const { throw Error("this build has no MPI"); }
std::optional<Ranks::Bytes> Ranks::receive(bool) const { return std::nullopt; }
void Ranks::abort(int code) const { std::exit(code); }

}  // namespace hdecomp
