/* Sessions and their runs. */
#include "objects.h"

static PyObject *session_type;
static PyObject *control_type;
static PyObject *control_name;

/* ---- Ends of runs ---- */

static PyObject *control_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
  ControlObject *self = (ControlObject *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (self) self->run = onyx_run_make();
  return (PyObject *)self;
}

static void control_dealloc(ControlObject *self) {
  PyTypeObject *type = Py_TYPE((PyObject *)self);
  onyx_run_release(self->run);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF((PyObject *)type);
}

static PyObject *control_cancel(ControlObject *self, PyObject *unused) {
  onyx_run_cancel(self->run);
  Py_RETURN_NONE;
}

static PyMethodDef control_methods[] = {
    {"cancel", (PyCFunction)control_cancel, METH_NOARGS, "Ends the runs that have this control."}, {NULL, NULL, 0, NULL}};
static PyType_Slot control_slots[] = {{Py_tp_new, control_new}, {Py_tp_dealloc, control_dealloc}, {Py_tp_methods, control_methods},
    {Py_tp_doc, "By what another thread ends runs."}, {0, NULL}};
static PyType_Spec control_spec = {"onyx._onyx.Control", sizeof(ControlObject), 0, Py_TPFLAGS_DEFAULT, control_slots};

/* ---- Opening ---- */

static PyObject *names_of(
    const onyx_session *session, size_t count, const onyx_port *(*port)(const onyx_session *session, size_t index)) {
  PyObject *names = PyTuple_New((Py_ssize_t)count);
  for (size_t index = 0; names && index < count; index++) {
    PyObject *name = PyUnicode_InternFromString(port(session, index)->name);
    if (name) PyTuple_SetItem(names, (Py_ssize_t)index, name);
    else Py_CLEAR(names);
  }
  return names;
}

bool read_options(PyObject *list, void *options, SetOption set) {
  for (Py_ssize_t index = 0; index < PyList_Size(list); index++) {
    const char *name, *value;
    if (!PyArg_ParseTuple(PyList_GetItem(list, index), "ss", &name, &value)) return false;
    onyx_error *error = NULL;
    const onyx_code code = set(options, name, value, &error);
    if (code) {
      raise_error(code, error);
      return false;
    }
  }
  return true;
}

static onyx_code set_session_option(void *options, const char *name, const char *value, onyx_error **error) {
  return onyx_options_set(options, name, value, error);
}

/* NULL with an exception. */
static onyx_options *session_options(PyObject *list) {
  onyx_options *options = onyx_options_make();
  if (read_options(list, options, set_session_option)) return options;
  onyx_options_release(options);
  return NULL;
}

static PyObject *keep_session(SessionObject *self, onyx_session *session) {
  const size_t count = onyx_session_input_count(session);
  PyObject *inputs = names_of(session, count, onyx_session_input);
  PyObject *outputs = names_of(session, onyx_session_output_count(session), onyx_session_output);
  const onyx_port **ports = PyMem_Calloc(count + 1, sizeof *ports);
  if (!inputs || !outputs || !ports || self->session || self->is_closed) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "The session was opened before, or there is no memory.");
    Py_XDECREF(inputs);
    Py_XDECREF(outputs);
    PyMem_Free(ports);
    onyx_session_release(session);
    return NULL;
  }
  for (size_t index = 0; index < count; index++) ports[index] = onyx_session_input(session, index);
  self->session = session;
  self->input_names = inputs;
  self->output_names = outputs;
  self->inputs = ports;
  self->fork_count = fork_count;
  Py_RETURN_NONE;
}

static PyObject *session_open_path(SessionObject *self, PyObject *arguments) {
  const char *path;
  PyObject *list;
  if (!PyArg_ParseTuple(arguments, "yO!", &path, &PyList_Type, &list)) return NULL;
  onyx_options *options = session_options(list);
  if (!options) return NULL;
  onyx_session *session = NULL;
  onyx_error *error = NULL;
  PyThreadState *state = begin_work();
  const onyx_code code = onyx_session_open(path, options, &session, &error);
  end_work(state);
  onyx_options_release(options);
  return code ? raise_error(code, error) : keep_session(self, session);
}

