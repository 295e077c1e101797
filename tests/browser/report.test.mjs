/// report.html, opened from disk.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { axeFindings, closeWithoutFaults, labelPicture, openBrowser, openFile, openPage, photo, run, runJson, slim, walkable } from './browser.mjs';

let browser, folder, levels, root;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hdecomp-report-'));
  const tree = await runJson('explain', photo('portrait.jpg'), ...slim, '--output-dir', folder, '--html', '--guided', '--surrogate', '--svg', '--colours', 'ember');
  root = walkable(tree);
  ({ levels } = tree);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

const openReport = (options) => openFile(browser, join(folder, 'report.html'), options);

test('the picture of vectors is one that a browser reads', async () => {
  const picture = String(pathToFileURL(join(folder, 'pyramid.svg')));
  const page = await openPage(browser, picture);
  await page.goto(picture);
  const found = await page.evaluate(() => ({
    name: document.documentElement.tagName, faults: document.querySelectorAll('parsererror').length, images: document.querySelectorAll('image').length,
    words: [...document.querySelectorAll('text')].map((text) => text.textContent),
    outside: [...document.querySelectorAll('text, image')].filter((each) => { const box = each.getBBox(); return box.x < 0 || box.x + box.width > document.documentElement.viewBox.baseVal.width; }).length,
  }));
  assert.deepEqual([found.name, found.faults, found.outside], ['svg', 0, 0]);
  assert.ok(found.images > 200 && found.words.includes('what faces_easy is made of'));
  await closeWithoutFaults(page);
});

test('no picker of saliency maps without a map', async () => {
  const page = await openReport();
  assert.equal(await page.locator('.saliency').count(), 0);
  await closeWithoutFaults(page);
});

const crumbs = (page) => page.locator('.crumbs').innerText();

test('shows the whole pyramid and the prediction', async () => {
  const page = await openReport();
  const count = (node) => 1 + node.children.reduce((sum, child) => sum + count(child), 0);
  assert.equal(await page.locator('.node').count(), count(root));
  assert.ok(count(root) > 300);
  assert.match(await page.locator('.prediction').innerText(), /faces easy[\s\S]*85\.9 %/);
  const captions = await page.locator('.node.open .caption b').allInnerTexts();
  assert.deepEqual(captions.slice(0, 3), root.children.map((child) => String(child.channel)));
  const adds = await page.locator('.node.open .caption span').allInnerTexts();
  assert.deepEqual(adds.slice(0, 3), root.children.map((child) => `+${Number((child.contribution * root.step.height * root.step.width).toPrecision(3))}`));
  await closeWithoutFaults(page);
});

test('tells of each level what reaches it, and what its channels alone give', async () => {
  const page = await openReport();
  const stages = await page.locator('.stages .stage').allInnerTexts();
  const verdict = ({ same, top }) => `alone ${same ? 'the same class' : top.name.replaceAll('_', ' ')}, ${(100 * top.probability).toFixed(1)} %`;
  levels.forEach((level, i) => {
    assert.ok(stages[i + 1].includes(`reach ${level.reach < 0.001 ? level.reach.toExponential(1) : level.reach.toFixed(3)}`), `${stages[i + 1]} ${level.reach}`);
    assert.ok(stages[i + 1].includes(verdict(level.surrogate)), stages[i + 1]);
  });
  assert.equal(stages.length, levels.length + 1);
  await closeWithoutFaults(page);
});

test('a pointer over a node lights its path and shows its map', async () => {
  const page = await openReport();
  const pixels = () => page.locator('.details figure > canvas').evaluate((canvas) => canvas.toDataURL());
  const still = await pixels();
  await page.locator('.node.tile').nth(10).hover();
  assert.equal(await page.locator('.node.lit').count(), 4);
  assert.notEqual(await pixels(), still);
  assert.match(await page.locator('.legend').innerText(), /conv3_3, channel \d+/);
  await page.mouse.move(5, 5);
  assert.equal(await pixels(), still);
  await closeWithoutFaults(page);
});

