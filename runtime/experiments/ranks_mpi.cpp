/// Ranks through MPI.
#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <utility>

#include "hdecomp/error.h"
#include "hdecomp/ranks.h"

namespace hdecomp {
namespace {

constexpr int rows_tag = 1;

void check(int result, const char* what) {
  if (result != MPI_SUCCESS) throw Error(joined("MPI: ", what, " failed (", result, ")"));
}

/// As MPI counts.
int count_of(const Ranks::Bytes& bytes) {
  if (!std::in_range<int>(bytes.size())) {
    throw Error(joined("MPI: ", bytes.size(), " bytes at once are more than it can send"));
  }
  return static_cast<int>(bytes.size());
}

/// Whether a launcher started this process: MPI_Init alone would start helpers of its own.
bool launched() {
  const char* names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"};
  return std::ranges::any_of(names, [](const char* name) { return std::getenv(name) != nullptr; });
}

}  // namespace

Ranks::Ranks() {
  if (!launched()) return;
  int provided = 0;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "starting");
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "asking for the rank");
  check(MPI_Comm_size(MPI_COMM_WORLD, &count_), "asking for the ranks");
  MPI_Comm machine;
  check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &machine),
        "asking for this machine's ranks");
  check(MPI_Comm_rank(machine, &on_machine_), "asking for the rank on this machine");
  check(MPI_Comm_size(machine, &ranks_of_machine_), "asking for this machine's ranks");
  MPI_Comm_free(&machine);
}

Ranks::~Ranks() {
  int started = 0;
  MPI_Initialized(&started);
  if (started != 0 && std::uncaught_exceptions() == 0) MPI_Finalize();
}

int Ranks::threads(int cores) const { return std::max(1, cores / ranks_of_machine_); }

Ranks::Bytes Ranks::from_first(Bytes bytes) const {
  if (count_ == 1) return bytes;
  uint64_t size = bytes.size();
  check(MPI_Bcast(&size, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD), "sending to all");
  bytes.resize(size);
  check(MPI_Bcast(bytes.data(), count_of(bytes), MPI_BYTE, 0, MPI_COMM_WORLD), "sending to all");
  return bytes;
}

void Ranks::send(const Bytes& bytes) const {
  check(MPI_Send(bytes.data(), count_of(bytes), MPI_BYTE, 0, rows_tag, MPI_COMM_WORLD), "sending");
}

std::optional<Ranks::Bytes> Ranks::receive(bool wait) const {
  if (count_ == 1) return std::nullopt;
  MPI_Status status;
  int there = 1;
  if (wait) {
    check(MPI_Probe(MPI_ANY_SOURCE, rows_tag, MPI_COMM_WORLD, &status), "receiving");
  } else {
    check(MPI_Iprobe(MPI_ANY_SOURCE, rows_tag, MPI_COMM_WORLD, &there, &status), "receiving");
  }
  if (there == 0) return std::nullopt;
  int size = 0;
  check(MPI_Get_count(&status, MPI_BYTE, &size), "receiving");
  Bytes bytes(static_cast<size_t>(size));
  check(MPI_Recv(bytes.data(), size, MPI_BYTE, status.MPI_SOURCE, rows_tag, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE),
        "receiving");
  return bytes;
}

void Ranks::abort(int code) const {
  if (count_ > 1) MPI_Abort(MPI_COMM_WORLD, code);
  std::exit(code);
}

}  // namespace hdecomp
