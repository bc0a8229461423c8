# Sanitizers where asked for, hardening everywhere else, link-time optimisation in release builds.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(SS_SANITIZE)
  # Uninitialised locals get a pattern, so that what neither sanitizer sees gives the same wrong answer each time.
  target_compile_options(ss_flags INTERFACE
    -fsanitize=${SS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -ftrivial-auto-var-init=pattern)
  if(SS_SANITIZE MATCHES "undefined")
    # Its look at a virtual table goes through a pipe, and reports an error that is none where the process is out of descriptors.
    target_compile_options(ss_flags INTERFACE
      $<IF:$<BOOL:$<TARGET_PROPERTY:SS_COMPILED_QUICKLY>>,-fno-sanitize=undefined,-fno-sanitize=vptr>)
  endif()
  target_link_options(ss_flags INTERFACE -fsanitize=${SS_SANITIZE})
  target_compile_definitions(ss_flags INTERFACE SS_ASSERTIONS=1)
else()
  target_compile_options(ss_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(ss_flags INTERFACE -fcf-protection)
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(ss_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
  endif()
  target_compile_definitions(ss_flags INTERFACE $<$<CONFIG:Debug>:SS_ASSERTIONS=1>)
endif()
target_compile_definitions(ss_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(SS_FUZZ)
  target_compile_options(ss_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SS_SANITIZE)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT ss_ipo LANGUAGES CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${ss_ipo})
  if(SS_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The programs are linked from what the link-time optimiser reads; the tests from finished code beside it, in a tenth of the time.
    target_compile_options(ss_flags INTERFACE -ffat-lto-objects)
  endif()
endif()
if(SS_PORTABLE)
  target_compile_definitions(ss_flags INTERFACE SS_PORTABLE=1)
endif()