test('a click opens the details, and Back returns', async () => {
  const page = await openReport();
  const node = root.children[1];
  await page.locator('.node.open').nth(1).click();
  const details = page.locator('.details-body');
  const text = await details.innerText();
  assert.match(text, new RegExp(`Channel ${node.channel}`));
  assert.ok(text.includes(`share ${node.step.chosen_of_positive.toFixed(3)}`));
  assert.ok(!text.includes('%'), 'a share looks like a probability');
  const adds = node.contribution * root.step.height * root.step.width;
  assert.ok(text.includes(`${Number(adds.toPrecision(4))} of ${Number(root.value.toPrecision(4))}`), text);
  assert.equal(await details.locator('.guided').count(), 1);
  assert.equal(await details.locator('> .subtree > li').count(), 3);
  assert.match(await page.locator('.bar-note').innerText(), new RegExp(`channel ${node.children[0].channel} no. 1`));
  await page.getByRole('button', { name: 'Back' }).click();
  assert.equal(await crumbs(page), 'faces easy');
  await closeWithoutFaults(page);
});

test('a bar says what the colours of a map are', async () => {
  const page = await openReport();
  const bar = page.locator('.colour-bar');
  assert.equal(await bar.isVisible(), false); // the photograph alone
  for (const at of [0, 1]) {
    await page.locator('.node.open').nth(at).click();
    assert.deepEqual(await bar.locator('span').allInnerTexts(), ['0', String(Number(root.children[at].peak.toPrecision(4))), 'the map\u2019s own maximum: two maps\u2019 colours cannot be compared']);
    await page.getByRole('button', { name: 'Back' }).click();
  }
  await page.locator('.node.open').first().click();
  const pixels = () => bar.locator('canvas').evaluate((canvas) => canvas.toDataURL());
  const ember = await pixels();
  await page.getByLabel('Colours').selectOption('signed');
  assert.match((await bar.locator('span').first().innerText()), /^\u2212/);
  assert.notEqual(await pixels(), ember);
  await closeWithoutFaults(page);
});

/// The distinct neurons of each level of a tree: what each adds to the class over all paths, and over how many.
function neuronsOf(tree) {
  const levels = [];
  let above = [{ node: tree, weight: tree.value }];
  for (let layer = 0; ; ++layer) {
    const level = new Map();
    const below = [];
    for (const { node, weight } of above) {
      for (const child of node.children) {
        const key = `${node.step.layer}:${child.channel}@${child.y},${child.x}`;
        const through = (weight * child.contribution * node.step.height * node.step.width) / node.value;
        const neuron = level.get(key) ?? { weight: 0, paths: 0, choosers: new Set() };
        level.set(key, { weight: neuron.weight + through, paths: neuron.paths + 1, choosers: neuron.choosers.add(`${node.channel}@${node.y},${node.x}`) });
        below.push({ node: child, weight: through });
      }
    }
    if (level.size === 0) return levels;
    levels.push(level);
    above = below;
  }
}

