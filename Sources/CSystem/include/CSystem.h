// What Swift cannot call itself: variadic system calls, CPU hints, thread start. No policy here.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "csystem_memory.h"
#include "csystem_thread.h"
#include "csystem_wait.h"
#include "csystem_files.h"
