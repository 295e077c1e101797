/* c_api_test: experiments over folders and paths, their results, class graphs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

static char output[4096];

/* The table NAME.extension beside both results files. */
static void check_table(const hdecomp_results* results, const char* told, const char* folder,
                        const char* extension) {
  char expected[4096], own[4096], name[256];
  hdecomp_text* text = NULL;
  FILE* file = NULL;
  snprintf(name, sizeof name, "told/%s%s", told, extension);
  path_in(expected, folder, name);
  snprintf(name, sizeof name, "own%s", extension);
  CHECK(have_same_bytes(expected, path_in(own, folder, name)));
  CHECK(hdecomp_results_table(results, extension, NULL, &text) == HDECOMP_OK);
  file = fopen(own, "wb");
  if (file == NULL) exit(3);
  fputs(hdecomp_text_get(text), file);
  fclose(file);
  CHECK(have_same_bytes(expected, own));
  hdecomp_text_free(text);
  remove(own);
}

/* The tables that the command wrote beside its results file. */
static void check_tables(const hdecomp_results* results, const char* told, const char* folder) {
  hdecomp_table_options options = {.struct_size = sizeof options, .share = 0.5};
  hdecomp_text *half = NULL, *whole = NULL, *none = NULL;
  const int is_graph = strcmp(told, "class-graph") == 0;
  CHECK(hdecomp_results_write_tables(results, NULL) == HDECOMP_OK);
  check_table(results, told, folder, ".csv");
  check_table(results, told, folder, ".md");
  if (strcmp(told, "attack") == 0) check_table(results, told, folder, ".channels.csv");
  if (strcmp(told, "context") == 0) check_table(results, told, folder, ".labels.csv");
  CHECK_ERROR(hdecomp_results_table(results, ".txt", NULL, &none), HDECOMP_WRONG, ".csv, .md");
  if (!is_graph) return;
  check_table(results, told, folder, ".edges.csv");
  CHECK(hdecomp_results_table(results, ".csv", &options, &half) == HDECOMP_OK);
  options.share = 1;
  CHECK(hdecomp_results_table(results, ".csv", &options, &whole) == HDECOMP_OK);
  CHECK(strcmp(hdecomp_text_get(half), hdecomp_text_get(whole)) != 0);
  hdecomp_text_free(half);
  hdecomp_text_free(whole);
  options.share = 2;
  CHECK_ERROR(hdecomp_results_table(results, ".csv", &options, &none), HDECOMP_WRONG, "share 2");
  CHECK(none == NULL);
}

/* The page of context beside what the command wrote. */
static void check_page(const hdecomp_results* results, const char* folder) {
  char expected[4096], own[4096];
  hdecomp_text* page = NULL;
  CHECK(hdecomp_results_write_page(results, NULL) == HDECOMP_OK);
  path_in(expected, folder, "told/context.html");
  CHECK(are_same_pages(expected, path_in(own, folder, "own.html")));
  CHECK(hdecomp_results_page(results, NULL, &page) == HDECOMP_OK);
  CHECK(strstr(hdecomp_text_get(page), "What maps lie on") != NULL);
  hdecomp_text_free(page);
  remove(own);
}

/* The folder of class-graph as the command wrote it. */
static void check_graph_folder(const hdecomp_results* results, const char* folder) {
  static const char* const names[] = {"graphs.html", "36.png"};
  char expected[4096], own[4096], name[256];
  hdecomp_bytes *png = NULL, *none = NULL;
  size_t i;
  CHECK(hdecomp_results_write_graphs(results, path_in(own, folder, "own-graphs"), NULL) ==
        HDECOMP_OK);
  for (i = 0; i < 2; ++i) {
    snprintf(name, sizeof name, "told/graphs/%s", names[i]);
    path_in(expected, folder, name);
    snprintf(name, sizeof name, "own-graphs/%s", names[i]);
    path_in(own, folder, name);
    CHECK(i == 0 ? are_same_pages(expected, own) : are_same(expected, own));
  }
  CHECK(hdecomp_results_graph_picture(results, 36, NULL, &png) == HDECOMP_OK);
  CHECK(memcmp(hdecomp_bytes_get(png), "\x89PNG", 4) == 0 && hdecomp_bytes_size(png) > 1000);
  hdecomp_bytes_free(png);
  CHECK_ERROR(hdecomp_results_graph_picture(results, 99, NULL, &none), HDECOMP_WRONG,
              "none of the images has a tree of class 99");
  CHECK(none == NULL);
}

