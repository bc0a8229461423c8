# ss_flags carries what every target of ours is compiled with: warnings, sanitizers and hardening.
add_library(ss_flags INTERFACE)

target_compile_options(ss_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wnull-dereference -Wdouble-promotion -Wformat=2 -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(ss_flags INTERFACE -Wduplicated-cond -Wlogical-op)
  # GCC 12 sees null dereferences in optimised coroutine frames and standard containers that are not there.
  target_compile_options(ss_flags INTERFACE -Wno-null-dereference)
endif()
if(SS_WERROR)
  target_compile_options(ss_flags INTERFACE -Werror)
endif()
