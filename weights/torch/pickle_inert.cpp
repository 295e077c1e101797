/// The closed list of inert globals.
#include "weights/torch/pickle_inert.h"

#include <algorithm>
#include <iterator>

namespace hdecomp {
namespace {

struct InertModule {
  std::string_view module;
  std::string_view names;  // between spaces
};

/// Python 2's __builtin__ and Python 3's builtins are one; protocol 2 writes the former. Of codecs
/// only the function that protocol 2 writes bytes with.
constexpr std::string_view builtins =
    " bool bytearray bytes complex dict float frozenset int list long object range set slice str "
    "tuple unicode xrange ";
constexpr std::string_view numpy_core = " scalar _reconstruct ";
constexpr std::string_view paths =
    " Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath ";

constexpr InertModule modules[] = {
    {"__builtin__", builtins},
    {"builtins", builtins},
    {"_codecs", " encode "},
    {"copy_reg", " _reconstructor "},
    {"copyreg", " _reconstructor "},
    {"argparse", " Namespace "},
    {"types", " SimpleNamespace "},
    {"collections", " Counter UserDict deque "},
    {"datetime", " date datetime time timedelta timezone "},
    {"decimal", " Decimal "},
    {"fractions", " Fraction "},
    {"uuid", " UUID "},
    {"pathlib", paths},
    {"pathlib._local", paths},
    {"numpy", " dtype ndarray bool_ float16 float32 float64 int8 int16 int32 int64 uint8 "},
    {"numpy.core.multiarray", numpy_core},
    {"numpy._core.multiarray", numpy_core},
    {"numpy.core.numeric", " _frombuffer "},
    {"numpy._core.numeric", " _frombuffer "},
    {"numpy.dtypes", " Float16DType Float32DType Float64DType Int32DType Int64DType "},
    {"torch",
     " device dtype float16 half bfloat16 float32 float float64 double int8 uint8 int16 short "
     "int32 int int64 long bool complex64 complex128 memory_format contiguous_format "
     "preserve_format channels_last "},
    {"torch.serialization", " _get_layout "},
    {"torch.torch_version", " TorchVersion "},
    {"torch._utils", " _rebuild_device_tensor_from_numpy "},
    {"easydict", " EasyDict "},
    {"yacs.config", " CfgNode "},
    {"pytorch_lightning.utilities.parsing", " AttributeDict "},
    {"lightning_fabric.utilities.data", " AttributeDict "},
    {"lightning.fabric.utilities.data", " AttributeDict "},
    {"lightning.pytorch.utilities.parsing", " AttributeDict "},
};

}  // namespace

bool is_inert_global(std::string_view module, std::string_view name) {
  const auto found = std::find_if(std::begin(modules), std::end(modules),
                                  [&](const InertModule& each) { return each.module == module; });
  // A list begins and ends with a space, so a name without one lies inside it.
  if (found == std::end(modules) || name.empty() || name.find(' ') != std::string_view::npos) {
    return false;
  }
  for (size_t at = found->names.find(name); at != std::string_view::npos;
       at = found->names.find(name, at + 1)) {
    if (found->names[at - 1] == ' ' && found->names[at + name.size()] == ' ') return true;
  }
  return false;
}

}  // namespace hdecomp