test('as a graph each neuron is there once, with what it adds to the class over all paths', async () => {
  const page = await openReport();
  await page.getByRole('button', { name: 'Graph' }).focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.pyramid').isVisible(), false);
  const levels = neuronsOf(root);
  assert.equal(await page.locator('.graph .disc').count(), 1 + levels.reduce((sum, level) => sum + Math.min(level.size, 30), 0));
  const labels = await page.locator('.graph .stage').allInnerTexts();
  levels.forEach((level, i) => assert.ok(labels[i].includes(`${level.size} neurons`), labels[i]));
  const said = await page.locator('.graph .disc').evaluateAll((discs) => discs.map((disc) => disc.getAttribute('aria-label')));
  const [key, neuron] = [...levels[2]].sort((a, b) => b[1].weight - a[1].weight)[0];
  assert.ok(neuron.paths > 1);
  const [layer, channel, y, x] = key.split(/[:@,]/);
  const words = `${layer} channel ${channel}, row ${y}, column ${x}, adds ${Number(neuron.weight.toPrecision(3))} of ${Number(root.value.toPrecision(4))} to faces easy over ${neuron.paths} paths`;
  assert.ok(said.includes(words), `${words} is none of ${said.filter((each) => each.startsWith(`${layer} channel ${channel},`))}`);
  const disc = page.locator(`.graph .disc[aria-label="${words}"]`);
  await disc.focus();
  await page.keyboard.press('Enter');
  assert.match(await page.locator('.details h2').innerText(), new RegExp(`Channel ${channel}`));
  assert.match(await page.locator('.in-all').innerText(), new RegExp(`Adds ${Number(neuron.weight.toPrecision(4))} of the .* over ${neuron.paths} paths`));
  assert.equal(await page.locator('.in-all + .subtree li').count(), neuron.choosers.size);
  const edges = page.locator('.graph .edge.lit');
  assert.ok((await edges.count()) >= neuron.choosers.size);
  assert.match(await edges.first().locator('text').textContent(), /^0\.\d{3}$/);
  await page.keyboard.press('ArrowUp');
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^conv4_3 channel/);
  assert.deepEqual(await axeFindings(page), []);
  await page.getByRole('button', { name: 'Back' }).click();
  assert.equal(await crumbs(page), 'faces easy');
  await page.getByRole('button', { name: 'Tree', exact: true }).click();
  assert.equal(await page.locator('.pyramid').isVisible(), true);
  assert.equal(await page.locator('.graph').isVisible(), false);
  await closeWithoutFaults(page);
});

test('a tree from a neuron is a page of its own', async () => {
  const place = 'conv4_3:40@6,8';
  const tree = walkable(await runJson('explain', photo('portrait.jpg'), ...slim, '--from', place, '--depth', '2', '--output-dir', join(folder, 'from'), '--html', '--no-pictures'));
  const page = await openFile(browser, join(folder, 'from', 'report.html'));
  assert.equal(await page.locator('.pane h1').innerText(), `${place}portrait.jpg`);
  assert.equal(await page.locator('.node').count(), 1 + 3 + 9);
  assert.equal(await page.locator('.prediction .asked').count(), 0);
  assert.match(await page.locator('.details-body').innerText(), new RegExp(`VALUE F\\s*${Number(tree.value.toPrecision(4))}`, 'i'));
  assert.match(await page.locator('.node.root').getAttribute('aria-label'), /^conv4_3:40@6,8, value /);
  assert.match(await page.locator('.legend').innerText(), /in the frame/);
  await page.locator('.node.open').first().click();
  assert.match(await page.locator('.details-body').innerText(), new RegExp(`of ${place}, a share`));
  assert.deepEqual(await axeFindings(page), []);
  await closeWithoutFaults(page);
});

test('the parts of a decision add up to it', async () => {
  const page = await openReport();
  for (const at of [0, 2]) {
    const node = at === 0 ? root : root.children[at];
    if (at > 0) await page.locator('.node.open').nth(at).click();
    const parts = (await page.locator('.sum li').allInnerTexts()).slice(0, 4).map((line) => Number(line.match(/: ([\u2212\d.e]+)/)[1].replaceAll('\u2212', '-')));
    const sum = parts.reduce((total, part) => total + part, 0);
    const size = parts.reduce((total, part) => total + Math.abs(part), 0);
    assert.ok(Math.abs(sum - node.value) < 2e-3 * size, `${parts} add up to ${sum}, not ${node.value}`);
  }
  await closeWithoutFaults(page);
});