/* Runs an experiment over the folder's photographs: the file is the one that the command wrote. */
static hdecomp_results* measured(const char* kind, const char* told, const char* model,
                                 const char* folder, hdecomp_experiment_options options) {
  hdecomp_results* results = NULL;
  char photos[4096], expected[4096], name[256];
  snprintf(name, sizeof name, "told/%s.h5", told);
  path_in(photos, folder, "photos");
  path_in(expected, folder, name);
  options.struct_size = sizeof options;
  options.device = "cpu";
  CHECK(hdecomp_experiment_run(kind, model, photos, output, &options, &results) == HDECOMP_OK);
  CHECK(results == NULL || are_same(output, expected));
  if (results != NULL) check_tables(results, told, folder);
  if (results != NULL && strcmp(told, "context") == 0) check_page(results, folder);
  if (results != NULL && strcmp(told, "class-graph") == 0) check_graph_folder(results, folder);
  remove(output);
  return results;
}

static void check_results(const hdecomp_results* results) {
  hdecomp_results_info info = {.struct_size = sizeof info};
  hdecomp_result_image image = {.struct_size = sizeof image};
  hdecomp_result_field field = {.struct_size = sizeof field};
  const char* text = NULL;
  CHECK(hdecomp_results_get(results, &info) == HDECOMP_OK);
  CHECK(strcmp(info.experiment, "pcc") == 0 && info.images == 3 && info.fields > 1);
  CHECK(hdecomp_results_step(results, 0, &text) == HDECOMP_OK);
  CHECK(info.steps == 5 && strcmp(text, "scores->conv5_3") == 0);
  CHECK_ERROR(hdecomp_results_step(results, 5, &text), HDECOMP_WRONG, "no step 5");
  CHECK(hdecomp_results_option(results, "fill", &text) == HDECOMP_OK && strcmp(text, "zero") == 0);
  CHECK_ERROR(hdecomp_results_option(results, "colour", &text), HDECOMP_WRONG, "colour");
  CHECK(hdecomp_results_image(results, 0, &image) == HDECOMP_OK);
  CHECK(strcmp(image.name, "bad.jpg") == 0 && image.state == HDECOMP_IMAGE_UNREADABLE);
  CHECK(strstr(image.why, "bad.jpg") != NULL && image.label == -1);
  CHECK(hdecomp_results_image(results, 2, &image) == HDECOMP_OK);
  CHECK(strcmp(image.name, "faces_easy/portrait.jpg") == 0 && image.why[0] == '\0');
  CHECK(image.state == HDECOMP_IMAGE_MEASURED);
  CHECK_ERROR(hdecomp_results_image(results, 3, &image), HDECOMP_WRONG, "no image 3");
  CHECK(hdecomp_results_find(results, "correlation", &field) == HDECOMP_OK);
  CHECK(field.rank == 3 && field.shape[0] == 3 && field.shape[1] == 5 && field.shape[2] == 5);
  CHECK(isnan(field.values[0]) && field.values[25] > 0.5f);
  CHECK_ERROR(hdecomp_results_find(results, "colour", &field), HDECOMP_WRONG, "no field");
  CHECK_ERROR(hdecomp_results_field(results, info.fields, &field), HDECOMP_WRONG, "no field");
  CHECK(hdecomp_results_field(results, 0, &field) == HDECOMP_OK && field.name[0] != '\0');
}

