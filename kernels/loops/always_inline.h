/// Of functions that become part of those that call them, compiled for the same processor.
#pragma once

#define HDECOMP_ALWAYS_INLINE inline __attribute__((always_inline))
