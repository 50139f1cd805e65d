/* Values, and what Python sees of them. */
#include "objects.h"

#include <string.h>

PyObject *value_type;

/* Whether elements of the type are what a buffer of NumPy's can hold. */
static const char *const formats[] = {
    [1] = "f", [2] = "B", [3] = "b", [4] = "H", [5] = "h", [6] = "i", [7] = "q", [9] = "?", [10] = "e", [11] = "d", [12] = "I", [13] = "Q"};

int32_t element_type_of_format(const char *format, Py_ssize_t item_size) {
  if (!format) return item_size == 1 ? 2 : 0;
  if (*format == '@' || *format == '=') format++;
#if PY_LITTLE_ENDIAN
  else if (*format == '<') format++;
#endif
  if (format[0] == 'Z' && format[1] && !format[2]) return format[1] == 'f' ? 14 : format[1] == 'd' ? 15 : 0;
  if (!format[0] || format[1]) return 0;
  if (*format == 'l') return item_size == 8 ? 7 : item_size == 4 ? 6 : 0;
  if (*format == 'L') return item_size == 8 ? 13 : item_size == 4 ? 12 : 0;
  for (size_t type = 1; type < sizeof formats / sizeof *formats; type++) {
    if (formats[type] && *formats[type] == *format) return (int32_t)type;
  }
  return 0;
}

static ValueObject *new_value(void) {
  allocfunc allocate = (allocfunc)PyType_GetSlot((PyTypeObject *)value_type, Py_tp_alloc);
  return (ValueObject *)allocate((PyTypeObject *)value_type, 0);
}

PyObject *wrap_value(onyx_value *value) {
  ValueObject *self = new_value();
  if (!self) {
    onyx_value_release(value);
    return NULL;
  }
  self->value = value;
  return (PyObject *)self;
}

static PyObject *shape_of(const onyx_value *value) {
  const Py_ssize_t rank = (Py_ssize_t)onyx_value_rank(value);
  const int64_t *extents = onyx_value_extents(value);
  PyObject *shape = PyTuple_New(rank);
  for (Py_ssize_t axis = 0; shape && axis < rank; axis++) {
    PyObject *extent = PyLong_FromLongLong(extents[axis]);
    if (!extent) Py_CLEAR(shape);
    else PyTuple_SetItem(shape, axis, extent);
  }
  return shape;
}

/* An array over the memory of a tensor of numbers, which it keeps. NULL, without an exception, where NumPy has no type for it. */
static PyObject *array_over(ValueObject *self) {
  const Py_ssize_t type = onyx_value_element_type(self->value);
  if (type < 0 || type >= PyTuple_Size(configuration.types)) return NULL;
  PyObject *element = PyTuple_GetItem(configuration.types, type);
  if (!element || element == Py_None) return NULL;
  return array_over_memory((PyObject *)self, element, self->value, self->has_view && self->view.readonly);
}

PyObject *object_of_value(onyx_value *value) {
  PyObject *self = wrap_value(value);
  if (!self) return NULL;
  PyObject *result = NULL;
  if (onyx_value_kind(value) == ONYX_KIND_TENSOR) result = array_over((ValueObject *)self);
  if (!result && !PyErr_Occurred()) result = PyObject_CallFunctionObjArgs(configuration.to_object, self, NULL);
  Py_DECREF(self);
  return result;
}

static void value_dealloc(ValueObject *self) {
  PyTypeObject *type = Py_TYPE((PyObject *)self);
  onyx_value_release(self->value);
  if (self->has_view) PyBuffer_Release(&self->view);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  release(self);
  Py_DECREF((PyObject *)type);
}

/* The elements as bytes in one row: whoever asks knows type and shape. */
static int value_buffer(ValueObject *self, Py_buffer *view, int flags) {
  const void *bytes = onyx_value_bytes(self->value);
  if (!bytes && (onyx_value_kind(self->value) != ONYX_KIND_TENSOR || onyx_value_byte_count(self->value))) {
    PyErr_SetString(PyExc_BufferError, "The value is no tensor of numbers.");
    view->obj = NULL;
    return -1;
  }
  const int is_read_only = self->has_view && self->view.readonly;
  return PyBuffer_FillInfo(view, (PyObject *)self, (void *)bytes, (Py_ssize_t)onyx_value_byte_count(self->value), is_read_only, flags);
}

static PyObject *value_kind(ValueObject *self, void *closure) { return PyLong_FromLong(onyx_value_kind(self->value)); }
static PyObject *value_element_type(ValueObject *self, void *closure) { return PyLong_FromLong(onyx_value_element_type(self->value)); }
static PyObject *value_shape(ValueObject *self, void *closure) { return shape_of(self->value); }
static PyObject *value_count(ValueObject *self, void *closure) { return PyLong_FromSize_t(onyx_value_count(self->value)); }
static PyObject *value_repr(ValueObject *self) { return PyUnicode_FromString(onyx_value_description(self->value)); }

