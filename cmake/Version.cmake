# The commit that --version names: from git where there is a checkout, else "release".
execute_process(
  COMMAND git -C ${CMAKE_SOURCE_DIR} describe --always --dirty --abbrev=10
  OUTPUT_VARIABLE SS_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT SS_COMMIT)
  set(SS_COMMIT release)
endif()
configure_file(${CMAKE_SOURCE_DIR}/cmake/version.hpp.in ${CMAKE_BINARY_DIR}/generated/ss/version.hpp @ONLY)
