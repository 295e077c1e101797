/// The pages of hdecomp discriminate --html and context --html, opened from disk.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFindings, closeWithoutFaults, labelPicture, openBrowser, openFile, photo, run, runJson, slim } from './browser.mjs';

let browser, folder, table;
const cpu = [...slim, '--device', 'cpu'];

/// A segmentation of portrait.jpg: above and below.
async function writeRegions() {
  await mkdir(join(folder, 'regions'));
  await writeFile(join(folder, 'regions', 'portrait.png'), labelPicture(210, 228, (y) => (y < 114 ? 1 : 2)));
  await writeFile(join(folder, 'names.txt'), 'upper_half\nlower_half\n');
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hdecomp-tables-'));
  await writeFile(join(folder, 'labels.txt'), 'butterfly\nbonsai\nfaces_easy\nbonsai\nbutterfly\n');
  await run('patches', photo(''), ...cpu, '--top', '2', '-o', join(folder, 'p.h5'));
  table = await runJson('discriminate', photo(''), ...cpu, '--labels', join(folder, 'labels.txt'), '--min-count', '2', '-o', join(folder, 'd.h5'), '--html', '--patches', join(folder, 'p.h5'));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

const open = (name, options) => openFile(browser, join(folder, name), options);

const cell = (name, stage) => table.rows.find((row) => row[0] === name)[stage + 1];

test('discriminate: a stage beside chance, its channels, and what one looks for', async () => {
  const page = await open('d.html');
  const stages = page.locator('.stage-of');
  assert.equal(await stages.count(), 5);
  const words = await stages.first().innerText();
  assert.ok(words.startsWith(table.header[1]), words);
  assert.ok(words.includes(`D is ${cell('D, chosen 2 times', 0)} in the mean, ${cell('D by chance, chosen 2 times', 0)} by chance, 0.333 at least`), words);
  assert.ok(words.includes(`never chosen: ${cell('never chosen', 0)};`), words);
  assert.ok(await stages.first().locator('.histogram').isVisible());
  const button = stages.nth(1).locator('tbody button').nth(1);
  const name = await button.innerText();
  await button.click();
  assert.match(await page.locator('.details h2').innerText(), new RegExp(`Channel ${name.split(':')[1]}\\s*${name.split(':')[0]}`));
  assert.ok(await page.locator('.details .patches img').count() > 0);
  assert.equal(await page.locator('#controls label').count(), 1); // there are no maps to colour
  await closeWithoutFaults(page);
});

test('context: regions of a class by how many maps lie on them', async () => {
  await writeRegions();
  const names = ['--regions', join(folder, 'regions'), '--region-names', join(folder, 'names.txt')];
  await run('context', photo('portrait.jpg'), ...cpu, ...names, '-o', join(folder, 'c.h5'), '--html');
  const page = await open('c.html');
  const first = page.locator('section.answer').first();
  assert.match(await first.innerText(), /(upper|lower) half/);
  const pick = page.getByRole('combobox', { name: 'Class' });
  assert.match(await pick.locator('option').first().innerText(), /^all, 1 image$/);
  await pick.selectOption('1');
  const shares = await page.locator('section.answer').first().locator('tbody td:nth-child(2)').allInnerTexts();
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + parseFloat(share), 0) - 100) < 0.5, shares.join());
  assert.deepEqual(await axeFindings(page), []);
  await closeWithoutFaults(page);
});

test('axe finds nothing serious, light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open('d.html', { colorScheme });
    assert.deepEqual(await axeFindings(page), []);
    await closeWithoutFaults(page);
  }
});
