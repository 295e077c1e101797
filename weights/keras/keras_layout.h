/// Keras's ways to ours: tensor layouts, older layer names, the "caffe" preprocessing.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/preprocess.h"
#include "nets/graph.h"
#include "weights/file/tensor_file.h"

namespace hdecomp {

/// Keras keeps convolutions as (k, k, in, out) and dense layers as (in, out).
std::vector<int64_t> keras_to_native_dims(const std::vector<int64_t>& dims);
std::vector<int64_t> native_to_keras_dims(const std::vector<int64_t>& dims);

/// (k, k, in, out) to (out, in, k, k).
Tensor native_kernel(const Tensor& kernel);

/// (in, out) to (out, in). Keras flattens a map as (h, w, c), we as (c, h, w): `input` is the map's
/// shape.
Tensor native_dense(const Tensor& kernel, const FeatureShape& input);

/// Renames the layers of the ResNet50 files from before 2019 (res2a_branch2a, bn2a_branch2a,
/// fc1000) to today's (conv2_block1_1_conv, conv2_block1_1_bn, predictions). Returns the batch
/// norms' epsilon, which changed with the names: 1e-3 then, 1.001e-5 now.
/// Throws UserError that begins with `path` if two tensors get one name.
double modernise_keras_names(TensorFile& file, const std::string& path);

/// Gives layers that have no names ("conv2d_3", "batch_normalization", as files of Keras 3 may)
/// those of the VGG or ResNet that has as many convolutions and batch norms, in Keras's order of
/// layers. Does nothing where none has. Throws UserError as modernise_keras_names() does.
void name_by_order(TensorFile& file, const std::string& path);

/// Keras's "caffe" mode in our terms: value - mean over 0..255 is (value / 255 - mean / 255) / (1 /
/// 255).
Preprocess keras_preprocess();

}  // namespace hdecomp