static void check_graphs(const hdecomp_results* results, double share) {
  hdecomp_graphs* graphs = NULL;
  hdecomp_graph graph = {.struct_size = sizeof graph};
  hdecomp_graph_level level = {.struct_size = sizeof level};
  hdecomp_graph_node node = {.struct_size = sizeof node};
  hdecomp_graph_edge edge = {.struct_size = sizeof edge};
  int64_t i, l, k;
  CHECK(hdecomp_results_graphs(results, share, &graphs) == HDECOMP_OK);
  CHECK(hdecomp_graphs_count(graphs) == 2);
  for (i = 0; i < 2; ++i) {
    CHECK(hdecomp_graphs_get(graphs, i, &graph) == HDECOMP_OK);
    CHECK(graph.trees == 1 && graph.levels == 2);
    for (l = 0; l < graph.levels; ++l) {
      double sum = 0, last = 2;
      CHECK(hdecomp_graphs_level(graphs, i, l, &level) == HDECOMP_OK);
      CHECK(strcmp(level.layer, l == 0 ? "conv5_3" : "conv4_3") == 0 && level.edges > 0);
      for (k = 0; k < level.edges; ++k) {
        CHECK(hdecomp_graphs_edge(graphs, i, l, k, &edge) == HDECOMP_OK);
        CHECK(edge.weight > 0 && edge.weight <= last && edge.trees == 1);
        CHECK(l > 0 || edge.above == graph.class_index);
        sum += last = edge.weight;
      }
      CHECK(fabs(sum - level.held * level.reach) < 1e-9 && (l > 0 || level.held >= share));
      CHECK(share > 0 || fabs(sum - level.reach) < 1e-9);
      for (k = 0, sum = 0; k < level.nodes; ++k) {
        CHECK(hdecomp_graphs_node(graphs, i, l, k, &node) == HDECOMP_OK && node.channel >= 0);
        sum += node.weight;
      }
      CHECK(sum > 0 && node.trees == 1);
    }
  }
  CHECK_ERROR(hdecomp_graphs_get(graphs, 2, &graph), HDECOMP_WRONG, "no graph 2");
  CHECK_ERROR(hdecomp_graphs_level(graphs, 0, 2, &level), HDECOMP_WRONG, "no level 2");
  CHECK_ERROR(hdecomp_graphs_edge(graphs, 0, 0, -1, &edge), HDECOMP_WRONG, "no edge -1");
  CHECK_ERROR(hdecomp_graphs_node(graphs, 0, 0, 999, &node), HDECOMP_WRONG, "no node 999");
  hdecomp_graphs_free(graphs);
}

static int64_t batches_told = 0;
static int32_t end_after_one(void* data, int64_t done, int64_t of) {
  CHECK(done == ++batches_told && of == 3 && data == output);
  return 1;
}

/* A run that its callback ends goes on where it was, and its images may be paths. */
static void check_runs(const char* model, const char* photograph, const char* folder) {
  const char* paths[] = {photograph, photograph, photograph};
  const int32_t labels[] = {36, 1, -1};
  hdecomp_experiment_options options = {.struct_size = sizeof options,
                                        .device = "cpu",
                                        .batch = 1,
                                        .paths = paths,
                                        .path_count = 3,
                                        .labels = labels,
                                        .target = "label",
                                        .after_batch = end_after_one,
                                        .data = output};
  const hdecomp_experiment_options none_of_them = {.struct_size = sizeof options};
  hdecomp_results *results = NULL, *none = NULL;
  hdecomp_graphs* graphs = NULL;
  hdecomp_result_image image = {.struct_size = sizeof image};
  hdecomp_stop* stop = NULL;
  batches_told = 0;
  CHECK_ERROR(hdecomp_experiment_run("pcc", model, NULL, output, &options, &none), HDECOMP_WRONG,
              "give labels");
  options.target = NULL;
  CHECK_ERROR(hdecomp_experiment_run("pcc", model, NULL, output, &options, &none), HDECOMP_STOPPED,
              "callback");
  CHECK(batches_told == 1);
  options.after_batch = NULL;
  CHECK_ERROR(hdecomp_experiment_run("pcc", model, NULL, output, &options, &none), HDECOMP_WRONG,
              "own.h5");
  options.resume = 1;
  CHECK(hdecomp_stop_new(&stop) == HDECOMP_OK);
  hdecomp_stop_request(stop);
  options.stop = stop;
  CHECK_ERROR(hdecomp_experiment_run("pcc", model, NULL, output, &options, &none), HDECOMP_STOPPED,
              "stopped");
  hdecomp_stop_free(stop);
  options.stop = NULL;
  CHECK(hdecomp_experiment_run("pcc", model, NULL, output, &options, &results) == HDECOMP_OK);
  CHECK(hdecomp_results_image(results, 1, &image) == HDECOMP_OK);
  CHECK(strcmp(image.name, photograph) == 0 && image.label == 1);
  CHECK_ERROR(hdecomp_results_graphs(results, 0, &graphs), HDECOMP_WRONG, "class-graph");
  CHECK_ERROR(hdecomp_results_write_page(results, NULL), HDECOMP_WRONG,
              "these results are of 'pcc'");
  CHECK_ERROR(hdecomp_results_write_graphs(results, "/no", NULL), HDECOMP_WRONG,
              "class graphs are of 'class-graph'");
  CHECK(graphs == NULL);
  hdecomp_results_free(results);
  remove(output);
  options.resume = 0;
  CHECK_ERROR(hdecomp_experiment_run("pcc", model, folder, output, &options, &none), HDECOMP_WRONG,
              "either a folder or paths");
  CHECK_ERROR(hdecomp_experiment_run("pcc", model, NULL, output, &none_of_them, &none),
              HDECOMP_WRONG, "either a folder or paths");
  CHECK_ERROR(hdecomp_experiment_run("discriminate", model, NULL, output, &options, &none),
              HDECOMP_WRONG, "give labels");
  CHECK_ERROR(hdecomp_experiment_run("magic", model, NULL, output, &options, &none), HDECOMP_WRONG,
              "kind 'magic'; give one of pcc");
  options.target = "unicorn";
  CHECK_ERROR(hdecomp_experiment_run("pcc", model, NULL, output, &options, &none), HDECOMP_WRONG,
              "unicorn");
  CHECK(none == NULL);
}

