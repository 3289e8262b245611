/* What the native engine hosts share: they load one bundle, then answer each line of stdin with what the bundle's global
   `testee(line)` gives. The engine itself is behind the two functions a host defines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs the bundle; prints the error and exits where it fails. */
static void load(const char *name, const char *source, size_t length);
/* The answer stays valid until the next call. */
static const char *answer(const char *line);

static char *read_all(const char *name, size_t *length) {
  FILE *file = fopen(name, "rb");
  if (!file) {
    perror(name);
    exit(1);
  }
  size_t room = 1 << 16;
  char *text = malloc(room);
  *length = 0;
  for (size_t got; (got = fread(text + *length, 1, room - *length - 1, file)) > 0;) {
    *length += got;
    if (*length + 1 == room) text = realloc(text, room *= 2);
  }
  text[*length] = 0;
  fclose(file);
  return text;
}

static int host(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s <bundle>\n", argv[0]);
    return 2;
  }
  size_t length;
  char *source = read_all(argv[1], &length);
  load(argv[1], source, length);
  free(source);
  char *line = NULL;
  size_t room = 0;
  for (ssize_t got; (got = getline(&line, &room, stdin)) > 0;) {
    if (line[got - 1] == '\n') line[got - 1] = 0;
    const char *text = answer(line);
    size_t size = strlen(text);
    fwrite(text, 1, size, stdout);
    if (size == 0 || text[size - 1] != '\n') putchar('\n');
    fflush(stdout);
  }
  return 0;
}
