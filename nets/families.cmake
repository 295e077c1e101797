# The list of families, made of the file names in families/: sets family_sources and writes families.cpp into the build
# folder. For the network floor and for the fuzzers, which build it with another compiler.
file(GLOB family_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/families/*.cpp)
set(declarations "")
set(calls "")
foreach(source ${family_sources})
  get_filename_component(name ${source} NAME_WE)
  string(APPEND declarations "namespace ${name} { Family family(); }\n")
  list(APPEND calls "${name}::family()")
endforeach()
list(JOIN calls ", " calls)
configure_file(${CMAKE_CURRENT_LIST_DIR}/families.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/families.cpp @ONLY)
list(APPEND family_sources ${CMAKE_CURRENT_BINARY_DIR}/families.cpp)
