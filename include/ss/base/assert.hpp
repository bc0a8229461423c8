#pragma once

#include <cstdio>
#include <cstdlib>

/// States what only a mistake of ours could break. On in debug, sanitizer and fuzz builds; where a peer's bytes could
/// reach the condition a checked branch stands beside it.
#if defined(SS_ASSERTIONS)
#define SS_ASSERT(condition)                                                                 \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
#else
#define SS_ASSERT(condition) static_cast<void>(0)
#endif
