/* The module `onyx._onyx`: what its parts share. */
#include "objects.h"

#include <stdatomic.h>
#include <time.h>

Configuration configuration;
unsigned long fork_count;

/* Threads that work in the library. */
static atomic_long working;

PyThreadState *begin_work(void) {
  atomic_fetch_add(&working, 1);
  return PyEval_SaveThread();
}

void end_work(PyThreadState *state) {
  /* Before the interpreter's lock is asked for: `wait_until_idle` holds it. */
  atomic_fetch_sub(&working, 1);
  PyEval_RestoreThread(state);
}

void wait_until_idle(void) {
  const struct timespec moment = {0, 50000};
  while (atomic_load(&working) > 0) nanosleep(&moment, NULL);
}

PyObject *raise_error(onyx_code code, onyx_error *error) {
  const char *message = error ? onyx_error_message(error) : "The library failed without a message.";
  PyObject *exception =
      configuration.to_exception ? PyObject_CallFunction(configuration.to_exception, "is", (int)code, message) : NULL;
  if (exception) {
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_DECREF(exception);
  } else if (!PyErr_Occurred()) {
    PyErr_SetString(PyExc_RuntimeError, message);
  }
  onyx_error_release(error);
  return NULL;
}

static PyObject *configure(PyObject *module, PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"types", "to_value", "to_object", "to_exception", "refuse_feed", NULL};
  Configuration given;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O!OOOO", names, &PyTuple_Type, &given.types, &given.to_value,
          &given.to_object, &given.to_exception, &given.refuse_feed)) {
    return NULL;
  }
  PyObject **fields[] = {&given.types, &given.to_value, &given.to_object, &given.to_exception, &given.refuse_feed};
  for (size_t index = 0; index < sizeof fields / sizeof *fields; index++) Py_INCREF(*fields[index]);
  /* What was there before stays: another thread may be using it. */
  configuration = given;
  Py_RETURN_NONE;
}

static PyObject *before_fork(PyObject *module, PyObject *unused) {
  wait_until_idle();
  Py_RETURN_NONE;
}

static PyObject *after_fork_in_child(PyObject *module, PyObject *unused) {
  fork_count++;
  Py_RETURN_NONE;
}

static PyObject *version(PyObject *module, PyObject *unused) { return PyUnicode_FromString(onyx_version()); }

static PyMethodDef functions[] = {
    {"_configure", (PyCFunction)(void (*)(void))configure, METH_VARARGS | METH_KEYWORDS, "Gives the extension what Python makes."},
    {"_before_fork", before_fork, METH_NOARGS, "Waits for the runs that go on."},
    {"_after_fork_in_child", after_fork_in_child, METH_NOARGS, "Sessions start their threads anew when they run next."},
    {"version", version, METH_NOARGS, "The version of the library."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "onyx._onyx", "The functions of libonyx.", -1, functions, NULL, NULL, NULL, NULL};

__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit__onyx(void) {
  PyObject *module = PyModule_Create(&definition);
  if (!module) return NULL;
  if (add_arrays() && add_value_type(module) && add_session_types(module) && PyModule_AddFunctions(module, value_functions) == 0 &&
      PyModule_AddFunctions(module, session_functions) == 0 && PyModule_AddFunctions(module, image_functions) == 0) {
    return module;
  }
  Py_DECREF(module);
  return NULL;
}
