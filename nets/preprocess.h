#pragma once
#include "../nets/include/hdecomp/preprocess.h"
