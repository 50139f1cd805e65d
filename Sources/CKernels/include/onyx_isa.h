#pragma once
#include <stdint.h>

// Instruction-set tiers. A host's mask holds every tier it can run; a row runs where its tier is in the mask.
enum {
  ONYX_ISA_SCALAR = 1,  // baseline of the architecture, four lanes, no FMA
  ONYX_ISA_AVX2 = 2,    // AVX2 with FMA and F16C
  ONYX_ISA_AVX512 = 4,  // AVX-512 F, BW, DQ and VL
  ONYX_ISA_NEON = 8,    // AArch64 NEON with FMA
  // Extensions of a tier, in the mask beside it.
  ONYX_ISA_AVX512_VNNI = 16,  // products of bytes
  ONYX_ISA_AVX512_BF16 = 32,  // products of bfloat16
};

// The tiers of this host. Costs a few cpuid instructions: call once and keep the mask.
uint32_t onyx_isa_detect(void);
