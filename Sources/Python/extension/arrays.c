/* Arrays of NumPy's, by its functions: its buffers cost more than a small run. */
#include "objects.h"

/* Its table of functions is that of any NumPy from 1.24 on. */
#define NPY_NO_DEPRECATED_API NPY_1_24_API_VERSION
#define NPY_TARGET_VERSION NPY_1_24_API_VERSION
#include <numpy/arrayobject.h>

bool add_arrays(void) {
  import_array1(false);
  return true;
}

/* The numbers of TensorProto.DataType for those of NumPy; 0 for what the buffer or the Python side has to look at. */
static int32_t element_type_of(int type) {
  switch (type) {
  case NPY_FLOAT: return 1;
  case NPY_UBYTE: return 2;
  case NPY_BYTE: return 3;
  case NPY_USHORT: return 4;
  case NPY_SHORT: return 5;
  case NPY_INT: return 6;
  case NPY_LONGLONG: return 7;
  case NPY_BOOL: return 9;
  case NPY_HALF: return 10;
  case NPY_DOUBLE: return 11;
  case NPY_UINT: return 12;
  case NPY_ULONGLONG: return 13;
  case NPY_CFLOAT: return 14;
  case NPY_CDOUBLE: return 15;
  case NPY_LONG: return sizeof(long) == 8 ? 7 : 6;
  case NPY_ULONG: return sizeof(long) == 8 ? 13 : 12;
  default: return 0;
  }
}

onyx_value *borrow_array(PyObject *object, int32_t element_type) {
  if (!PyArray_Check(object)) return NULL;
  PyArrayObject *array = (PyArrayObject *)object;
  if (element_type_of(PyArray_TYPE(array)) != element_type || !PyArray_ISCARRAY_RO(array)) return NULL;
  _Static_assert(sizeof(npy_intp) == sizeof(int64_t), "extents are read as those of an array");
  onyx_value *value = NULL;
  onyx_tensor_borrow(element_type, (size_t)PyArray_NDIM(array), (const int64_t *)PyArray_DIMS(array), PyArray_DATA(array),
      (size_t)PyArray_NBYTES(array), &value, NULL);
  return value;
}

PyObject *array_over_memory(PyObject *owner, PyObject *type, const onyx_value *value, bool is_read_only) {
  void *memory = (void *)onyx_value_bytes(value);
  /* Both take over a reference. */
  PyObject *array = PyArray_NewFromDescr(&PyArray_Type, (PyArray_Descr *)Py_NewRef(type), (int)onyx_value_rank(value),
      (const npy_intp *)onyx_value_extents(value), NULL, memory, is_read_only ? NPY_ARRAY_CARRAY_RO : NPY_ARRAY_CARRAY, NULL);
  if (!array || !memory) return array;
  if (PyArray_SetBaseObject((PyArrayObject *)array, Py_NewRef(owner))) Py_CLEAR(array);
  return array;
}
