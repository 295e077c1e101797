/// MATLAB files by libmatio.
#include <matio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "hdecomp/error.h"
#include "runtime/labels/label_files.h"
#include "runtime/labels/mat_check.h"
#include "weights/file/file_descriptor.h"

namespace hdecomp {
namespace {

struct CloseMat {
  void operator()(mat_t* mat) const { Mat_Close(mat); }
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};

/// libmatio opens by name alone: a file in memory that holds what was checked, and no other.
FileDescriptor file_of(const std::vector<uint8_t>& bytes) {
  FileDescriptor file(memfd_create("hdecomp-mat", MFD_CLOEXEC));
  size_t written = 0;
  while (file.is_open() && written < bytes.size()) {
    const ssize_t count = write(file.number(), bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<size_t>(count);
  }
  if (written < bytes.size()) {
    throw Error(joined("a file in memory cannot be made: ", std::strerror(errno)));
  }
  return file;
}

template <class Value>
void copy_rows(const void* columns, MatMatrix& matrix) {
  const auto* from = static_cast<const Value*>(columns);
  for (int64_t x = 0; x < matrix.width; ++x) {
    for (int64_t y = 0; y < matrix.height; ++y) {
      matrix.values[y * matrix.width + x] = static_cast<double>(*from++);
    }
  }
}

/// libmatio gives values in the variable's class, whatever type they are stored in.
bool copy(const matvar_t& variable, MatMatrix& matrix) {
  switch (variable.class_type) {
    case MAT_C_DOUBLE:
      return copy_rows<double>(variable.data, matrix), true;
    case MAT_C_SINGLE:
      return copy_rows<float>(variable.data, matrix), true;
    case MAT_C_INT8:
      return copy_rows<int8_t>(variable.data, matrix), true;
    case MAT_C_UINT8:
      return copy_rows<uint8_t>(variable.data, matrix), true;
    case MAT_C_INT16:
      return copy_rows<int16_t>(variable.data, matrix), true;
    case MAT_C_UINT16:
      return copy_rows<uint16_t>(variable.data, matrix), true;
    case MAT_C_INT32:
      return copy_rows<int32_t>(variable.data, matrix), true;
    case MAT_C_UINT32:
      return copy_rows<uint32_t>(variable.data, matrix), true;
    case MAT_C_INT64:
      return copy_rows<int64_t>(variable.data, matrix), true;
    case MAT_C_UINT64:
      return copy_rows<uint64_t>(variable.data, matrix), true;
    default:
      return false;
  }
}

}  // namespace

MatMatrix mat_variable(const ImageFile& file, const std::string& name) {
  const CheckedMat checked = checked_mat_variable(file, name);
  const FileDescriptor bytes = file_of(checked.bytes);
  const std::string path = joined("/proc/self/fd/", bytes.number());
  const std::unique_ptr<mat_t, CloseMat> mat(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  const std::unique_ptr<matvar_t, CloseMat> variable(mat ? Mat_VarRead(mat.get(), name.c_str())
                                                         : nullptr);
  const auto values = static_cast<size_t>(checked.height * checked.width);
  const bool is_whole = variable && variable->data != nullptr && variable->rank == 2 &&
                        variable->isComplex == 0 &&
                        variable->dims[0] == static_cast<size_t>(checked.height) &&
                        variable->dims[1] == static_cast<size_t>(checked.width) &&
                        variable->nbytes == values * Mat_SizeOfClass(variable->class_type);
  MatMatrix matrix{checked.height, checked.width, std::vector<double>(is_whole ? values : 0)};
  if (!is_whole || !copy(*variable, matrix)) {
    file.fail(joined("corrupt MAT file: libmatio cannot read its variable ", name));
  }
  return matrix;
}

}  // namespace hdecomp
