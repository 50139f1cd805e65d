/* Tensors of image files. */
#include "objects.h"

static onyx_code set_image_option(void *options, const char *name, const char *value, onyx_error **error) {
  return onyx_image_options_set(options, name, value, error);
}

/* The paths, which stay as long as the list and its objects do; NULL with an exception. */
static const char **read_paths(PyObject *list) {
  const Py_ssize_t count = PyList_Size(list);
  const char **paths = PyMem_Calloc((size_t)count + 1, sizeof *paths);
  if (!paths) PyErr_NoMemory();
  for (Py_ssize_t index = 0; paths && index < count; index++) {
    char *path = NULL;
    if (PyBytes_AsStringAndSize(PyList_GetItem(list, index), &path, NULL)) {
      PyMem_Free(paths);
      return NULL;
    }
    paths[index] = path;
  }
  return paths;
}

PyObject *images_of(const onyx_session *session, size_t input, PyObject *list, PyObject *choices) {
  onyx_image_options *options = onyx_image_options_make();
  const char **paths = read_options(choices, options, set_image_option) ? read_paths(list) : NULL;
  PyObject *result = NULL;
  if (paths) {
    onyx_value *value = NULL;
    onyx_error *error = NULL;
    const size_t count = (size_t)PyList_Size(list);
    PyThreadState *state = begin_work();
    const onyx_code code = onyx_tensor_of_images(session, input, paths, count, options, &value, &error);
    end_work(state);
    result = code ? raise_error(code, error) : object_of_value(value);
  }
  PyMem_Free(paths);
  onyx_image_options_release(options);
  return result;
}

static PyObject *images(PyObject *module, PyObject *arguments) {
  PyObject *list, *choices;
  if (!PyArg_ParseTuple(arguments, "O!O!", &PyList_Type, &list, &PyList_Type, &choices)) return NULL;
  return images_of(NULL, 0, list, choices);
}

PyMethodDef image_functions[] = {
    {"images", images, METH_VARARGS, "images(paths, options): image files as an array, for no session."}, {NULL, NULL, 0, NULL}};
