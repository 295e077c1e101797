# Has the built command print its manual page and completions: cmake -DCOMMAND=... -DFOLDER=... -P write_help.cmake.
file(MAKE_DIRECTORY ${FOLDER})
foreach(topic man bash zsh)
  set(file ${FOLDER}/hdecomp.${topic})
  execute_process(COMMAND ${COMMAND} help ${topic} OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(RENAME ${FOLDER}/hdecomp.man ${FOLDER}/hdecomp.1)
execute_process(COMMAND gzip -9nf ${FOLDER}/hdecomp.1 COMMAND_ERROR_IS_FATAL ANY)