static PyObject *value_array(ValueObject *self, PyObject *unused) {
  PyObject *array = onyx_value_kind(self->value) == ONYX_KIND_TENSOR ? array_over(self) : NULL;
  if (!array && !PyErr_Occurred()) PyErr_Format(PyExc_TypeError, "NumPy has no array for %s.", onyx_value_description(self->value));
  return array;
}

static PyObject *value_strings(ValueObject *self, PyObject *unused) {
  const size_t count = onyx_value_count(self->value);
  PyObject *list = PyList_New((Py_ssize_t)count);
  for (size_t index = 0; list && index < count; index++) {
    size_t length = 0;
    const char *text = onyx_value_string(self->value, index, &length);
    PyObject *string = text ? PyUnicode_FromStringAndSize(text, (Py_ssize_t)length) : NULL;
    if (string) {
      PyList_SetItem(list, (Py_ssize_t)index, string);
    } else {
      if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "The value is no tensor of strings.");
      Py_CLEAR(list);
    }
  }
  return list;
}

static PyObject *value_element(ValueObject *self, PyObject *argument) {
  const Py_ssize_t index = PyLong_AsSsize_t(argument);
  if (index == -1 && PyErr_Occurred()) return NULL;
  onyx_value *element = NULL;
  onyx_error *error = NULL;
  const onyx_code code = onyx_value_element(self->value, index < 0 ? SIZE_MAX / 2 : (size_t)index, &element, &error);
  return code ? raise_error(code, error) : wrap_value(element);
}

static PyObject *value_entries(ValueObject *self, PyObject *unused) {
  onyx_value *keys = NULL, *values = NULL;
  onyx_error *error = NULL;
  const onyx_code code = onyx_value_entries(self->value, &keys, &values, &error);
  if (code) return raise_error(code, error);
  PyObject *first = wrap_value(keys), *second = wrap_value(values);
  PyObject *pair = first && second ? PyTuple_Pack(2, first, second) : NULL;
  Py_XDECREF(first);
  Py_XDECREF(second);
  return pair;
}

