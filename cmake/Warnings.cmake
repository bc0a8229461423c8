# ss_flags carries what every target of ours is compiled with: warnings, sanitizers and hardening.
add_library(ss_flags INTERFACE)

target_compile_options(ss_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wdouble-promotion -Wformat=2 -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wnull-dereference is left out: GCC 12 reports it in optimised coroutine frames and standard containers where there is none.
  target_compile_options(ss_flags INTERFACE -Wduplicated-cond -Wlogical-op)
  # GCC 12 takes the insides of std::optional and std::variant for uninitialised, and under sanitizers fmt's arguments too.
  target_compile_options(ss_flags INTERFACE -Wno-maybe-uninitialized)
  if(SS_SANITIZE STREQUAL "thread")
    # Asio's fences; each operation that they stand beside goes through a lock as well, which ThreadSanitizer does see.
    target_compile_options(ss_flags INTERFACE -Wno-tsan)
  endif()
  if(SS_SANITIZE)
    target_compile_options(ss_flags INTERFACE -Wno-uninitialized)
  endif()
else()
  target_compile_options(ss_flags INTERFACE -Wnull-dereference)
endif()
if(SS_WERROR)
  target_compile_options(ss_flags INTERFACE -Werror)
endif()
