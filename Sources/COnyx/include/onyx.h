/*
 * Onyx: runs ONNX models on CPUs.
 *
 * Objects
 *   Every object is opaque, made by a function that says so and given back by the `_release` of its kind, which takes NULL, too.
 *   What a function returns as `const` belongs to the object that it was asked of, and is valid until that object is released.
 *
 * Errors
 *   A function that can fail returns a code, ONYX_OK for success. `error` may be NULL; otherwise a failure stores an object there that
 *   says what went wrong, where in the graph and what to do about it, and success leaves it as it was. What a failed function would have
 *   made is not made.
 *
 * Threads
 *   Sessions, values and run controls may be used by several threads at once: runs of one session share its weights and have memory of
 *   their own. An object may be released while others still use what was made from it.
 *
 * Texts are UTF-8 that ends in a zero byte, unless a length stands beside them. The numbers of the element types are those of ONNX's
 * TensorProto.DataType. Elements of 2, 4 and 6 bits take one byte in memory.
 */
#ifndef ONYX_H
#define ONYX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the interface: changed when a program that was compiled for another one cannot use the library. */
#define ONYX_INTERFACE 0

/* The version of the library: "0.4.0". */
const char *onyx_version(void);

/* ---- Errors ---- */

typedef int32_t onyx_code;
enum {
  ONYX_OK = 0,
  /* A wrong name, shape, type or option. */
  ONYX_USAGE = 64,
  /* The model or a tensor breaks the ONNX format or its rules. */
  ONYX_INVALID_MODEL = 65,
  /* A file is not there or cannot be read. */
  ONYX_MISSING_FILE = 66,
  /* Valid ONNX that Onyx lacks: an operator, an element type, a version. */
  ONYX_UNSUPPORTED = 69,
  /* A bug of Onyx. */
  ONYX_INTERNAL_BUG = 70,
  /* A file could not be written to its end. */
  ONYX_OUTPUT_FAILED = 74,
  /* A budget of memory or time was exceeded, or the run was cancelled. */
  ONYX_BUDGET_EXCEEDED = 75,
};

typedef struct onyx_error onyx_error;

onyx_code onyx_error_code(const onyx_error *error);
/* What is wrong, the nodes, the input types and the remedy, on lines of their own. */
const char *onyx_error_message(const onyx_error *error);
void onyx_error_release(onyx_error *error);

/* ---- Options of a session ---- */

typedef struct onyx_options onyx_options;

/* The defaults. */
onyx_options *onyx_options_make(void);
/*
 * Sets one option from text:
 *   threads           threads of one run, the caller's included: 1 to 1024
 *   memory_budget     bytes that one run may take for activations
 *   tensor_limit      bytes that one tensor of a run may take; otherwise as many as the memory budget
 *   node_limit        nodes that the model may have once its functions are inlined; 1000000
 *   nesting_limit     bodies of If, Loop and Scan that may stand in one another; 64, which is the most
 *   iteration_limit   iterations that all loops of one run may have together; 1000000000
 *   deadline          seconds, with or without a fraction, that one run may take; it ends soon after, also within a long step
 *   seed              of random operators that have none of their own
 *   optimization      none, canonical or full
 *   instruction_set   best, scalar, avx2, avx512 or neon
 *   precision         fp32 or bf16
 *   winograd          true or false
 *   flush_denormals   true or false: whether numbers too small for a full significand count as zero
 *   weight_cache      a file that keeps packed weights from session to session; made when it is not there
 *   disable_kernel    a row of the kernel table, each time one more
 *   disable_rewrite   a rewrite of the optimizer, each time one more
 * Fails with ONYX_USAGE for another name or a value that is none of it.
 */
onyx_code onyx_options_set(onyx_options *options, const char *name, const char *value, onyx_error **error);
void onyx_options_release(onyx_options *options);

/* ---- Sessions ---- */

typedef struct onyx_session onyx_session;

/*
 * Loads a model file; external data is looked for beside it. `options` may be NULL. Fails with ONYX_MISSING_FILE, ONYX_INVALID_MODEL, and
 * ONYX_UNSUPPORTED, whose message lists every operator that Onyx lacks.
 */
onyx_code onyx_session_open(const char *path, const onyx_options *options, onyx_session **session, onyx_error **error);
/* The same of a model in memory, which is copied. External data is looked for in `directory`; NULL refuses it. */
onyx_code onyx_session_open_bytes(
    const void *bytes, size_t byte_count, const char *directory, const onyx_options *options, onyx_session **session, onyx_error **error);
void onyx_session_release(onyx_session *session);

