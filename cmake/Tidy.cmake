# `tidy` runs the pinned clang-tidy over every source; `format` brings the tree into the pinned form.
add_custom_target(tidy
  COMMAND ${CMAKE_SOURCE_DIR}/scripts/tidy.sh --build ${CMAKE_BINARY_DIR} --all
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
add_custom_target(format
  COMMAND ${CMAKE_SOURCE_DIR}/scripts/format.sh --write
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
