#include "include/CSystem.h"

#if !defined(__linux__)
pthread_mutex_t csystem_wait_lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t csystem_wait_condition = PTHREAD_COND_INITIALIZER;
#endif