enum {
  /* The model does not say it. */
  ONYX_KIND_UNKNOWN = 0,
  ONYX_KIND_TENSOR = 1,
  ONYX_KIND_SEQUENCE = 2,
  ONYX_KIND_OPTIONAL = 3,
  ONYX_KIND_MAP = 4,
};

/* An input or output of a model. */
typedef struct onyx_port {
  const char *name;
  /* "float32", "seq(int64)", "map(string,float32)"; "unknown" where the model does not say it. */
  const char *type;
  int32_t kind;
  /* Of a tensor; 0 for everything else. */
  int32_t element_type;
  /* -1 when it is unknown. */
  int32_t rank;
  /* One for each axis, -1 for one that can have any size. */
  const int64_t *extents;
  /* The name or expression of each axis of any size, which has the same size wherever it stands; NULL for the others. */
  const char *const *dimensions;
  /* Whether it can be left out. */
  bool is_optional;
} onyx_port;

size_t onyx_session_input_count(const onyx_session *session);
size_t onyx_session_output_count(const onyx_session *session);
/* In the order of the model; NULL behind the last. */
const onyx_port *onyx_session_input(const onyx_session *session, size_t index);
const onyx_port *onyx_session_output(const onyx_session *session, size_t index);
/* Threads of one run. */
int32_t onyx_session_thread_count(const onyx_session *session);
/*
 * Gives a session threads in a process that was forked from the one that opened it; without that each run there takes the caller's thread
 * alone. To be called while no run of the session goes on, in a process that was forked while none went on.
 */
void onyx_session_restart_threads(onyx_session *session);

/* ---- Values ---- */

/* A tensor, or a sequence, optional or map of values; its content never changes. */
typedef struct onyx_value onyx_value;

/*
 * A tensor over the caller's memory, which holds its elements in row-major order, is not copied if it is aligned for them, and must stay as it
 * is until the value was released and every run that was given it is over. Results are never that memory.
 */
onyx_code onyx_tensor_borrow(
    int32_t element_type, size_t rank, const int64_t *extents, const void *bytes, size_t byte_count, onyx_value **value,
    onyx_error **error);
/* A tensor with a copy of the elements. */
onyx_code onyx_tensor_copy(
    int32_t element_type, size_t rank, const int64_t *extents, const void *bytes, size_t byte_count, onyx_value **value,
    onyx_error **error);
/* A tensor of strings, copied. `lengths` in bytes may be NULL for texts that end in a zero byte. Fails with ONYX_USAGE unless each is UTF-8. */
onyx_code onyx_tensor_strings(
    size_t rank, const int64_t *extents, const char *const *texts, const size_t *lengths, onyx_value **value, onyx_error **error);
/* How image files become a tensor. */
typedef struct onyx_image_options onyx_image_options;

/* What suits the input. */
onyx_image_options *onyx_image_options_make(void);
/*
 * Sets one by its name; what is not set suits the input, and what is set goes before what "preprocess" says.
 *   "preprocess"       a preset ("imagenet", "imagenet-bicubic", "yolo", "clip", "none"), or the text of a preprocessor_config.json or of a
 *                      config.json with timm's pretrained_cfg
 *   "resize", "crop"   "224": the shorter side, or a square in the middle; "480x640": height and width
 *   "letterbox"        "true": the whole image with gray around it, in the size of "resize" or of the input
 *   "interpolation"    "nearest", "box", "bilinear", "bicubic" or "lanczos"
 *   "antialias"        "false": an image that gets smaller is sampled instead of averaged
 *   "scale"            the factor of the pixels, "1/255"
 *   "mean", "std"      subtracted, and divided by, after scaling: one number, or one for each channel, "0.485,0.456,0.406"
 *   "layout"           "nchw" or "nhwc"
 *   "type"             the element type, "uint8"; of integers pixels are 0 ... 255
 */
onyx_code onyx_image_options_set(onyx_image_options *options, const char *name, const char *value, onyx_error **error);
void onyx_image_options_release(onyx_image_options *options);
/*
 * A tensor for the input `index` of the session from image files, several as a batch: turned as EXIF says, of the input's size, type and
 * order of axes. Without a session (NULL; `index` is 0) it is float32[count,3,height,width]. `options` may be NULL.
 */
onyx_code onyx_tensor_of_images(
    const onyx_session *session, size_t index, const char *const *paths, size_t count, const onyx_image_options *options,
    onyx_value **value, onyx_error **error);
/* A sequence of elements of the type "float32", "seq(int64)" and so on. */
onyx_code onyx_sequence_make(
    const char *type, const onyx_value *const *elements, size_t count, onyx_value **value, onyx_error **error);
