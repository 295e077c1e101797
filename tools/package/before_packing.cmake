# What a package's files need beside an installation's. An installed command finds its library from where it lies itself;
# below /usr the loader knows the way, and Debian wants no other.
file(GLOB commands ${CPACK_TEMPORARY_DIRECTORY}/*/usr/bin/hdecomp)
foreach(command ${commands})
  file(RPATH_REMOVE FILE ${command})
endforeach()
