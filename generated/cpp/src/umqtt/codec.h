// The codec of the profile that is built.
#pragma once

#ifdef UMQTT_TINY
#include "tiny/codec.h"
#else
#include "full/codec.h"
#endif
