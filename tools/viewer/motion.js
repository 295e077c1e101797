/// Motion: the pyramid's nodes and lines on their way from where they are to where they belong.

const curve = (from, to) => {
  const startY = from.y + from.height + 2;
  const endY = to.y - 3;
  const bend = (endY - startY) * 0.55;
  return `M${from.x} ${startY}C${from.x} ${startY + bend} ${to.x} ${endY - bend} ${to.x} ${endY}`;
};

export class Motion {
  /// `items`: node -> {button, line, kind, target, place}: its target is where it belongs, its place where it is.
  constructor(items) {
    this.items = items;
  }

  /// Brings nodes and lines from where they are to where they belong: pictures in a short while, the
  /// many tiles at once.
  move(moving) {
    cancelAnimationFrame(this.frame);
    const gliding = [];
    for (const [node, item] of this.items) {
      item.from = item.place;
      const { from, target } = item;
      const glides = moving && from && target.kind !== 'tile' && (from.x !== target.x || from.y !== target.y);
      this.put(item, target);
      if (glides) gliding.push([node, item]);
    }
    for (const node of this.items.keys()) this.thread(node);
    const followers = gliding.flatMap(([node]) => [node, ...node.children.filter((child) => this.items.get(child)?.kind !== 'tile')]);
    const start = performance.now();
    const step = (now) => {
      const t = Math.min(1, Math.max(0, (now - start) / 240));
      const eased = 1 - (1 - t) ** 3;
      for (const [, item] of gliding) {
        const { from, target } = item;
        this.put(item, { ...target, x: from.x + (target.x - from.x) * eased, y: from.y + (target.y - from.y) * eased });
      }
      for (const node of new Set(followers)) this.thread(node);
      if (t < 1) this.frame = requestAnimationFrame(step);
    };
    if (gliding.length > 0) step(start);
  }

  put(item, place) {
    item.place = place;
    const transform = `translate(${place.x - place.width / 2}px, ${place.y}px)`;
    if (item.transform === transform) return;
    item.transform = transform;
    item.button.style.transform = transform;
  }

  /// The line from a node's parent to it.
  thread(node) {
    const item = this.items.get(node);
    if (!item?.line) return;
    const above = this.items.get(node.parent).place;
    const captioned = above.kind === 'open' || above.kind === 'root' ? 34 : 0;
    const path = curve({ ...above, height: above.height + captioned }, item.place);
    if (item.path === path) return;
    item.path = path;
    item.line.setAttribute('d', path);
  }
}
