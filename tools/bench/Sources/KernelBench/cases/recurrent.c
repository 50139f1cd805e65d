#include "../bench.h"

BENCH_ROWS(recurrent)

enum { UNITS = 256 };

static const onyx_recurrent_form form = {
  .functions = {{ONYX_RECURRENT_SIGMOID, 0, 0}, {ONYX_RECURRENT_TANH, 0, 0}, {ONYX_RECURRENT_TANH, 0, 0}}, .clip = 1e30f};

static onyx_recurrent_step step(void) {
  return (onyx_recurrent_step){.count = UNITS, .input = bench_area(0), .input_stride = UNITS, .recurrent = bench_area(1),
                               .recurrent_stride = UNITS, .before = bench_area(2), .state = bench_area(3), .after = bench_area(4),
                               .output = bench_area(5)};
}

static bench_work lstm(uint32_t isa, int64_t calls) {
  const onyx_recurrent_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_recurrent_step s = step();
  for (int64_t i = 0; i < calls; i++) row->lstm(&s, &form);
  return (bench_work){.read = 9 * 4.0 * UNITS, .written = 3 * 4.0 * UNITS, .calls = calls};
}

static bench_work gru(uint32_t isa, int64_t calls) {
  const onyx_recurrent_row *row = row_of(isa);
  if (!row) return (bench_work){0};
  const onyx_recurrent_step s = step();
  for (int64_t i = 0; i < calls; i++) row->gru_linear(&s, &form);
  return (bench_work){.read = 7 * 4.0 * UNITS, .written = 2 * 4.0 * UNITS, .calls = calls};
}

static const bench_case cases[] = {
  {"recurrent", "cells of LSTM, 256 units", BENCH_L1, lstm},
  {"recurrent", "cells of GRU, 256 units", BENCH_L1, gru},
};

bench_family bench_recurrent(void) { return BENCH_FAMILY(cases); }