/* An optional that may hold a value of the type, or nothing when `content` is NULL. */
onyx_code onyx_optional_make(const char *type, const onyx_value *content, onyx_value **value, onyx_error **error);
/* Tensors of rank 1: keys, which are int64 or strings, no two equal, and a value for each. */
onyx_code onyx_map_make(const onyx_value *keys, const onyx_value *values, onyx_value **value, onyx_error **error);
void onyx_value_release(onyx_value *value);

int32_t onyx_value_kind(const onyx_value *value);
/* "float32[2,3]", "seq(float32) of 4". */
const char *onyx_value_description(const onyx_value *value);

/* Of a tensor; 0, and NULL, of another value. */
int32_t onyx_value_element_type(const onyx_value *value);
size_t onyx_value_rank(const onyx_value *value);
const int64_t *onyx_value_extents(const onyx_value *value);
size_t onyx_value_byte_count(const onyx_value *value);
/*
 * The elements, aligned to 64 bytes if a run made them; NULL of strings. Those of a result are nobody else's: the caller may write to them as
 * long as it holds the only object of this value.
 */
const void *onyx_value_bytes(const onyx_value *value);
/* String `index` of a tensor of strings, and its bytes; NULL where there is none. */
const char *onyx_value_string(const onyx_value *value, size_t index, size_t *length);

/* Elements of a tensor or sequence, entries of a map, and 0 or 1 of an optional. */
size_t onyx_value_count(const onyx_value *value);
/* Element `index` of a sequence, or what an optional holds, as an object of its own. Fails with ONYX_USAGE where there is none. */
onyx_code onyx_value_element(const onyx_value *value, size_t index, onyx_value **element, onyx_error **error);
/* The keys and the values of a map, as objects of their own. Fails with ONYX_USAGE of another value. */
onyx_code onyx_value_entries(const onyx_value *value, onyx_value **keys, onyx_value **values, onyx_error **error);

/* ---- Runs ---- */

/* By what another thread ends a run. */
typedef struct onyx_run onyx_run;

onyx_run *onyx_run_make(void);
/* Ends the runs that have this control, those that begin later too, before their next step: they fail with ONYX_BUDGET_EXCEEDED. */
void onyx_run_cancel(onyx_run *run);
void onyx_run_release(onyx_run *run);

/*
 * Runs the model on one value for each input, in the order of the model, NULL for one that is left out; stores one object for each output.
 * `run` may be NULL. Fails with ONYX_USAGE for inputs that the model does not take, with ONYX_BUDGET_EXCEEDED, and as nodes do.
 */
onyx_code onyx_session_run(
    const onyx_session *session, const onyx_value *const *inputs, onyx_value **outputs, onyx_run *run, onyx_error **error);
/*
 * The same, and stores the values of `names` instead of the outputs: outputs, and any other value of the graph whatever the optimizer would
 * have made of it. Fails with ONYX_USAGE also for a name that the graph does not have.
 */
onyx_code onyx_session_fetch(
    const onyx_session *session, const onyx_value *const *inputs, const char *const *names, size_t count, onyx_value **results,
    onyx_run *run, onyx_error **error);

/* ---- What a model is ---- */

/*
 * What is told of a model file, operators that Onyx lacks or not, as JSON or as a text for people:
 *   summary     nodes, shapes, parameters, multiply-accumulates, modules and attention blocks, as `onyx summary --json`
 *   coverage    the operators, and which of them Onyx has, as `onyx coverage --json`
 *   attention   the attention blocks alone
 *   metadata    producer, version, name of the graph, opsets, documentation and metadata properties
 *   summary_text, coverage_text    the tables that these commands print
 * `report` is given back to onyx_text_release. Fails with ONYX_USAGE for another kind, and as onyx_session_open.
 */
onyx_code onyx_model_report(const char *path, const char *kind, char **report, onyx_error **error);
/* The same of a model in memory; external data as onyx_session_open_bytes. */
onyx_code onyx_model_report_bytes(
    const void *bytes, size_t byte_count, const char *directory, const char *kind, char **report, onyx_error **error);
/* The same of the model of a session. */
onyx_code onyx_session_report(const onyx_session *session, const char *kind, char **report, onyx_error **error);
/*
 * JSON of the attention blocks that the model has for these inputs, given as to onyx_session_run: what each is and costs, and the names of
 * its gates and maps, which onyx_session_fetch gives. Nothing is run. Fails with ONYX_USAGE for inputs that are no tensors or that the
 * model does not take.
 */
onyx_code onyx_session_attention(
    const onyx_session *session, const onyx_value *const *inputs, char **json, onyx_error **error);
void onyx_text_release(char *text);

#ifdef __cplusplus
}
#endif

#endif
