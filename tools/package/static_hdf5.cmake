# HDF5 and matio out of their archives, under the same targets' names. Debian's shared HDF5 has a driver that reads from
# S3 and so needs libcurl, which brings LDAP and Kerberos; of the archive nobody asks for that driver.

# Target archive::NAME for libNAME.a, whose names stay inside what links it: a program of ours may have another HDF5.
function(add_archive name)  # HINT... and after LINK what it needs itself
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  find_library(ARCHIVE_${name} lib${name}.a REQUIRED HINTS ${arg_UNPARSED_ARGUMENTS})
  add_library(archive::${name} STATIC IMPORTED GLOBAL)
  set_target_properties(archive::${name} PROPERTIES IMPORTED_LOCATION ${ARCHIVE_${name}}
    INTERFACE_LINK_LIBRARIES "${arg_LINK}" INTERFACE_LINK_OPTIONS "-Wl,--exclude-libs,lib${name}.a")
endfunction()

add_archive(aec)
add_archive(sz LINK archive::aec)
add_archive(hdf5 ${HDF5_LIBRARY_DIRS} LINK archive::sz static_streams ZLIB::ZLIB m ${CMAKE_DL_LIBS})
add_library(static_streams STATIC tools/package/static_streams.cpp)
target_link_options(static_streams INTERFACE -Wl,--wrap=stderr -Wl,--wrap=stdout)
set_target_properties(PkgConfig::HDF5 PROPERTIES INTERFACE_LINK_LIBRARIES archive::hdf5)
if(MATIO_FOUND)
  add_archive(matio LINK archive::hdf5)
  set_target_properties(PkgConfig::MATIO PROPERTIES INTERFACE_LINK_LIBRARIES archive::matio)
endif()
