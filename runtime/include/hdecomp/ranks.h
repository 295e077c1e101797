/// Ranks: the processes that share a run, as mpirun starts them; one alone without MPI.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/export.h"

namespace hdecomp {

/// Made once in a process. Throws Error if MPI fails.
class HDECOMP_API Ranks {
 public:
  using Bytes = std::vector<uint8_t>;

  /// Joins the others, if mpirun started this process and hdecomp was built with MPI.
  Ranks();
  /// Waits for the others, unless an exception passes: then abort() must follow.
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int rank() const { return rank_; }
  int count() const { return count_; }
  /// Which of this machine's ranks it is, from 0.
  int on_machine() const { return on_machine_; }
  /// CPU threads for each rank of this machine, of `cores`.
  int threads(int cores) const;

  /// The first rank's bytes, on every rank.
  Bytes from_first(Bytes bytes) const;
  /// To the first rank; waits until they are on their way.
  void send(const Bytes& bytes) const;
  /// On the first rank: what another one sent, if something came or `wait` says to wait for it.
  std::optional<Bytes> receive(bool wait) const;
  /// Ends all ranks; mpirun then ends with an error.
  [[noreturn]] void abort(int code) const;

 private:
  int rank_ = 0, count_ = 1;
  int on_machine_ = 0, ranks_of_machine_ = 1;
};

/// The device of a rank that is number `on_machine` of its machine, which has these usable `gpus`:
/// where "cuda" is asked for, or nothing, the ranks take them in turn, and without one the CPU if
/// nothing is asked for. Else what is asked for.
HDECOMP_API std::string device_of_rank(const std::string& asked, int on_machine,
                                       const std::vector<std::string>& gpus);

}  // namespace hdecomp
