# What a package's files need beside an installation's. An installed command finds its library from where it lies itself;
# below /usr the loader knows the way, and Debian wants no other.
file(GLOB binaries ${CPACK_TEMPORARY_DIRECTORY}/*/usr/bin/hdecomp
                   ${CPACK_TEMPORARY_DIRECTORY}/python/usr/lib/python3/dist-packages/hdecomp/*.so)
foreach(binary ${binaries})
  file(RPATH_REMOVE FILE ${binary})
endforeach()