static PyObject *session_open_bytes(SessionObject *self, PyObject *arguments) {
  Py_buffer model;
  const char *folder;
  PyObject *list;
  if (!PyArg_ParseTuple(arguments, "y*zO!", &model, &folder, &PyList_Type, &list)) return NULL;
  onyx_options *options = session_options(list);
  if (!options) {
    PyBuffer_Release(&model);
    return NULL;
  }
  onyx_session *session = NULL;
  onyx_error *error = NULL;
  PyThreadState *state = begin_work();
  const onyx_code code = onyx_session_open_bytes(model.buf, (size_t)model.len, folder, options, &session, &error);
  end_work(state);
  onyx_options_release(options);
  PyBuffer_Release(&model);
  return code ? raise_error(code, error) : keep_session(self, session);
}

static void let_go(SessionObject *self) {
  if (!self->is_closed || self->run_count > 0 || !self->session) return;
  onyx_session_release(self->session);
  self->session = NULL;
}

static PyObject *session_close(SessionObject *self, PyObject *unused) {
  self->is_closed = true;
  let_go(self);
  Py_RETURN_NONE;
}

static void session_dealloc(SessionObject *self) {
  PyTypeObject *type = Py_TYPE((PyObject *)self);
  onyx_session_release(self->session);
  PyMem_Free(self->inputs);
  Py_XDECREF(self->input_names);
  Py_XDECREF(self->output_names);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF((PyObject *)type);
}

/* Whether the session can be asked; raises otherwise. */
static bool is_open(SessionObject *self) {
  if (self->session && !self->is_closed) {
    if (self->fork_count != fork_count) {
      onyx_session_restart_threads(self->session);
      self->fork_count = fork_count;
    }
    return true;
  }
  PyErr_SetString(PyExc_ValueError, "The session is closed.");
  return false;
}

/* ---- What a run gives ---- */

static bool refuse(onyx_code code, PyObject *message) {
  PyObject *exception = message ? PyObject_CallFunction(configuration.to_exception, "iO", (int)code, message) : NULL;
  Py_XDECREF(message);
  if (exception) PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_XDECREF(exception);
  return false;
}

/* The place of a name in a tuple of interned names; -1 where it is not. */
static Py_ssize_t place_of(PyObject *names, PyObject *name) {
  const Py_ssize_t count = PyTuple_Size(names);
  for (Py_ssize_t index = 0; index < count; index++) {
    if (PyTuple_GetItem(names, index) == name) return index;
  }
  for (Py_ssize_t index = 0; index < count && PyUnicode_Check(name); index++) {
    if (PyUnicode_Compare(PyTuple_GetItem(names, index), name) == 0) return index;
  }
  return -1;
}

/* The results of `values`, which are given up, in the order of `names`: outputs, all for None. */
static PyObject *list_of_outputs(SessionObject *self, onyx_value **values, PyObject *names) {
  const Py_ssize_t count = PyTuple_Size(self->output_names);
  const Py_ssize_t asked = names ? PySequence_Size(names) : count;
  PyObject *list = PyList_New(asked);
  for (Py_ssize_t index = 0; list && index < asked; index++) {
    Py_ssize_t place = index;
    PyObject *object = NULL;
    if (names) {
      PyObject *name = PySequence_GetItem(names, index);
      place = name ? place_of(self->output_names, name) : -1;
      Py_XDECREF(name);
    }
    if (place >= 0 && values[place]) {
      object = object_of_value(values[place]);
      values[place] = NULL;
    } else if (place >= 0) {
      /* A name that was asked for twice: the same object. */
      for (Py_ssize_t earlier = 0; !object && earlier < index; earlier++) {
        PyObject *name = PySequence_GetItem(names, earlier);
        if (name && place_of(self->output_names, name) == place) object = Py_NewRef(PyList_GetItem(list, earlier));
        Py_XDECREF(name);
      }
    }
    if (object) PyList_SetItem(list, index, object);
    else Py_CLEAR(list);
  }
  for (Py_ssize_t index = 0; index < count; index++) onyx_value_release(values[index]);
  return list;
}

/* None and an empty list stand for all outputs: then NULL is stored. Raises for a name that no output has. */
static bool read_output_names(SessionObject *self, PyObject **names) {
  if (*names == Py_None) *names = NULL;
  if (!*names) return true;
  if (PyUnicode_Check(*names) || !PySequence_Check(*names)) {
    PyErr_SetString(PyExc_TypeError, "output_names is a list of names, or None for all outputs.");
    return false;
  }
  const Py_ssize_t count = PySequence_Size(*names);
  if (count < 0) return false;
  if (count == 0) *names = NULL;
  for (Py_ssize_t index = 0; index < count; index++) {
    PyObject *name = PySequence_GetItem(*names, index);
    if (!name) return false;
    const bool is_known = place_of(self->output_names, name) >= 0;
    PyObject *message = is_known ? NULL
                                 : PyUnicode_FromFormat("Invalid output name: %S. The outputs are %S; fetch=... gives what lies inside.",
                                       name, self->output_names);
    Py_DECREF(name);
    if (!is_known) return refuse(ONYX_USAGE, message);
  }
  return true;
}