test('channels have the names of a concepts file', async () => {
  const file = (name) => join(folder, name);
  await mkdir(file('regions'), { recursive: true });
  await writeFile(file('regions/portrait.png'), labelPicture(210, 228, (y) => (y < 114 ? 1 : 2)));
  await writeFile(file('names.txt'), 'upper_<b>half\nlower half\n');
  await runJson('concepts', photo('portrait.jpg'), ...slim, '--regions', file('regions'), '--region-names', file('names.txt'), '--min-iou', '0', '-o', file('concepts.h5'));
  const tree = await runJson('explain', photo('portrait.jpg'), ...slim, '--depth', '1', '--concepts', file('concepts.h5'), '--output-dir', file('named'), '--html', '--no-pictures');
  const page = await openFile(browser, file('named/report.html'));
  const first = walkable(tree).children[0];
  const { name, iou } = tree.concepts.conv5_3[first.channel];
  const shown = name.replaceAll('_', ' ');
  assert.equal((await page.locator('.node.open .caption b').allInnerTexts())[0], `${first.channel} ${shown}`);
  assert.equal(await page.locator('.details .concept').count(), 0); // the class has none
  await page.locator('.node.open').first().click();
  assert.equal(await page.locator('.details .concept').innerText(), `${shown} ${iou.toFixed(2)}`);
  assert.match(await page.locator('.node.open').first().getAttribute('aria-label'), new RegExp(`channel ${first.channel} \\(`));
  await closeWithoutFaults(page);
});

test('the words are explained on the page', async () => {
  const page = await openReport();
  const terms = page.locator('.reading dt');
  assert.equal(await terms.first().isVisible(), false);
  await page.getByText('How to read this').click();
  assert.equal(await terms.first().isVisible(), true);
  assert.ok((await terms.allInnerTexts()).includes('Share'));
  assert.deepEqual(await axeFindings(page), []);
  await closeWithoutFaults(page);
});

test('the keyboard goes everywhere', async () => {
  const page = await openReport();
  await page.locator('.node.root').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const [, second] = root.children;
  assert.equal((await crumbs(page)).replace(/\s+/g, ''), `faceseasy\u203aconv5_3:${second.channel}\u203aconv4_3:${second.children[0].channel}`);
  await page.keyboard.press('ArrowUp');
  assert.match(await page.locator(':focus').getAttribute('aria-label'), new RegExp(`conv5_3 channel ${second.channel},`));
  await page.keyboard.press('Escape');
  assert.equal(await crumbs(page), 'faces easy');
  await page.locator('.bar-scroll').focus();
  await page.keyboard.press('End');
  assert.equal(await page.locator('.bar-scroll').getAttribute('aria-valuenow'), '128');
  await closeWithoutFaults(page);
});

test('colour maps, close-ups, light and dark', async () => {
  const page = await openReport();
  const pixels = () => page.locator('.node.open canvas').first().evaluate((canvas) => canvas.toDataURL());
  const seen = new Set([await pixels()]);
  for (const map of ['dusk', 'signed', 'jet']) {
    await page.getByLabel('Colours').selectOption(map);
    seen.add(await pixels());
  }
  assert.equal(seen.size, 4);
  await page.getByLabel('Thumbnails').selectOption('yes');
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByLabel('Theme').selectOption('dark');
  assert.notEqual(await background(), light);
  await closeWithoutFaults(page);
});

