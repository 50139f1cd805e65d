// The families of kernels. A family is a folder of Sources/CKernels, a header here, and its line in ONYX_FAMILIES.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "onyx_attention.h"
#include "onyx_bf16.h"
#include "onyx_blocked.h"
#include "onyx_blocked_int8.h"
#include "onyx_blocked_window.h"
#include "onyx_boxes.h"
#include "onyx_casts.h"
#include "onyx_channels_last.h"
#include "onyx_depthwise.h"
#include "onyx_elements.h"
#include "onyx_elementwise.h"
#include "onyx_fold.h"
#include "onyx_forest.h"
#include "onyx_fourier.h"
#include "onyx_functions.h"
#include "onyx_gating.h"
#include "onyx_gemm.h"
#include "onyx_image.h"
#include "onyx_int8.h"
#include "onyx_layers.h"
#include "onyx_nbits.h"
#include "onyx_normalize.h"
#include "onyx_quantize.h"
#include "onyx_rank.h"
#include "onyx_recurrent.h"
#include "onyx_reduce.h"
#include "onyx_resize.h"
#include "onyx_sample.h"
#include "onyx_scan.h"
#include "onyx_typed_gemm.h"
#include "onyx_winograd.h"

// F(family, tiers) for each family. `tiers` is one of the macros below: which rows onyx_<family>_<tier> there are.
#define ONYX_FAMILIES(F)                      \
  F(attention, ONYX_TIERS)                    \
  F(bf16, ONYX_TIERS_AND_AVX512_BF16)         \
  F(blocked, ONYX_TIERS)                      \
  F(blocked_int8, ONYX_TIERS_AND_AVX512_VNNI) \
  F(blocked_window, ONYX_TIERS)               \
  F(boxes, ONYX_TIERS)                        \
  F(casts, ONYX_TIERS)                        \
  F(channels_last, ONYX_TIERS)                \
  F(depthwise, ONYX_TIERS)                    \
  F(elements, ONYX_TIERS)                     \
  F(elementwise, ONYX_TIERS)                  \
  F(fold, ONYX_TIERS)                         \
  F(forest, ONYX_TIERS)                       \
  F(fourier, ONYX_TIERS)                      \
  F(functions, ONYX_TIERS)                    \
  F(gating, ONYX_TIERS)                       \
  F(gemm, ONYX_TIERS)                         \
  F(image, ONYX_TIERS)                        \
  F(int8, ONYX_TIERS_AND_AVX512_VNNI)         \
  F(layers, ONYX_TIERS)                       \
  F(nbits, ONYX_TIERS)                        \
  F(normalize, ONYX_TIERS)                    \
  F(quantize, ONYX_TIERS)                     \
  F(rank, ONYX_TIERS)                         \
  F(recurrent, ONYX_TIERS)                    \
  F(reduce, ONYX_TIERS)                       \
  F(resize, ONYX_TIERS)                       \
  F(sample, ONYX_TIERS)                       \
  F(scan, ONYX_TIERS)                         \
  F(typed_gemm, ONYX_TIERS)                   \
  F(winograd, ONYX_TIERS)

// T(family, tier) for each tier of this architecture, best first. The last one runs everywhere.
#if defined(__x86_64__)
#define ONYX_TIERS(T, family) T(family, avx512) T(family, avx2) T(family, scalar)
#define ONYX_TIERS_AND_AVX512_BF16(T, family) T(family, avx512_bf16) ONYX_TIERS(T, family)
#define ONYX_TIERS_AND_AVX512_VNNI(T, family) T(family, avx512_vnni) ONYX_TIERS(T, family)
#else
#if defined(__aarch64__)
#define ONYX_TIERS(T, family) T(family, neon) T(family, scalar)
#else
#define ONYX_TIERS(T, family) T(family, scalar)
#endif
#define ONYX_TIERS_AND_AVX512_BF16 ONYX_TIERS
#define ONYX_TIERS_AND_AVX512_VNNI ONYX_TIERS
#endif

#pragma clang assume_nonnull begin

// onyx_<family>_rows: every row of the family on this architecture, best first, whatever the host can run.
#define ONYX_ROWS(family, tiers) const onyx_##family##_row *_Nonnull const *_Nonnull onyx_##family##_rows(size_t *count);
ONYX_FAMILIES(ONYX_ROWS)
#undef ONYX_ROWS

// One row of each family. The rows are constants.
typedef struct {
#define ONYX_MEMBER(family, tiers) const onyx_##family##_row *family;
  ONYX_FAMILIES(ONYX_MEMBER)
#undef ONYX_MEMBER
} onyx_kernels;

// The best row of each family whose tier is in the mask (see onyx_isa.h); scalar rows stand in for what is missing.
onyx_kernels onyx_select(uint32_t mask);

#pragma clang assume_nonnull end
