/// Marks the symbols that libhdecomp offers to programs; everything else stays hidden.
#pragma once

#define HDECOMP_API __attribute__((visibility("default")))
