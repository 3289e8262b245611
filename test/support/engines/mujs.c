/* Runs a testee bundle on MuJS (Debian's libmujs-dev). MuJS has no typed arrays, so the host brings the part of
   Uint8Array that embedded engines share: construction, length, elements, set and a subarray that shares the bytes. */
#define _GNU_SOURCE
#include <mujs.h>
#include <stdint.h>
#include "host.h"

#define TAG "Uint8Array"

typedef struct {
  int refs;
  uint8_t bytes[];
} Buffer;

typedef struct {
  Buffer *buffer;
  uint8_t *bytes;
  int length;
} View;

static js_State *state;

/* The element a property name stands for, or -1. */
static int element(const View *view, const char *name) {
  if (name[0] < '0' || name[0] > '9') return -1;
  char *end;
  long index = strtol(name, &end, 10);
  return *end == 0 && index < view->length ? (int)index : -1;
}

static int has(js_State *J, void *data, const char *name) {
  View *view = data;
  int index = element(view, name);
  if (index >= 0) js_pushnumber(J, view->bytes[index]);
  else if (strcmp(name, "length") == 0) js_pushnumber(J, view->length);
  else return 0;
  return 1;
}

/* Elements beyond the end are ignored, as a typed array does. */
static int put(js_State *J, void *data, const char *name) {
  View *view = data;
  int index = element(view, name);
  if (index >= 0) view->bytes[index] = (uint8_t)js_toint32(J, -1);
  return index >= 0 || (name[0] >= '0' && name[0] <= '9') || strcmp(name, "length") == 0;
}

static void finalize(js_State *J, void *data) {
  (void)J;
  View *view = data;
  if (--view->buffer->refs == 0) free(view->buffer);
  free(view);
}

static void push_view(js_State *J, Buffer *buffer, uint8_t *bytes, int length) {
  View *view = malloc(sizeof *view);
  buffer->refs++;
  *view = (View){buffer, bytes, length};
  js_getglobal(J, TAG);
  js_getproperty(J, -1, "prototype");
  js_newuserdatax(J, TAG, view, has, put, NULL, finalize);
  js_replace(J, -2);
}

/* Copies an array, or anything with a length, into `to`. */
static void copy(js_State *J, int source, uint8_t *to, int length) {
  if (js_isuserdata(J, source, TAG)) {
    View *from = js_touserdata(J, source, TAG);
    memmove(to, from->bytes, (size_t)length);
    return;
  }
  for (int i = 0; i < length; i++) {
    js_getindex(J, source, i);
    to[i] = (uint8_t)js_toint32(J, -1);
    js_pop(J, 1);
  }
}

static int length_of(js_State *J, int source) {
  return js_isuserdata(J, source, TAG) ? ((View *)js_touserdata(J, source, TAG))->length : js_getlength(J, source);
}

static void construct(js_State *J) {
  int array = js_isobject(J, 1);
  int length = array ? length_of(J, 1) : js_tointeger(J, 1);
  if (length < 0) js_rangeerror(J, "invalid length");
  Buffer *buffer = calloc(1, sizeof *buffer + (size_t)length);
  push_view(J, buffer, buffer->bytes, length);
  if (array) copy(J, 1, buffer->bytes, length);
}

static void call(js_State *J) { js_typeerror(J, "Uint8Array needs new"); }

static void set(js_State *J) {
  View *view = js_touserdata(J, 0, TAG);
  int length = length_of(J, 1);
  int offset = js_isdefined(J, 2) ? js_tointeger(J, 2) : 0;
  if (offset < 0 || length > view->length - offset) js_rangeerror(J, "source is too large");
  copy(J, 1, view->bytes + offset, length);
  js_pushundefined(J);
}

static int clamp(js_State *J, int argument, int otherwise, int length) {
  int index = js_isdefined(J, argument) ? js_tointeger(J, argument) : otherwise;
  if (index < 0) index += length;
  return index < 0 ? 0 : index > length ? length : index;
}

static void subarray(js_State *J) {
  View *view = js_touserdata(J, 0, TAG);
  int begin = clamp(J, 1, 0, view->length);
  int end = clamp(J, 2, view->length, view->length);
  push_view(J, view->buffer, view->bytes + begin, end > begin ? end - begin : 0);
}

static void define(js_State *J) {
  js_newobject(J);
  js_newcfunction(J, set, "set", 2);
  js_defproperty(J, -2, "set", JS_DONTENUM);
  js_newcfunction(J, subarray, "subarray", 2);
  js_defproperty(J, -2, "subarray", JS_DONTENUM);
  js_newcconstructor(J, call, construct, TAG, 1);
  js_defglobal(J, TAG, JS_DONTENUM);
}

static void fail(void) {
  js_getproperty(state, -1, "stackTrace");
  fprintf(stderr, "%s%s\n", js_trystring(state, -2, "error"), js_trystring(state, -1, ""));
  exit(1);
}

static void load(const char *name, const char *source, size_t length) {
  (void)length;
  state = js_newstate(NULL, NULL, 0);
  define(state);
  if (js_ploadstring(state, name, source)) fail();
  js_pushundefined(state);
  if (js_pcall(state, 0)) fail();
  js_pop(state, 1);
}

static const char *answer(const char *line) {
  js_pop(state, js_gettop(state));
  js_getglobal(state, "testee");
  js_pushundefined(state);
  js_pushstring(state, line);
  if (js_pcall(state, 1)) fail();
  return js_tostring(state, -1);
}

int main(int argc, char **argv) { return host(argc, argv); }
