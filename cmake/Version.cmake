# The commit that --version names: from git where there is a checkout, else "release". Asked at each build, since neither a commit nor a
# change to a file runs CMake again. As a script (cmake -D OUTPUT=FILE -D VERSION=X -P Version.cmake) this file writes the header.
if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(
    COMMAND git -C ${CMAKE_CURRENT_LIST_DIR} describe --always --dirty --abbrev=10
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT commit)
    set(commit release)
  endif()
  configure_file(${CMAKE_CURRENT_LIST_DIR}/version.hpp.in ${OUTPUT} @ONLY)  # leaves a file alone that says the same
  return()
endif()

set(write_version
  ${CMAKE_COMMAND} -D OUTPUT=${CMAKE_BINARY_DIR}/generated/ss/version.hpp -D VERSION=${PROJECT_VERSION} -P ${CMAKE_CURRENT_LIST_FILE})
execute_process(COMMAND ${write_version} COMMAND_ERROR_IS_FATAL ANY)  # clang-tidy wants the header where nothing is built
add_custom_target(ss_version
  COMMAND ${write_version}
  BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/ss/version.hpp
  COMMENT "Asking git which commit this is"
  VERBATIM)
