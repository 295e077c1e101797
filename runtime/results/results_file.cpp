/// Results files as the run sees them: rows written in place, states last.
#include "hdecomp/results_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <utility>

#include "hdecomp/error.h"
#include "runtime/results/empty_results.h"
#include "runtime/results/results_layout.h"
#include "weights/file/atomic_file.h"
#include "weights/file/file_descriptor.h"
#include "weights/file/file_lock.h"
#include "weights/file/in_quotes.h"

namespace hdecomp {
namespace {

/// An open file, locked against other runs. Its numbers are little-endian, like every machine that
/// hdecomp is built for.
class LockedFile {
 public:
  /// `shown`: its name in errors.
  LockedFile(const std::string& path, std::string shown)
      : path_(std::move(shown)), file_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    if (!file_.is_open()) fail();
    lock_file(file_, path, path_);
  }

  void write(const void* data, size_t bytes, off_t at) {
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
      const ssize_t written = pwrite(file_.number(), next, bytes, at);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail();
      next += written;
      at += written;
      bytes -= static_cast<size_t>(written);
    }
  }

  void read(void* data, size_t bytes, off_t at) const {
    char* next = static_cast<char*>(data);
    while (bytes > 0) {
      const ssize_t got = pread(file_.number(), next, bytes, at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw UserError(joined(path_, ": cannot be read; was it cut short?"));
      next += got;
      at += got;
      bytes -= static_cast<size_t>(got);
    }
  }

  void reach_the_disk() {
    if (fdatasync(file_.number()) != 0) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw UserError(joined(path_, ": can't be written: ", std::strerror(errno)));
  }

  std::string path_;
  FileDescriptor file_;
};

}  // namespace

int64_t ResultField::size() const {
  int64_t size = 1;
  for (const int64_t dim : extent) size *= dim;
  return size;
}

int64_t ResultsPlan::row_size() const {
  int64_t size = 0;
  for (const ResultField& field : fields) size += field.size();
  return size;
}

std::string lower_layer(const std::string& step) {
  const std::string arrow = "->";
  const size_t at = step.find(arrow);
  if (at != step.npos && at + arrow.size() < step.size()) return step.substr(at + arrow.size());
  throw UserError(joined("the results file's step ", in_quotes(step),
                         " is not LAYER->LAYER; the file is damaged"));
}

struct ResultsFile::Impl {
  /// The file is locked before it is read: another run might still fill it.
  Impl(const std::string& name, const ResultsPlan& given)
      : path(name),
        plan(given),
        file(path, path),
        layout(read_layout(path, given)),
        states(given.images.size()) {
    if (layout.other_tables) {
      ChangedCopy copy(path, plan);
      LockedFile changed(copy.name(), path);
      changed.reach_the_disk();
      copy.replace();
      file = std::move(changed);
      layout = read_layout(path, plan);
    }
    file.read(states.data(), states.size(), layout.state);
    if (std::ranges::any_of(states, [](ImageState s) { return s > ImageState::undecided; })) {
      throw UserError(
          joined(path, ": dataset 'state' holds an unknown state: the file is damaged"));
    }
  }

  void write_row(const ResultRow& row) {
    file.write(&row.decision, sizeof row.decision,
               layout.decision + row.image * static_cast<off_t>(sizeof row.decision));
    const bool measured = row.state == ImageState::measured;
    const std::vector<float> none(measured ? 0 : plan.row_size(),
                                  std::numeric_limits<float>::quiet_NaN());
    const std::vector<float>& all = measured ? row.values : none;
    if (std::ssize(all) != plan.row_size()) {
      throw Error(joined("a row of ", all.size(), " values, not ", plan.row_size()));
    }
    const float* values = all.data();
    for (size_t f = 0; f < plan.fields.size(); ++f) {
      const int64_t size = plan.fields[f].size();
      const auto bytes = static_cast<off_t>(size * static_cast<int64_t>(sizeof(float)));
      file.write(values, static_cast<size_t>(bytes), layout.fields[f] + row.image * bytes);
      values += size;
    }
  }

  std::string path;
  ResultsPlan plan;
  LockedFile file;
  ResultsLayout layout;
  std::vector<ImageState> states;
};

ResultsFile::ResultsFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResultsFile::~ResultsFile() = default;
ResultsFile::ResultsFile(ResultsFile&&) noexcept = default;
ResultsFile& ResultsFile::operator=(ResultsFile&&) noexcept = default;

ResultsFile ResultsFile::create(const std::string& path, const ResultsPlan& plan) {
  try {
    write_empty_results(path, plan);
  } catch (const FileExists& fault) {
    throw UserError(
        joined(fault.what(), "; give --resume to go on with it, or --output another name"));
  }
  return ResultsFile(std::make_unique<Impl>(path, plan));
}

ResultsFile ResultsFile::resume(const std::string& path, const ResultsPlan& plan) {
  if (std::error_code fault; !std::filesystem::is_regular_file(path, fault)) {
    throw UserError(joined(path, ": no results to go on with; leave --resume out to begin"));
  }
  return ResultsFile(std::make_unique<Impl>(path, plan));
}

const ResultsPlan& ResultsFile::plan() const { return impl_->plan; }
const std::vector<ImageState>& ResultsFile::states() const { return impl_->states; }
int64_t ResultsFile::count(ImageState state) const {
  return std::ranges::count(impl_->states, state);
}

void ResultsFile::put(std::span<const ResultRow> rows) {
  for (const ResultRow& row : rows) impl_->write_row(row);
  impl_->file.reach_the_disk();
  for (const ResultRow& row : rows) {
    impl_->states.at(row.image) = row.state;
    impl_->file.write(&row.state, 1, impl_->layout.state + row.image);
  }
}

std::vector<float> ResultsFile::values(const std::string& field) const {
  const auto& fields = impl_->plan.fields;
  const auto found = std::ranges::find(fields, field, &ResultField::name);
  if (found == fields.end()) throw Error("no field " + field);
  std::vector<float> values(impl_->states.size() * found->size());
  impl_->file.read(values.data(), values.size() * sizeof(float),
                   impl_->layout.fields[found - fields.begin()]);
  return values;
}

int64_t ResultsFile::index_in(const std::string& field, float value, int64_t first,
                              int64_t last) const {
  const bool in_range = value >= static_cast<float>(first) && value <= static_cast<float>(last);
  const auto index = static_cast<int64_t>(in_range ? value : 0);
  if (in_range && static_cast<float>(index) == value) return index;
  throw UserError(joined(impl_->path, ": values/", field, ": ", value, " is not ", first,
                         first == last ? "" : joined(" to ", last), "; the file is damaged"));
}

}  // namespace hdecomp