static PyGetSetDef value_properties[] = {
    {"kind", (getter)value_kind, NULL, "ONYX_KIND_ of onyx.h.", NULL},
    {"element_type", (getter)value_element_type, NULL, "TensorProto.DataType of a tensor; 0 of another value.", NULL},
    {"shape", (getter)value_shape, NULL, "Extents of a tensor.", NULL},
    {"count", (getter)value_count, NULL, "Elements, entries, or 0 and 1 of an optional.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef value_methods[] = {
    {"array", (PyCFunction)value_array, METH_NOARGS, "The tensor as an array over its memory."},
    {"strings", (PyCFunction)value_strings, METH_NOARGS, "The elements of a tensor of strings."},
    {"element", (PyCFunction)value_element, METH_O, "Element of a sequence, or 0 for what an optional holds."},
    {"entries", (PyCFunction)value_entries, METH_NOARGS, "Keys and values of a map."},
    {NULL, NULL, 0, NULL}};

static PyType_Slot value_slots[] = {
    {Py_tp_dealloc, value_dealloc}, {Py_tp_repr, value_repr}, {Py_tp_methods, value_methods}, {Py_tp_getset, value_properties},
    {Py_bf_getbuffer, value_buffer}, {Py_tp_doc, "A value of the library. Its buffer is the bytes of a tensor."}, {0, NULL}};

static PyType_Spec value_spec = {
    "onyx._onyx.Value", sizeof(ValueObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, value_slots};

bool add_value_type(PyObject *module) {
  value_type = PyType_FromSpec(&value_spec);
  return value_type && PyModule_AddObjectRef(module, "Value", value_type) == 0;
}

/* ---- Making values ---- */

enum { LARGEST_RANK = 64 };

/* Reads a sequence of extents; -1 with an exception. */
static Py_ssize_t read_extents(PyObject *shape, int64_t *extents) {
  const Py_ssize_t rank = PySequence_Size(shape);
  if (rank < 0) return -1;
  if (rank > LARGEST_RANK) {
    PyErr_SetString(PyExc_ValueError, "The shape has too many axes.");
    return -1;
  }
  for (Py_ssize_t axis = 0; axis < rank; axis++) {
    PyObject *extent = PySequence_GetItem(shape, axis);
    if (!extent) return -1;
    extents[axis] = PyLong_AsLongLong(extent);
    Py_DECREF(extent);
    if (extents[axis] == -1 && PyErr_Occurred()) return -1;
  }
  return rank;
}

static PyObject *make_tensor(PyObject *module, PyObject *arguments) {
  int type;
  PyObject *shape, *bytes;
  if (!PyArg_ParseTuple(arguments, "iOO", &type, &shape, &bytes)) return NULL;
  int64_t extents[LARGEST_RANK];
  const Py_ssize_t rank = read_extents(shape, extents);
  if (rank < 0) return NULL;
  ValueObject *self = new_value();
  if (!self) return NULL;
  if (PyObject_GetBuffer(bytes, &self->view, PyBUF_C_CONTIGUOUS)) {
    Py_DECREF(self);
    return NULL;
  }
  self->has_view = true;
  onyx_error *error = NULL;
  const onyx_code code =
      onyx_tensor_borrow(type, (size_t)rank, extents, self->view.buf, (size_t)self->view.len, &self->value, &error);
  if (!code) return (PyObject *)self;
  Py_DECREF(self);
  return raise_error(code, error);
}

static PyObject *make_strings(PyObject *module, PyObject *arguments) {
  PyObject *shape, *list;
  if (!PyArg_ParseTuple(arguments, "OO!", &shape, &PyList_Type, &list)) return NULL;
  int64_t extents[LARGEST_RANK];
  const Py_ssize_t rank = read_extents(shape, extents);
  if (rank < 0) return NULL;
  const Py_ssize_t count = PyList_Size(list);
  size_t product = 1;
  for (Py_ssize_t axis = 0; axis < rank; axis++) {
    if (extents[axis] < 0 || (extents[axis] && product > (size_t)PY_SSIZE_T_MAX / (size_t)extents[axis])) product = SIZE_MAX;
    else if (product != SIZE_MAX) product *= (size_t)extents[axis];
  }
  if (product != (size_t)count) {
    PyErr_SetString(PyExc_ValueError, "The number of texts is not that of the shape.");
    return NULL;
  }
  const char **texts = PyMem_Calloc((size_t)count + 1, sizeof *texts);
  size_t *lengths = PyMem_Calloc((size_t)count + 1, sizeof *lengths);
  PyObject *result = NULL;
  if (!texts || !lengths) {
    PyErr_NoMemory();
    goto done;
  }
  for (Py_ssize_t index = 0; index < count; index++) {
    Py_ssize_t length = 0;
    /* The list keeps the text, and the text its UTF-8. */
    texts[index] = PyUnicode_AsUTF8AndSize(PyList_GetItem(list, index), &length);
    if (!texts[index]) goto done;
    lengths[index] = (size_t)length;
  }
  onyx_value *value = NULL;
  onyx_error *error = NULL;
  const onyx_code code = onyx_tensor_strings((size_t)rank, extents, texts, lengths, &value, &error);
  result = code ? raise_error(code, error) : wrap_value(value);
done:
  PyMem_Free(texts);
  PyMem_Free(lengths);
  return result;
}

/* The value of an object that is one; NULL with an exception for another. */
static onyx_value *value_of(PyObject *object) {
  if (PyObject_TypeCheck(object, (PyTypeObject *)value_type)) return ((ValueObject *)object)->value;
  PyErr_SetString(PyExc_TypeError, "The object is no value.");
  return NULL;
}

static PyObject *make_sequence(PyObject *module, PyObject *arguments) {
  const char *type;
  PyObject *list;
  if (!PyArg_ParseTuple(arguments, "sO!", &type, &PyList_Type, &list)) return NULL;
  const Py_ssize_t count = PyList_Size(list);
  const onyx_value **values = PyMem_Calloc((size_t)count + 1, sizeof *values);
  if (!values) return PyErr_NoMemory();
  for (Py_ssize_t index = 0; index < count; index++) {
    values[index] = value_of(PyList_GetItem(list, index));
    if (!values[index]) {
      PyMem_Free(values);
      return NULL;
    }
  }
  onyx_value *value = NULL;
  onyx_error *error = NULL;
  const onyx_code code = onyx_sequence_make(type, values, (size_t)count, &value, &error);
  PyMem_Free(values);
  return code ? raise_error(code, error) : wrap_value(value);
}

static PyObject *make_optional(PyObject *module, PyObject *arguments) {
  const char *type;
  PyObject *content;
  if (!PyArg_ParseTuple(arguments, "sO", &type, &content)) return NULL;
  onyx_value *held = NULL;
  if (content != Py_None && !(held = value_of(content))) return NULL;
  onyx_value *value = NULL;
  onyx_error *error = NULL;
  const onyx_code code = onyx_optional_make(type, held, &value, &error);
  return code ? raise_error(code, error) : wrap_value(value);
}

static PyObject *make_map(PyObject *module, PyObject *arguments) {
  PyObject *keys, *values;
  if (!PyArg_ParseTuple(arguments, "OO", &keys, &values)) return NULL;
  onyx_value *first = value_of(keys), *second = first ? value_of(values) : NULL;
  if (!second) return NULL;
  onyx_value *value = NULL;
  onyx_error *error = NULL;
  const onyx_code code = onyx_map_make(first, second, &value, &error);
  return code ? raise_error(code, error) : wrap_value(value);
}

PyMethodDef value_functions[] = {
    {"tensor", make_tensor, METH_VARARGS, "tensor(element_type, shape, buffer): a tensor over the buffer's memory."},
    {"strings", make_strings, METH_VARARGS, "strings(shape, list): a tensor of strings."},
    {"sequence", make_sequence, METH_VARARGS, "sequence(type, list): a sequence of values of that type."},
    {"optional", make_optional, METH_VARARGS, "optional(type, value or None)."},
    {"map", make_map, METH_VARARGS, "map(keys, values), of tensors."},
    {NULL, NULL, 0, NULL}};
