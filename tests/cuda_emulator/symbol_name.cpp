/// Looks a function up in the symbol table of the program's file, which has the functions of
/// unnamed namespaces too.
#include "symbol_name.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "hdecomp/error.h"

namespace emulator {
namespace {

using File = std::vector<char>;

/// `count` structures at `offset`; none if the file ends before.
template <class T>
std::vector<T> table(const File& file, uint64_t offset, uint64_t count) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(T)) return {};
  std::vector<T> entries(count);
  if (count > 0) std::memcpy(entries.data(), file.data() + offset, count * sizeof(T));
  return entries;
}

/// The mangled name of the function at `address` (as linked), or "".
std::string find_symbol(const File& file, uint64_t address) {
  const auto header = table<ElfW(Ehdr)>(file, 0, 1);
  if (header.empty() || std::memcmp(header[0].e_ident, ELFMAG, SELFMAG) != 0) return "";
  const auto sections = table<ElfW(Shdr)>(file, header[0].e_shoff, header[0].e_shnum);
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    const auto& strings = sections[section.sh_link];
    const auto names = table<char>(file, strings.sh_offset, strings.sh_size);
    for (const auto& symbol :
         table<ElfW(Sym)>(file, section.sh_offset, section.sh_size / sizeof(ElfW(Sym)))) {
      if ((symbol.st_info & 0xf) != STT_FUNC || symbol.st_value != address) continue;
      if (symbol.st_name >= names.size()) continue;
      const char* name = names.data() + symbol.st_name;
      return std::string(name, strnlen(name, names.size() - symbol.st_name));
    }
  }
  return "";
}

std::string demangle(const std::string& mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  if (status != 0) return mangled;
  std::string text = name.get();
  const std::string unnamed = "(anonymous namespace)::";
  for (size_t at; (at = text.find(unnamed)) != std::string::npos;) text.erase(at, unnamed.size());
  const size_t parameters = text.find('(');
  if (parameters != std::string::npos) text.erase(parameters);
  if (text.starts_with("void ")) text.erase(0, 5);  // a template's result type
  return text;
}

}  // namespace

std::string symbol_name(const void* function) {
  Dl_info info{};
  if (dladdr(function, &info) == 0) return hdecomp::joined("at ", function);
  std::ifstream in(info.dli_fname, std::ios::binary);
  if (!in) in.open("/proc/self/exe", std::ios::binary);
  in.seekg(0, std::ios::end);
  File file(in ? static_cast<size_t>(in.tellg()) : 0);
  in.seekg(0);
  in.read(file.data(), static_cast<std::streamsize>(file.size()));
  uint64_t address = reinterpret_cast<uint64_t>(function);
  const auto header = table<ElfW(Ehdr)>(file, 0, 1);
  if (!header.empty() && header[0].e_type == ET_DYN) {
    address -= reinterpret_cast<uint64_t>(info.dli_fbase);
  }
  const std::string mangled = find_symbol(file, address);
  return mangled.empty() ? hdecomp::joined("at ", function) : demangle(mangled);
}

}  // namespace emulator
