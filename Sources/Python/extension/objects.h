/* The parts of the extension `onyx._onyx`, in the limited API of Python 3.11. */
#ifndef ONYX_EXTENSION_OBJECTS_H
#define ONYX_EXTENSION_OBJECTS_H

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "onyx.h"

/* What the Python side gives to `_configure`. */
typedef struct {
  /* A dtype for each element type by its number, None where NumPy has none. */
  PyObject *types;
  /* (session, index of the input, object) -> Value, for what is no contiguous array of the type of the input. */
  PyObject *to_value;
  /* Value -> object, for what is no tensor of numbers. */
  PyObject *to_object;
  /* (code, message) -> exception. */
  PyObject *to_exception;
  /* (session, names of the feed) raises, for feeds that lack an input or have another. */
  PyObject *refuse_feed;
} Configuration;
extern Configuration configuration;

/* Raises what a function of the library stored, and releases it. Returns NULL. */
PyObject *raise_error(onyx_code code, onyx_error *error);

/* The library works without the interpreter's lock between these two. No fork happens there: `wait_until_idle`. */
PyThreadState *begin_work(void);
void end_work(PyThreadState *state);
/* With the interpreter's lock held: returns when no thread is between the two. */
void wait_until_idle(void);
/* Counts the forks that this process comes from. */
extern unsigned long fork_count;

/* ---- Values ---- */

typedef struct {
  PyObject_HEAD
  onyx_value *value;
  /* The caller's memory, as long as the value looks at it. */
  Py_buffer view;
  bool has_view;
} ValueObject;
extern PyObject *value_type;
bool add_value_type(PyObject *module);
extern PyMethodDef value_functions[];

/* ---- Arrays ---- */

/* Gets NumPy's functions; false with an exception. */
bool add_arrays(void);
/*
 * A tensor over the memory of an array of NumPy's of this element type, aligned and in row-major order; NULL without an exception for
 * everything else. The array has to be kept while the tensor is in use.
 */
onyx_value *borrow_array(PyObject *object, int32_t element_type);
/* An array of the type over memory that `owner` holds. */
PyObject *array_over_memory(PyObject *owner, PyObject *type, const onyx_value *value, bool is_read_only);

/* Takes over the reference to `value`. */
PyObject *wrap_value(onyx_value *value);
/* What Python gets of a result: an array, or what the Python side makes. Takes over the reference to `value`. */
PyObject *object_of_value(onyx_value *value);
/* The number that ONNX has for the elements of a buffer; 0 for what it has none for. */
int32_t element_type_of_format(const char *format, Py_ssize_t item_size);

/* ---- Sessions ---- */

typedef struct {
  PyObject_HEAD
  onyx_run *run;
} ControlObject;

typedef struct {
  PyObject_HEAD
  /* NULL before it is opened, and when it was closed and no run goes on. */
  onyx_session *session;
  bool is_closed;
  /* Runs that go on, each of which needs the session until its end. */
  Py_ssize_t run_count;
  PyObject *input_names;
  PyObject *output_names;
  const onyx_port **inputs;
  /* The process whose threads the session has. */
  unsigned long fork_count;
} SessionObject;

enum { FEW = 8 };

/* A value for each input, and what keeps them. */
typedef struct {
  Py_ssize_t count;
  const onyx_value **values;
  /* Of a buffer whose memory a value looks at: `obj` is NULL of the others. */
  Py_buffer *views;
  /* What the Python side made, or an array whose memory a value looks at. */
  PyObject **objects;
  /* Whether the value was made for this run. */
  bool *is_own;
  const onyx_value *few_values[FEW];
  Py_buffer few_views[FEW];
  PyObject *few_objects[FEW];
  bool few_own[FEW];
} Feed;

/* Makes a value for each input of what was given by name; false with an exception, and nothing to release, when that cannot be. */
bool fill_feed(SessionObject *self, PyObject *given, Feed *feed);
void release_feed(Feed *feed);

bool add_session_types(PyObject *module);
extern PyMethodDef session_functions[];

/* A function of the library that sets an option by its name. */
typedef onyx_code (*SetOption)(void *options, const char *name, const char *value, onyx_error **error);
/* Sets options by a list of pairs of texts; false with an exception. */
bool read_options(PyObject *list, void *options, SetOption set);

/* ---- Images ---- */

/* An array of image files for an input of the session, which may be NULL. `list` holds paths as bytes, `choices` pairs of texts. */
PyObject *images_of(const onyx_session *session, size_t input, PyObject *list, PyObject *choices);
extern PyMethodDef image_functions[];

#endif
