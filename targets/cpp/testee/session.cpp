#include "lines.h"
void answerSession(Words &) { refuse("unsupported"); }
