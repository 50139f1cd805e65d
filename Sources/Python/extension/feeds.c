/* What a run is given. */
#include "objects.h"

void release_feed(Feed *feed) {
  for (Py_ssize_t index = 0; index < feed->count; index++) {
    if (feed->is_own[index]) onyx_value_release((onyx_value *)feed->values[index]);
    if (feed->views[index].obj) PyBuffer_Release(&feed->views[index]);
    Py_XDECREF(feed->objects[index]);
  }
  if (feed->values != feed->few_values) {
    PyMem_Free(feed->values);
    PyMem_Free(feed->views);
    PyMem_Free(feed->objects);
    PyMem_Free(feed->is_own);
  }
}

/* Looks at the memory of a contiguous array or buffer of the type of the input; false without an exception for everything else. */
static bool borrow(const onyx_port *port, PyObject *object, Feed *feed, Py_ssize_t index) {
  if (port->kind != ONYX_KIND_TENSOR) return false;
  feed->values[index] = borrow_array(object, port->element_type);
  if (feed->values[index]) {
    feed->is_own[index] = true;
    feed->objects[index] = Py_NewRef(object);
    return true;
  }
  Py_buffer *view = &feed->views[index];
  if (!PyObject_CheckBuffer(object)) return false;
  if (PyObject_GetBuffer(object, view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)) {
    PyErr_Clear();
    view->obj = NULL;
    return false;
  }
  onyx_value *value = NULL;
  if (element_type_of_format(view->format, view->itemsize) == port->element_type) {
    /* Py_ssize_t has 64 bits wherever Onyx runs. */
    _Static_assert(sizeof(Py_ssize_t) == sizeof(int64_t), "extents are read as those of a buffer");
    onyx_tensor_borrow(
        port->element_type, (size_t)view->ndim, (const int64_t *)view->shape, view->buf, (size_t)view->len, &value, NULL);
  }
  feed->values[index] = value;
  feed->is_own[index] = value != NULL;
  if (value) return true;
  PyBuffer_Release(view);
  view->obj = NULL;
  return false;
}

bool fill_feed(SessionObject *self, PyObject *given, Feed *feed) {
  feed->count = 0;
  feed->values = feed->few_values;
  feed->views = feed->few_views;
  feed->objects = feed->few_objects;
  feed->is_own = feed->few_own;
  const Py_ssize_t count = PyTuple_Size(self->input_names);
  PyObject *owned = NULL, *dictionary = given;
  if (!PyDict_Check(given)) {
    dictionary = owned = given == Py_None ? PyDict_New() : PyObject_CallFunctionObjArgs((PyObject *)&PyDict_Type, given, NULL);
    if (!owned) return false;
  }
  if (count > FEW) {
    feed->values = PyMem_Calloc((size_t)count, sizeof *feed->values);
    feed->views = PyMem_Calloc((size_t)count, sizeof *feed->views);
    feed->objects = PyMem_Calloc((size_t)count, sizeof *feed->objects);
    feed->is_own = PyMem_Calloc((size_t)count, sizeof *feed->is_own);
    if (!feed->values || !feed->views || !feed->objects || !feed->is_own) {
      PyErr_NoMemory();
      goto failed;
    }
  }
  Py_ssize_t found = 0;
  bool lacks = false;
  for (Py_ssize_t index = 0; index < count; index++) {
    feed->values[index] = NULL;
    feed->views[index].obj = NULL;
    feed->objects[index] = NULL;
    feed->is_own[index] = false;
    feed->count = index + 1;
    const onyx_port *port = self->inputs[index];
    PyObject *object = PyDict_GetItemWithError(dictionary, PyTuple_GetItem(self->input_names, index));
    if (!object) {
      if (PyErr_Occurred()) goto failed;
      if (!port->is_optional && port->kind != ONYX_KIND_OPTIONAL) lacks = true;
      continue;
    }
    found++;
    if (object == Py_None && (port->is_optional || port->kind == ONYX_KIND_OPTIONAL)) continue;
    if (borrow(port, object, feed, index)) continue;
    PyObject *number = PyLong_FromSsize_t(index);
    PyObject *value =
        number ? PyObject_CallFunctionObjArgs(configuration.to_value, (PyObject *)self, number, object, NULL) : NULL;
    Py_XDECREF(number);
    if (!value) goto failed;
    feed->objects[index] = value;
    if (!PyObject_TypeCheck(value, (PyTypeObject *)value_type)) {
      PyErr_SetString(PyExc_TypeError, "An input was converted to what is no value.");
      goto failed;
    }
    feed->values[index] = ((ValueObject *)value)->value;
  }
  if (lacks || found != PyDict_Size(dictionary)) {
    PyObject *refused = PyObject_CallFunctionObjArgs(configuration.refuse_feed, (PyObject *)self, dictionary, NULL);
    Py_XDECREF(refused);
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "The feed is not that of the model.");
    goto failed;
  }
  Py_XDECREF(owned);
  return true;
failed:
  Py_XDECREF(owned);
  if (!feed->values || !feed->views || !feed->objects || !feed->is_own) {
    PyMem_Free(feed->values);
    PyMem_Free(feed->views);
    PyMem_Free(feed->objects);
    PyMem_Free(feed->is_own);
  } else {
    release_feed(feed);
  }
  return false;
}
