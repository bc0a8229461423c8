# A room is one static library: headers in include/ss/<room>, sources here, and the links that its row in docs/ARCHITECTURE.md allows.
#
#   ss_room(cipher
#     SOURCES aead.cpp …
#     ROOMS base                   rooms whose headers its own headers may include
#     LIBRARIES OpenSSL::Crypto    third-party that this room alone sees (linked privately)
#     PRECOMPILE <header> …)       headers that most of its sources include
function(ss_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBRARIES;PRECOMPILE" ${ARGN})
  add_library(ss_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(ss_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include)
  list(TRANSFORM ROOM_ROOMS PREPEND ss_)
  target_link_libraries(ss_${name} PUBLIC ${ROOM_ROOMS} PRIVATE ${ROOM_LIBRARIES} ss_flags)
  if(ROOM_PRECOMPILE)
    target_precompile_headers(ss_${name} PRIVATE ${ROOM_PRECOMPILE})
  endif()
endfunction()

# Tests are compiled for the time that it takes; the rooms under them stay as the build has them. What stands in headers alone is therefore
# not watched by UndefinedBehaviorSanitizer where a test's copy of it is linked; in the programs it is. Without it and
# debug information a test takes two thirds of the time (10.3 s to 6.8 s).
function(ss_compile_quickly target)
  if(SS_SANITIZE)
    target_compile_options(${target} PRIVATE -O0 -g0)
    set_target_properties(${target} PROPERTIES SS_COMPILED_QUICKLY ON)
  elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # At -O1 GCC 12 loses track of std::string's two ways to hold its text.
      target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
    endif()
    set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
    if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_link_options(${target} PRIVATE -fno-lto -fno-use-linker-plugin)
    endif()
  endif()
endfunction()

# The unit tests of one room: one executable under the label `unit`, each TEST its own CTest entry `room.Suite.Name`.
# Under sanitizers all of a room are one entry, `room.all`: to start a process for each took twenty times as long as the tests. What takes
# minutes there is divided by ALONE, GTest filters of tests that get an entry each.
function(ss_room_tests name)
  cmake_parse_arguments(TESTS "" "LABEL" "SOURCES;ROOMS;LIBRARIES;ALONE" ${ARGN})
  if(NOT TESTS_LABEL)
    set(TESTS_LABEL unit)
  endif()
  add_executable(${name}_tests ${TESTS_SOURCES})
  list(TRANSFORM TESTS_ROOMS PREPEND ss_)
  target_link_libraries(${name}_tests PRIVATE ${TESTS_ROOMS} ${TESTS_LIBRARIES} ss_test_support GTest::gmock GTest::gtest_main ss_flags)
  target_precompile_headers(${name}_tests PRIVATE <gtest/gtest.h>)
  ss_compile_quickly(${name}_tests)
  if(SS_SANITIZE)
    foreach(alone ${TESTS_ALONE})
      add_test(NAME ${name}.${alone} COMMAND ${name}_tests --gtest_brief=1 --gtest_filter=${alone})
      set_tests_properties(${name}.${alone} PROPERTIES LABELS ${TESTS_LABEL})
    endforeach()
    list(JOIN TESTS_ALONE ":" alone)
    add_test(NAME ${name}.all COMMAND ${name}_tests --gtest_brief=1 --gtest_filter=-${alone})
    set_tests_properties(${name}.all PROPERTIES LABELS ${TESTS_LABEL})
  else()
    gtest_discover_tests(${name}_tests TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${TESTS_LABEL})
  endif()
endfunction()