/* The control that RunOptions hold; false with an exception for another object. */
static bool read_control(PyObject *options, PyObject **control) {
  *control = NULL;
  if (!options || options == Py_None) return true;
  *control = PyObject_GetAttr(options, control_name);
  if (!*control) return false;
  if (PyObject_TypeCheck(*control, (PyTypeObject *)control_type)) return true;
  PyErr_SetString(PyExc_TypeError, "run_options are no RunOptions.");
  Py_CLEAR(*control);
  return false;
}

/*
 * Runs and stores objects of the library at `results`, which has a place for each name, or for each output without names. The session is
 * kept by `run_count`.
 */
static onyx_code perform(SessionObject *self, const Feed *feed, PyObject *control, const char *const *names, size_t count,
    onyx_value **results, onyx_error **error) {
  onyx_run *run = control ? ((ControlObject *)control)->run : NULL;
  onyx_session *session = self->session;
  PyThreadState *state = begin_work();
  const onyx_code code = names ? onyx_session_fetch(session, feed->values, names, count, results, run, error)
                               : onyx_session_run(session, feed->values, results, run, error);
  end_work(state);
  return code;
}

static PyObject *run_for_outputs(SessionObject *self, PyObject *names, PyObject *given, PyObject *control) {
  const Py_ssize_t count = PyTuple_Size(self->output_names);
  onyx_value *few[FEW] = {NULL};
  onyx_value **results = count <= FEW ? few : PyMem_Calloc((size_t)count, sizeof *results);
  if (!results) return PyErr_NoMemory();
  PyObject *list = NULL;
  Feed feed;
  if (fill_feed(self, given, &feed)) {
    onyx_error *error = NULL;
    const onyx_code code = perform(self, &feed, control, NULL, 0, results, &error);
    release_feed(&feed);
    list = code ? raise_error(code, error) : list_of_outputs(self, results, names);
  }
  if (results != few) PyMem_Free(results);
  return list;
}

/* The outputs of `names`, and behind them the values of `fetched`, a tuple. */
static PyObject *run_and_fetch(SessionObject *self, PyObject *names, PyObject *given, PyObject *control, PyObject *fetched) {
  PyObject *first = PySequence_List(names ? names : self->output_names);
  PyObject *all = first ? PySequence_InPlaceConcat(first, fetched) : NULL;
  Py_XDECREF(first);
  if (!all) return NULL;
  const Py_ssize_t count = PyList_Size(all);
  const char **texts = PyMem_Calloc((size_t)count + 1, sizeof *texts);
  onyx_value **results = PyMem_Calloc((size_t)count + 1, sizeof *results);
  PyObject *list = NULL;
  bool is_read = texts && results;
  if (!is_read) PyErr_NoMemory();
  for (Py_ssize_t index = 0; is_read && index < count; index++) {
    texts[index] = PyUnicode_AsUTF8AndSize(PyList_GetItem(all, index), NULL);
    is_read = texts[index] != NULL;
  }
  Feed feed;
  if (is_read && fill_feed(self, given, &feed)) {
    onyx_error *error = NULL;
    const onyx_code code = perform(self, &feed, control, texts, (size_t)count, results, &error);
    release_feed(&feed);
    list = code ? raise_error(code, error) : PyList_New(count);
    for (Py_ssize_t index = 0; !code && index < count; index++) {
      PyObject *object = list ? object_of_value(results[index]) : NULL;
      if (!list) onyx_value_release(results[index]);
      else if (object) PyList_SetItem(list, index, object);
      else Py_CLEAR(list);
    }
  }
  PyMem_Free(texts);
  PyMem_Free(results);
  Py_DECREF(all);
  return list;
}

