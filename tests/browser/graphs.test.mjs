/// graphs.html of hdecomp class-graph, opened from disk.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFindings, closeWithoutFaults, openBrowser, openFile, photo, run, runJson, slim } from './browser.mjs';

let browser, folder, graphs;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hdecomp-graphs-'));
  const patches = join(folder, 'p.h5');
  await run('patches', photo(''), ...slim, '--device', 'cpu', '--top', '2', '-o', patches);
  ({ graphs } = await runJson('class-graph', photo(''), ...slim, '--device', 'cpu', '-o', join(folder, 'g.h5'), '--output-dir', join(folder, 'out'), '--patches', patches));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

const openGraphs = (options) => openFile(browser, join(folder, 'out', 'graphs.html'), options);

const words = (share) => (share < 0.001 ? share.toExponential(1) : share.toFixed(3));
const drawn = (levels) => levels.reduce((sum, level) => sum + Math.min(level.channels.length, 30), 0);

test('shows a class, its levels and its channels', async () => {
  const page = await openGraphs();
  const [graph] = graphs;
  assert.equal(await page.locator('.graph .disc').count(), 1 + drawn(graph.levels));
  assert.equal(await page.locator('.graph .stage').count(), graph.levels.length);
  const first = await page.locator('.graph .stage').first().innerText();
  assert.ok(first.includes(graph.levels[0].layer) && first.includes(`reach ${words(graph.levels[0].reach)}`));
  const below = page.locator('.details .subtree').first().locator('li');
  assert.equal(await below.count(), graph.levels[0].edges.length);
  const [strongest] = graph.levels[0].edges;
  assert.equal((await below.first().innerText()).replace(/\s+/g, ' '), `${graph.levels[0].layer}:${strongest.below} 1 of 1, ${words(strongest.weight)}`);
  await closeWithoutFaults(page);
});

test('a click on a channel lights its edges and lists them', async () => {
  const page = await openGraphs();
  const [upper, lower] = graphs[0].levels;
  const channel = upper.edges[0].below;
  await page.locator(`.graph .disc[aria-label^="${upper.layer}:${channel}, in 1 of 1 tree"]`).click();
  const below = lower.edges.filter((edge) => edge.above === channel);
  assert.equal(await page.locator('.graph .edge.lit').count(), 1 + below.length);
  const lists = page.locator('.details .subtree');
  assert.equal(await lists.count(), 2);
  assert.equal(await lists.nth(1).locator('li').count(), below.length);
  assert.match(await page.locator('.details').innerText(), new RegExp(`${upper.layer}:${channel}`));
  assert.equal(await page.locator('.details .patches img').count(), 2); // the strongest: it is active on two of the five
  await page.keyboard.press('ArrowUp');
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), new RegExp(graphs[0].name.replaceAll('_', ' ')));
  await page.context().close();
});

test('another class is another graph', async () => {
  const page = await openGraphs();
  assert.ok(graphs.length > 2);
  await page.getByLabel('Class', { exact: true }).selectOption('2');
  assert.match(await page.locator('.details h2').innerText(), new RegExp(graphs[2].name.replaceAll('_', ' ')));
  assert.equal(await page.locator('.graph .disc').count(), 1 + drawn(graphs[2].levels));
  await page.context().close();
});

test('axe finds nothing serious, light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await openGraphs({ colorScheme });
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  }
});

test('it fits a telephone', async () => {
  const page = await openGraphs({ viewport: { width: 390, height: 800 } });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1));
  await page.context().close();
});
