/* The trees of a class added up, out of the results of class-graph. */
#ifndef HDECOMP_C_GRAPHS_H
#define HDECOMP_C_GRAPHS_H

#include "hdecomp/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A graph for each class that has a tree, the one of most trees first. `share`: of each level the
 * strongest edges that hold this share of its weight; 0 or 1: all. */
HDECOMP_C_API hdecomp_status hdecomp_results_graphs(const hdecomp_results* results, double share,
                                                    hdecomp_graphs** graphs);
HDECOMP_C_API int64_t hdecomp_graphs_count(const hdecomp_graphs* graphs);

typedef struct hdecomp_graph {
  size_t struct_size;
  int64_t class_index, trees, levels;
} hdecomp_graph;
HDECOMP_C_API hdecomp_status hdecomp_graphs_get(const hdecomp_graphs* graphs, int64_t i,
                                                hdecomp_graph* graph);

typedef struct hdecomp_graph_level {
  size_t struct_size;
  const char* layer;
  double reach; /* the mean share of the class's evidence that reaches the level */
  double held;  /* the share of it that the edges here hold */
  int64_t nodes, edges;
} hdecomp_graph_level;
HDECOMP_C_API hdecomp_status hdecomp_graphs_level(const hdecomp_graphs* graphs, int64_t i,
                                                  int64_t level, hdecomp_graph_level* found);

/* Means are over all trees of the class; the largest weight is the first. */
typedef struct hdecomp_graph_node {
  size_t struct_size;
  int64_t channel;
  int64_t trees; /* that have it on this level */
  double weight; /* of its edges from above */
} hdecomp_graph_node;
HDECOMP_C_API hdecomp_status hdecomp_graphs_node(const hdecomp_graphs* graphs, int64_t i,
                                                 int64_t level, int64_t k,
                                                 hdecomp_graph_node* node);

typedef struct hdecomp_graph_edge {
  size_t struct_size;
  int64_t above; /* a channel of the level above; of the first level the class */
  int64_t below, trees;
  double weight;
} hdecomp_graph_edge;
HDECOMP_C_API hdecomp_status hdecomp_graphs_edge(const hdecomp_graphs* graphs, int64_t i,
                                                 int64_t level, int64_t k,
                                                 hdecomp_graph_edge* edge);
HDECOMP_C_API void hdecomp_graphs_free(hdecomp_graphs* graphs);

#ifdef __cplusplus
}
#endif

#endif
