// The session of the profile that is built: full, or what the define UMQTT_STD or UMQTT_TINY picks. The same for every source file.
#pragma once

#if defined(UMQTT_TINY)
#define UMQTT_SESSION_tiny
#include "tiny/session.h"
#elif defined(UMQTT_STD)
#define UMQTT_SESSION_std
#include "std/session.h"
#else
#define UMQTT_SESSION_full
#include "full/session.h"
#endif
