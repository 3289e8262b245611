/* Runs a testee bundle on Duktape (Debian's duktape-dev). */
#define _GNU_SOURCE
#include <duktape.h>
#include "host.h"

static duk_context *context;

static void fail(void) {
  duk_get_prop_string(context, -1, "stack");
  fprintf(stderr, "%s\n", duk_safe_to_string(context, -1));
  exit(1);
}

static void load(const char *name, const char *source, size_t length) {
  context = duk_create_heap_default();
  duk_push_string(context, name);
  if (duk_pcompile_lstring_filename(context, 0, source, length) || duk_pcall(context, 0)) fail();
  duk_pop(context);
}

static const char *answer(const char *line) {
  duk_set_top(context, 0);
  duk_get_global_string(context, "testee");
  duk_push_string(context, line);
  if (duk_pcall(context, 1)) fail();
  return duk_require_string(context, -1);
}

int main(int argc, char **argv) { return host(argc, argv); }
