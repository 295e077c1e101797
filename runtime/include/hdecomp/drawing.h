/// Pictures of evidence: activation maps, the whole pyramid, guided backpropagation.
#pragma once

#include <cstdint>
#include <string>

#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// What maps are coloured with: "jet", from blue to red; "ember" and "dusk", whose lightness only
/// rises, so that they can be read without seeing colours; "signed", with what is against in blue.
enum class Colours { jet, ember, dusk, signed_ };
inline constexpr const char* colour_names[] = {"jet", "ember", "dusk", "signed"};

/// Draws activation maps over one photograph as the network sees it: each map in its own colours,
/// each one's peak as a dot. Drawing from several threads at once is safe.
class HDECOMP_API EvidencePainter {
 public:
  /// Pictures have the network's aspect ratio, and `side` pixels on the longer side.
  EvidencePainter(const Image& photo, const Model& model, int64_t side = 224,
                  Colours colours = Colours::jet);

  /// `node` must keep its map (ExplainOptions::keep_maps); `parent` is the decomposition it comes
  /// from. Throws Error if there is no map.
  Image draw(const TreeNode& node, const Decomposition& parent) const;

  /// The photograph alone, as the pictures show it.
  const Image& view() const { return view_; }

 private:
  Image view_;
  Colours colours_;
};

/// The whole pyramid as one picture (the paper's Fig. 5): the photograph, below it each level's
/// neurons, each once, with the map of the decision through which most evidence comes to it, and
/// lines to all that chose it, as strong as the shares. Of a level of more than 276 neurons those
/// with the most evidence are drawn. Nodes must keep their maps (keep_maps), else throws Error.
HDECOMP_API Image draw_pyramid(const Tree& tree, const Image& photo, const Model& model,
                               Colours colours = Colours::jet);
/// The same as an SVG file: lines and text as such, the pictures inside it, twice as fine.
HDECOMP_API std::string pyramid_svg(const Tree& tree, const Image& photo, const Model& model,
                                    Colours colours = Colours::jet);
/// The same as a PDF file of one page. Text can be selected; where Helvetica lacks a character '?'
/// is shown, and the character copied.
HDECOMP_API std::string pyramid_pdf(const Tree& tree, const Image& photo, const Model& model,
                                    Colours colours = Colours::jet);

/// Level `level` of the tree, from 0, on a sheet: the same maps, larger, the most evidence first,
/// at most 600. Throws Error if there is no such level, or a node keeps no map.
HDECOMP_API Image draw_level(const Tree& tree, size_t level, const Image& photo, const Model& model,
                             Colours colours = Colours::jet);

/// The node's guided backpropagation in colour: 0 is mid grey, the largest magnitude black or
/// white; enlarged by a whole factor to 112 pixels or more on the larger side. `node` must have it
/// (ExplainOptions::guided), else throws Error.
HDECOMP_API Image draw_guided(const TreeNode& node);

}  // namespace hdecomp
