#pragma once
#include <stddef.h>
#include <stdint.h>

// Functions of recurrent layers; alpha and beta as in ONNX. NaN stays.
enum {
  ONYX_RECURRENT_SIGMOID,
  ONYX_RECURRENT_TANH,
  ONYX_RECURRENT_RELU,
  ONYX_RECURRENT_AFFINE,             // alpha * x + beta
  ONYX_RECURRENT_LEAKY_RELU,         // x < 0 ? alpha * x : x
  ONYX_RECURRENT_THRESHOLDED_RELU,   // x < alpha ? 0 : x
  ONYX_RECURRENT_SCALED_TANH,        // alpha * tanh(beta * x)
  ONYX_RECURRENT_HARD_SIGMOID,       // alpha * x + beta, limited to [0, 1]
  ONYX_RECURRENT_ELU,                // x < 0 ? alpha * (e^x - 1) : x
  ONYX_RECURRENT_SOFTSIGN,           // x / (1 + |x|)
  ONYX_RECURRENT_SOFTPLUS,           // log(1 + e^x)
};

typedef struct {
  int32_t function;
  float alpha, beta;
} onyx_recurrent_function;

// What is the same in all steps of a layer: its functions f, g, h, as far as the cell has them; `clip` limits the inputs of the gates'
// functions to [-clip, clip], infinity limits nothing. With `couples_gates` the forget gate of LSTM is 1 - input gate.
typedef struct {
  onyx_recurrent_function functions[3];
  float clip;
  int32_t couples_gates;
} onyx_recurrent_form;

// One step of `count` units of one sequence. Gate g of unit u has input[g * input_stride + u], products of the layer's input and all
// biases that are not below, and recurrent[g * recurrent_stride + u], products of the hidden state.
typedef struct {
  int64_t count;
  const float *input;
  int64_t input_stride;
  const float *recurrent;
  int64_t recurrent_stride;
  const float *peepholes;  // LSTM: of gate g at g * peephole_stride + u, gates input, output, forget; null for none
  int64_t peephole_stride;
  const float *bias;       // gru_linear: added to the product of the hidden gate; null for none
  const float *before;     // GRU: the hidden state before the step
  float *state;            // LSTM: the cell state, updated; gru_gates, gru_state: the update gate
  float *after;                      // the hidden state after the step, may be `before`; gru_gates: reset gate times `before`
  float *output;           // gets the hidden state too; null for none
} onyx_recurrent_step;

typedef struct {
  uint32_t isa;
  // Gates input, output, forget, cell.
  void (*lstm)(const onyx_recurrent_step *step, const onyx_recurrent_form *form);
  // Gates update, reset, hidden; the reset gate multiplies the product of the hidden gate.
  void (*gru_linear)(const onyx_recurrent_step *step, const onyx_recurrent_form *form);
  // The same where the reset gate multiplies the hidden state before the product: first the gates, then, when there are the products of
  // what they leave, the state; `recurrent` of gru_state holds the hidden gate only.
  void (*gru_gates)(const onyx_recurrent_step *step, const onyx_recurrent_form *form);
  void (*gru_state)(const onyx_recurrent_step *step, const onyx_recurrent_form *form);
  void (*rnn)(const onyx_recurrent_step *step, const onyx_recurrent_form *form);
} onyx_recurrent_row;