/// What an input of another height than width does to the page: a photograph of one colour, the normalisation's mean, with a
/// bright patch a quarter down and three quarters across.
test('a rectangle has its maps, peaks and frames in their places', async () => {
  const [height, width] = [240, 400];
  const pixels = Buffer.alloc(3 * height * width);
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      const inside = Math.abs(y - 60) < 14 && Math.abs(x - 300) < 14;
      pixels.set(inside ? [255, 240, 224] : [124, 116, 104], 3 * (y * width + x));
    }
  }
  const [image, model, out] = ['patch.ppm', 'net.h5', 'rectangle'].map((name) => join(folder, name));
  await writeFile(image, Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), pixels]));
  await run('init', '--arch', 'cifar_resnet20', '--input-size', '48x80', '--classes', '6', '-o', model);
  const tree = walkable(await runJson('explain', image, '--model', model, '--output-dir', out, '--html', '--no-pictures'));
  const page = await openFile(browser, join(out, 'report.html'));
  await page.getByLabel('Colours').selectOption('jet');
  const shape = (locator) => locator.evaluate((canvas) => [canvas.clientHeight / canvas.clientWidth, canvas.height / canvas.width]);
  const canvas = page.locator('.details figure > canvas');
  const thumbnail = page.locator('.node.open canvas').first();
  for (const each of [canvas, thumbnail, page.locator('.node.root canvas')]) {
    for (const ratio of await shape(each)) assert.ok(Math.abs(ratio - 0.6) < 0.02, `${ratio} is not 48 to 80`);
  }
  const [node] = tree.children;
  await page.locator('.node.open').first().hover();
  assert.match(await page.locator('.legend').innerText(), /of 48 \u00d7 80 pixels/);
  // Of the canvas at shares of its sides: red, green, blue.
  const colour = (locator, y, x) => locator.evaluate((drawn, [down, along]) => {
    const copy = document.createElement('canvas'); // to be read more than once
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(drawn, Math.round(along * drawn.width), Math.round(down * drawn.height), 1, 1, 0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }, [y, x]);
  const [peakY, peakX] = [(node.y + 0.5) / tree.step.height, (node.x + 0.5) / tree.step.width];
  assert.ok(Math.abs(peakY - 0.25) < 0.2 && Math.abs(peakX - 0.75) < 0.2, `the peak is at ${peakY}, ${peakX}`);
  assert.ok(Math.max(...(await colour(canvas, peakY, peakX))) < 40, 'a black dot at the peak');
  const cold = await colour(thumbnail, 0.95, 0.05); // the photograph under the map's zero
  const distance = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));
  assert.ok(distance(await colour(canvas, peakY, peakX + 0.05), cold) > 40, 'the map is at its peak');
  assert.ok(distance(await colour(thumbnail, 1 - peakY, peakX), cold) < 6, 'nothing where the map would be upside down');
  assert.ok(distance(await colour(thumbnail, peakY, 1 - peakX), cold) < 6, 'nor mirrored');
  await page.getByLabel('Thumbnails').selectOption('yes');
  for (const ratio of await shape(thumbnail)) assert.ok(Math.abs(ratio - 0.6) < 0.03, `a close-up of ${ratio}`);
  await closeWithoutFaults(page);
});

test('a name that is markup stays text', async () => {
  const hostile = join(folder, '<img src=x onerror=document.title=1>.jpg');
  await copyFile(photo('coffee.jpg'), hostile);
  await runJson('explain', hostile, ...slim, '--depth', '1', '--output-dir', join(folder, 'hostile'), '--html', '--no-pictures');
  const page = await openFile(browser, join(folder, 'hostile', 'report.html'));
  assert.equal(await page.locator('img').count(), 0);
  assert.match(await page.title(), /<img src=x/);
  await closeWithoutFaults(page);
});

test('hundreds of nodes without lag', async () => {
  const page = await openReport();
  const worst = await page.evaluate(async () => {
    const nodes = [...document.querySelectorAll('.node')];
    let longest = 0;
    for (let i = 0; i < nodes.length; i += 7) {
      const begin = performance.now();
      nodes[i].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
      longest = Math.max(longest, performance.now() - begin);
    }
    return longest;
  });
  console.log(`longest answer to the pointer, ms: ${worst.toFixed(1)}`);
  assert.ok(worst < 250, String(worst));
  await closeWithoutFaults(page);
});

for (const colorScheme of ['light', 'dark']) {
  test(`no serious finding of axe-core, ${colorScheme}`, async () => {
    const page = await openReport({ colorScheme });
    assert.deepEqual(await axeFindings(page), []);
    await page.locator('.node.open').nth(4).click();
    assert.deepEqual(await axeFindings(page), []);
    await closeWithoutFaults(page);
  });
}

test('on a narrow screen nothing runs over the edge, and it prints', async () => {
  const page = await openReport({ viewport: { width: 420, height: 800 } });
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 420);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.top').isVisible(), false);
  assert.equal(await page.locator('.pyramid').isVisible(), true);
  await closeWithoutFaults(page);
});
