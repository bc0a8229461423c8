# Sanitizers where asked for, hardening everywhere else, link-time optimisation in release builds.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(SS_SANITIZE)
  target_compile_options(ss_flags INTERFACE
    -fsanitize=${SS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS)
  target_link_options(ss_flags INTERFACE -fsanitize=${SS_SANITIZE})
  target_compile_definitions(ss_flags INTERFACE SS_ASSERTIONS=1)
else()
  target_compile_options(ss_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -D_GLIBCXX_ASSERTIONS
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(ss_flags INTERFACE -fcf-protection)
  endif()
  target_link_options(ss_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
  target_compile_definitions(ss_flags INTERFACE $<$<CONFIG:Debug>:SS_ASSERTIONS=1>)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SS_SANITIZE)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT ss_ipo LANGUAGES CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${ss_ipo})
endif()
if(SS_PORTABLE)
  target_compile_definitions(ss_flags INTERFACE SS_PORTABLE=1)
endif()