void check_experiments(const char* model, const char* photograph, const char* folder,
                       hdecomp_explainer* explainer, const hdecomp_image* image) {
  const char* methods[] = {"gradient", "gap"};
  const int32_t tops[] = {1, 2};
  hdecomp_results* results;
  path_in(output, folder, "own.h5");
  results = measured("pcc", "pcc", model, folder, (hdecomp_experiment_options){.fill = "zero"});
  check_results(results);
  hdecomp_results_free(results);
  results = measured("class-graph", "class-graph", model, folder,
                     (hdecomp_experiment_options){.depth = 2});
  check_graphs(results, 0);
  check_graphs(results, 0.5);
  hdecomp_results_free(results);
  results = measured("attack", "attack", model, folder,
                     (hdecomp_experiment_options){.steps = 2, .eps = 0.01});
  check_attacked_channels(explainer, image, results, 2);
  hdecomp_results_free(results);
  hdecomp_results_free(
      measured("what-ifs", "pixels", model, folder,
               (hdecomp_experiment_options){
                   .controls = 2, .fill = "blur", .region = "field", .at = "conv5_3:70"}));
  hdecomp_results_free(
      measured("what-ifs", "channels", model, folder,
               (hdecomp_experiment_options){.controls = 2, .off = "top", .seed = 3}));
  hdecomp_results_free(measured("randomise", "randomise", model, folder,
                                (hdecomp_experiment_options){.methods = methods,
                                                             .method_count = 2,
                                                             .unit = "block",
                                                             .tops = tops,
                                                             .top_count = 2,
                                                             .draw = "torch"}));
  hdecomp_results_free(measured(
      "compare-models", "compare-models", model, folder,
      (hdecomp_experiment_options){.methods = methods, .method_count = 1, .other = model}));
  check_runs(model, photograph, folder);
}

void check_contexts(const char* model, const char* folder) {
  char regions[4096], names[4096];
  hdecomp_experiment_options options = {.struct_size = sizeof options, .depth = 1};
  hdecomp_results *results, *none = NULL;
  path_in(output, folder, "own.h5");
  options.regions = path_in(regions, folder, "regions");
  options.region_names = path_in(names, folder, "names.txt");
  results = measured("context", "context", model, folder, options);
  hdecomp_results_free(results);
  options.regions = NULL;
  CHECK_ERROR(hdecomp_experiment_run("context", model, folder, output, &options, &none),
              HDECOMP_WRONG, "regions is NULL");
  options.regions = "/no/regions";
  CHECK_ERROR(hdecomp_experiment_run("context", model, folder, output, &options, &none),
              HDECOMP_WRONG, "/no/regions");
  CHECK(none == NULL);
}