static PyObject *session_run(SessionObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords) {
  static const char *const known[] = {"output_names", "input_feed", "run_options", "fetch"};
  PyObject *given[4] = {NULL, NULL, NULL, NULL};
  if (count > 3) {
    PyErr_SetString(PyExc_TypeError, "run() takes output_names, input_feed and run_options by position.");
    return NULL;
  }
  for (Py_ssize_t index = 0; index < count; index++) given[index] = arguments[index];
  const Py_ssize_t named = keywords ? PyTuple_Size(keywords) : 0;
  for (Py_ssize_t index = 0; index < named; index++) {
    PyObject *name = PyTuple_GetItem(keywords, index);
    size_t place = 0;
    while (place < 4 && PyUnicode_CompareWithASCIIString(name, known[place])) place++;
    if (place == 4 || given[place]) {
      PyErr_Format(PyExc_TypeError, place == 4 ? "run() has no argument '%S'." : "run() was given '%S' twice.", name);
      return NULL;
    }
    given[place] = arguments[count + index];
  }
  PyObject *names = given[0] ? given[0] : Py_None, *control = NULL, *result = NULL;
  if (!is_open(self) || !read_output_names(self, &names) || !read_control(given[2], &control)) return NULL;
  PyObject *feed = given[1] ? given[1] : Py_None;
  /* What is called meanwhile may close the session. */
  self->run_count++;
  if (!given[3] || given[3] == Py_None) {
    result = run_for_outputs(self, names, feed, control);
  } else {
    PyObject *fetched = PyUnicode_Check(given[3]) ? PyTuple_Pack(1, given[3]) : PySequence_Tuple(given[3]);
    result = fetched ? run_and_fetch(self, names, feed, control, fetched) : NULL;
    Py_XDECREF(fetched);
  }
  self->run_count--;
  let_go(self);
  Py_XDECREF(control);
  return result;
}

/* ---- What a session says ---- */

static PyObject *text_of(onyx_code code, onyx_error *error, char *text) {
  if (code) return raise_error(code, error);
  PyObject *string = PyUnicode_FromString(text);
  onyx_text_release(text);
  return string;
}

static PyObject *session_attention(SessionObject *self, PyObject *given) {
  if (!is_open(self)) return NULL;
  PyObject *result = NULL;
  Feed feed;
  self->run_count++;
  if (fill_feed(self, given, &feed)) {
    char *text = NULL;
    onyx_error *error = NULL;
    const onyx_code code = onyx_session_attention(self->session, feed.values, &text, &error);
    release_feed(&feed);
    result = text_of(code, error, text);
  }
  self->run_count--;
  let_go(self);
  return result;
}

static PyObject *session_report(SessionObject *self, PyObject *argument) {
  const char *kind = PyUnicode_AsUTF8AndSize(argument, NULL);
  if (!kind || !is_open(self)) return NULL;
  char *text = NULL;
  onyx_error *error = NULL;
  const onyx_code code = onyx_session_report(self->session, kind, &text, &error);
  return text_of(code, error, text);
}

static PyObject *session_images(SessionObject *self, PyObject *arguments) {
  Py_ssize_t input;
  PyObject *list, *choices;
  if (!PyArg_ParseTuple(arguments, "nO!O!", &input, &PyList_Type, &list, &PyList_Type, &choices) || !is_open(self)) return NULL;
  self->run_count++;
  PyObject *result = images_of(self->session, (size_t)input, list, choices);
  self->run_count--;
  let_go(self);
  return result;
}

/* (name, type, kind, element type, shape or None, whether it can be left out). */
static PyObject *describe(const onyx_port *port) {
  PyObject *shape = port->rank < 0 ? Py_NewRef(Py_None) : PyList_New(port->rank);
  for (int32_t axis = 0; shape && axis < port->rank; axis++) {
    PyObject *extent = port->extents[axis] >= 0 ? PyLong_FromLongLong(port->extents[axis])
                       : port->dimensions[axis] ? PyUnicode_FromString(port->dimensions[axis])
                                                : Py_NewRef(Py_None);
    if (extent) PyList_SetItem(shape, axis, extent);
    else Py_CLEAR(shape);
  }
  if (!shape) return NULL;
  return Py_BuildValue("(ssiiNO)", port->name, port->type, (int)port->kind, (int)port->element_type, shape,
      port->is_optional ? Py_True : Py_False);
}

static PyObject *session_ports(SessionObject *self, PyObject *argument) {
  if (!is_open(self)) return NULL;
  const bool is_input = PyObject_IsTrue(argument) == 1;
  const Py_ssize_t count = PyTuple_Size(is_input ? self->input_names : self->output_names);
  PyObject *list = PyList_New(count);
  for (Py_ssize_t index = 0; list && index < count; index++) {
    PyObject *port = describe((is_input ? onyx_session_input : onyx_session_output)(self->session, (size_t)index));
    if (port) PyList_SetItem(list, index, port);
    else Py_CLEAR(list);
  }
  return list;
}

