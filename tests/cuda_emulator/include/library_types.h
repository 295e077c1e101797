/// The emulator's stand-in for the element types that CUDA's libraries share.
#pragma once

enum cudaDataType { CUDA_R_32F = 0, CUDA_R_16F = 2, CUDA_R_16BF = 14 };
using cudaDataType_t = cudaDataType;
