#include "check.h"

#include <math.h>
#include <string.h>

typedef void (*cell_function)(const onyx_recurrent_step *, const onyx_recurrent_form *);

// Functions, clip and coupling of gates; the three of LSTM are those of the others too.
static const onyx_recurrent_form forms[] = {
  {.functions = {{ONYX_RECURRENT_SIGMOID, 0, 0}, {ONYX_RECURRENT_TANH, 0, 0}, {ONYX_RECURRENT_TANH, 0, 0}}, .clip = INFINITY},
  {.functions = {{ONYX_RECURRENT_HARD_SIGMOID, 0.2f, 0.5f}, {ONYX_RECURRENT_SOFTSIGN, 0, 0}, {ONYX_RECURRENT_AFFINE, 0.5f, 0.1f}},
   .clip = 0.6f, .couples_gates = 1},
  {.functions = {{ONYX_RECURRENT_SCALED_TANH, 0.7f, 1.3f}, {ONYX_RECURRENT_ELU, 0.8f, 0}, {ONYX_RECURRENT_LEAKY_RELU, 0.1f, 0}},
   .clip = INFINITY},
  {.functions = {{ONYX_RECURRENT_SOFTPLUS, 0, 0}, {ONYX_RECURRENT_THRESHOLDED_RELU, 0.3f, 0}, {ONYX_RECURRENT_RELU, 0, 0}}, .clip = 2},
};

// A step of `n` units, `given` marking which of the optional operands there are; its results lie one behind the other in `out`: state,
// hidden state, output.
static void run(cell_function cell, const onyx_recurrent_form *form, int64_t n, int given, float *(*floats)(int64_t, uint32_t),
                float *out) {
  memcpy(out, random_floats(n, 5), (size_t)n * sizeof(float));
  const onyx_recurrent_step step = {
    .count = n, .input = floats(3 * (n + 2) + n, 1), .input_stride = n + 2, .recurrent = random_floats(3 * (n + 1) + n, 2),
    .recurrent_stride = n + 1, .peepholes = given & 1 ? random_floats(2 * (n + 3) + n, 3) : 0, .peephole_stride = n + 3,
    .bias = given & 2 ? random_floats(n, 4) : 0, .before = random_floats(n, 6), .state = out, .after = out + n,
    .output = given & 1 ? out + 2 * n : 0};
  cell(&step, form);
}

FAMILY(recurrent) {
  const cell_function cells[] = {row->lstm, row->gru_linear, row->gru_gates, row->gru_state, row->rnn};
  const cell_function expected[] = {scalar->lstm, scalar->gru_linear, scalar->gru_gates, scalar->gru_state, scalar->rnn};
  static const int64_t counts[] = {1, 3, 4, 7, 8, 13, 16, 17, 32, 43};
  for (int64_t i = 0; i < COUNT(counts); i++)
    for (int64_t c = 0; c < COUNT(cells); c++)
      for (int64_t f = 0; f < COUNT(forms); f++)
        for (int given = 0; given < 4; given++)
          for (int is_wild = 0; is_wild < 2; is_wild++) {
            const int64_t n = counts[i];
            float *y = filled_floats(3 * n, NAN), *e = filled_floats(3 * n, NAN);
            run(cells[c], &forms[f], n, given, is_wild ? sweep_floats : random_floats, y);
            run(expected[c], &forms[f], n, given, is_wild ? sweep_floats : random_floats, e);
            check_close(y, e, 3 * n, 1e-5, 4e-6, "cell %lld, functions %lld, %lld units, operands %d", (long long)c, (long long)f,
                        (long long)n, given);
          }
}
