#ifdef ONYX_TARGETED
#pragma clang attribute pop
#endif
