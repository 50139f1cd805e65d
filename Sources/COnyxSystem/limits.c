#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "include/COnyxSystem.h"

static _Thread_local csystem_limits *current = 0;

csystem_limits *_Nullable csystem_limits_current(void) { return current; }

csystem_limits *_Nullable csystem_limits_enter(csystem_limits *_Nullable limits) {
  csystem_limits *before = current;
  current = limits;
  return before;
}

void csystem_limits_stop(csystem_limits *_Nonnull limits) { __atomic_store_n(&limits->stopped, 1, __ATOMIC_RELEASE); }

bool csystem_limits_have_stopped(const csystem_limits *_Nonnull limits) {
  return __atomic_load_n(&limits->stopped, __ATOMIC_ACQUIRE) != 0;
}

bool csystem_limits_stopped(csystem_limits *_Nullable limits) {
  if (!limits) return false;
  if (csystem_limits_have_stopped(limits)) return true;
  if (limits->deadline && csystem_nanoseconds() >= limits->deadline) {
    csystem_limits_stop(limits);
    return true;
  }
  return false;
}

bool csystem_limits_stopped_after_portion(csystem_limits *_Nullable limits) {
  if (csystem_limits_stopped(limits)) return true;
  if (!limits) return false;
  // Other threads count down meanwhile; limits with no count stay below zero.
  if (__atomic_load_n(&limits->questions, __ATOMIC_RELAXED) >= 0 &&
      __atomic_fetch_sub(&limits->questions, 1, __ATOMIC_RELAXED) <= 0) {
    csystem_limits_stop(limits);
    return true;
  }
  return false;
}
