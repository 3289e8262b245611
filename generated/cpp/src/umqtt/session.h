// The session of the profile that is built: full, or what the define UMQTT_STD or UMQTT_TINY picks. The same for every source file.
#pragma once

#if defined(UMQTT_TINY)
#include "tiny/session.h"
#elif defined(UMQTT_STD)
#include "std/session.h"
#else
#include "full/session.h"
#endif
