/// Where the pyramid's nodes lie: in each row the children of the open path are large, the others
/// share what is left of the width, so that hundreds of nodes stay in view.

const gap = 6; // between neighbours, pixels; less between tiles
const largest = 92; // side of an open node
const least = { thumbnail: 24, tile: 1 }; // sides

/// [height, width] of a rectangle of that shape in a square.
export function fitted([height, width], side) {
  const longer = Math.max(height, width);
  return [(side * height) / longer, (side * width) / longer];
}

/// Sides of the open and of the other nodes of a row, and the space between them.
function sidesOf(row, open, width) {
  const others = row.length - open;
  const room = others > 0 ? 0.66 * width : width;
  const side = Math.min(largest, Math.max(room / Math.max(open, 1) - gap, 2 * least.tile));
  if (others === 0) return { open: side, other: side, gap: Math.min(2 * gap, Math.max(gap, width / open - side)) };
  const left = width - open * (side + gap) - gap;
  let space = others > 150 ? 0.6 : others > 40 ? 1 : others > 12 ? 3 : gap;
  const other = Math.min(side * 0.82, Math.max(least.tile, left / others - space));
  if (others > 12 && other > 30) space = gap;
  return { open: side, other, gap: space };
}

/// Places every node of `rows` in `width` pixels. `path`: the open nodes, from the root on. `input`: [height, width] that
/// pictures have the shape of. Returns a map from node to {x, y, height, width, side, kind}, x and y being the middle of
/// its upper edge, side its longer one, and the rows' places. Kinds: root, open (with a caption), thumbnail, tile.
export function layOut(rows, path, width, input, rootSide = 148) {
  const picture = (side) => {
    const [high, wide] = fitted(input, side);
    return { side, height: high, width: wide };
  };
  const places = new Map();
  const bands = [];
  let y = 0;
  rows.forEach((row, depth) => {
    if (depth === 0) {
      const root = picture(rootSide);
      places.set(row[0], { x: width / 2, y, ...root, kind: 'root' });
      bands.push({ y, height: root.height });
      y += root.height + 92;
      return;
    }
    const isOpen = (node) => node.parent === path[depth - 1];
    const sides = sidesOf(row, row.filter(isOpen).length, width);
    const open = picture(sides.open);
    const wanted = (node) => (isOpen(node) ? sides.open : sides.other);
    const families = row.filter((node, i) => i > 0 && node.parent !== row[i - 1].parent).length;
    const spaceAfter = (node, i) => (isOpen(node) || (row[i + 1] && isOpen(row[i + 1])) ? Math.max(gap, sides.gap) : sides.gap);
    const used = row.reduce((sum, node, i) => sum + wanted(node) + (i < row.length - 1 ? spaceAfter(node, i) : 0), 0);
    const scale = Math.min(1, width / used); // of a row that would run over the edge
    const between = Math.max(0, Math.min(26, (width - used) / Math.max(families, 1)));
    let x = (width - used * scale - between * families) / 2;
    row.forEach((node, i) => {
      if (i > 0 && node.parent !== row[i - 1].parent) x += between;
      const side = wanted(node) * scale;
      const kind = isOpen(node) ? 'open' : side >= least.thumbnail ? 'thumbnail' : 'tile';
      const size = kind === 'tile' ? { side, height: Math.max(side, 18), width: side } : picture(side);
      const drop = isOpen(node) ? 0 : Math.max(0, (open.height - size.height) / 2);
      places.set(node, { x: x + side / 2, y: y + drop, ...size, kind });
      x += side + spaceAfter(node, i) * scale;
    });
    bands.push({ y, height: open.height });
    y += open.height + 96;
  });
  return { places, bands, height: y - 50 };
}
