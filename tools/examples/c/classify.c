/*
 * Says what a picture of numbers shows: the likeliest class of each row of the first output.
 *
 * usage: classify MODEL.onnx VALUES      (VALUES: as many float32 numbers, in text, as the first input has for one sample)
 */
#include <onyx.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(onyx_error *error) {
  fprintf(stderr, "classify: %s\n", onyx_error_message(error));
  int code = onyx_error_code(error);
  onyx_error_release(error);
  return code;
}

/* Prints the index of the largest number. */
static void print_largest(const float *values, int64_t count) {
  int64_t best = 0;
  for (int64_t index = 1; index < count; index++) {
    if (values[index] > values[best]) best = index;
  }
  printf("%lld %.4f\n", (long long)best, values[best]);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: classify MODEL.onnx VALUES\n");
    return ONYX_USAGE;
  }
  onyx_error *error = NULL;
  onyx_session *session = NULL;
  if (onyx_session_open(argv[1], NULL, &session, &error)) return fail(error);

  /* One sample: axes of any size are 1. */
  const onyx_port *port = onyx_session_input(session, 0);
  int64_t extents[8];
  size_t count = 1;
  if (port == NULL || port->element_type != 1 || port->rank < 0 || port->rank > 8) {
    fprintf(stderr, "classify: the first input is no float32 tensor of at most 8 axes\n");
    return ONYX_USAGE;
  }
  for (int axis = 0; axis < port->rank; axis++) {
    extents[axis] = port->extents[axis] < 0 ? 1 : port->extents[axis];
    count *= (size_t)extents[axis];
  }
  float *values = calloc(count, sizeof(float));
  FILE *file = fopen(argv[2], "r");
  if (values == NULL || file == NULL) {
    perror(argv[2]);
    return ONYX_MISSING_FILE;
  }
  for (size_t index = 0; index < count && fscanf(file, "%f", &values[index]) == 1; index++) {
  }
  fclose(file);

  onyx_value *input = NULL;
  onyx_value *output = NULL;
  if (onyx_tensor_borrow(port->element_type, (size_t)port->rank, extents, values, count * sizeof(float), &input, &error)) return fail(error);
  const onyx_value *inputs[] = {input};
  if (onyx_session_run(session, inputs, &output, NULL, &error)) return fail(error);

  size_t rank = onyx_value_rank(output);
  int64_t classes = onyx_value_extents(output)[rank - 1];
  const float *logits = onyx_value_bytes(output);
  for (size_t first = 0; first < onyx_value_count(output); first += (size_t)classes) print_largest(logits + first, classes);

  onyx_value_release(output);
  onyx_value_release(input);
  onyx_session_release(session);
  free(values);
  return 0;
}