static PyObject *session_threads(SessionObject *self, void *closure) {
  return is_open(self) ? PyLong_FromLong(onyx_session_thread_count(self->session)) : NULL;
}

static PyObject *session_is_closed(SessionObject *self, void *closure) {
  return PyBool_FromLong(self->is_closed || !self->session);
}

static PyMethodDef session_methods[] = {
    {"_open_path", (PyCFunction)session_open_path, METH_VARARGS, "_open_path(path, options)"},
    {"_open_bytes", (PyCFunction)session_open_bytes, METH_VARARGS, "_open_bytes(model, directory or None, options)"},
    {"run", (PyCFunction)(void (*)(void))session_run, METH_FASTCALL | METH_KEYWORDS,
        "run(output_names, input_feed, run_options=None, *, fetch=None)\n--\n\n"
        "Runs the model and returns a list of its outputs.\n\n"
        "output_names: the outputs to return, None for all.\n"
        "input_feed: a value for each input by its name: arrays are read where they are; lists, other numbers, strings, sequences and\n"
        "    maps are converted.\n"
        "run_options: RunOptions, by which another thread can end the run.\n"
        "fetch: names of other values of the graph; they stand behind the outputs.\n\n"
        "The interpreter's lock is released while the model runs. Arrays that are returned are the caller's."},
    {"close", (PyCFunction)session_close, METH_NOARGS, "close()\n--\n\nGives the memory of the session back when no run of it goes on."},
    {"_attention", (PyCFunction)session_attention, METH_O, "JSON of the attention blocks for a feed."},
    {"_images", (PyCFunction)session_images, METH_VARARGS, "_images(index, paths, options): image files as an array for an input."},
    {"_report", (PyCFunction)session_report, METH_O, "A report of the model of the session."},
    {"_ports", (PyCFunction)session_ports, METH_O, "Its inputs, or its outputs."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef session_properties[] = {
    {"thread_count", (getter)session_threads, NULL, "Threads of one run, the caller's included.", NULL},
    {"closed", (getter)session_is_closed, NULL, "Whether the session was closed.", NULL}, {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot session_slots[] = {{Py_tp_dealloc, session_dealloc}, {Py_tp_methods, session_methods},
    {Py_tp_getset, session_properties}, {Py_tp_doc, "What InferenceSession is made of."}, {0, NULL}};
static PyType_Spec session_spec = {
    "onyx._onyx.Session", sizeof(SessionObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, session_slots};

bool add_session_types(PyObject *module) {
  control_name = PyUnicode_InternFromString("_control");
  session_type = PyType_FromSpec(&session_spec);
  control_type = PyType_FromSpec(&control_spec);
  return control_name && session_type && control_type && PyModule_AddObjectRef(module, "Session", session_type) == 0 &&
         PyModule_AddObjectRef(module, "Control", control_type) == 0;
}

/* ---- Models that are not opened ---- */

static PyObject *report_path(PyObject *module, PyObject *arguments) {
  const char *path, *kind;
  if (!PyArg_ParseTuple(arguments, "ys", &path, &kind)) return NULL;
  char *text = NULL;
  onyx_error *error = NULL;
  PyThreadState *state = begin_work();
  const onyx_code code = onyx_model_report(path, kind, &text, &error);
  end_work(state);
  return text_of(code, error, text);
}

static PyObject *report_bytes(PyObject *module, PyObject *arguments) {
  Py_buffer model;
  const char *folder, *kind;
  if (!PyArg_ParseTuple(arguments, "y*zs", &model, &folder, &kind)) return NULL;
  char *text = NULL;
  onyx_error *error = NULL;
  PyThreadState *state = begin_work();
  const onyx_code code = onyx_model_report_bytes(model.buf, (size_t)model.len, folder, kind, &text, &error);
  end_work(state);
  PyBuffer_Release(&model);
  return text_of(code, error, text);
}

PyMethodDef session_functions[] = {
    {"report_path", report_path, METH_VARARGS, "report_path(path, kind)"},
    {"report_bytes", report_bytes, METH_VARARGS, "report_bytes(model, directory or None, kind)"}, {NULL, NULL, 0, NULL}};
