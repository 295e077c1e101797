/// index.html of a run over several images, opened from disk.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { axeFindings, closeWithoutFaults, openBrowser, openPage, photo, ready, run, slim } from './browser.mjs';

let browser, folder, plain;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hdecomp-index-'));
  await writeFile(join(folder, 'list.txt'), 'portrait.jpg faces_easy\nchelsea.jpg cup\nrocket.jpg rooster\n');
  const flags = [...slim, '--depth', '1', '--html', '--no-pictures', '--output-dir'];
  await run('explain', '--list', join(folder, 'list.txt'), '--root', photo('.'), ...flags, join(folder, 'labelled'));
  await run('explain', photo('portrait.jpg'), photo('chelsea.jpg'), ...flags, join(folder, 'plain'));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

async function openIndex(name) {
  const page = await openPage(browser, String(pathToFileURL(join(folder, name))));
  await page.goto(String(pathToFileURL(join(folder, name, 'index.html'))));
  await ready(page);
  return page;
}

const shown = (page) => page.locator('ol li:visible a').allInnerTexts();
const status = (page) => page.locator('[role=status]').innerText();

test('shows all images and leads to their reports', async () => {
  const page = await openIndex('labelled');
  assert.deepEqual(await shown(page), ['portrait.jpg', 'chelsea.jpg', 'rocket.jpg']);
  assert.equal(await status(page), '3 of 3 images; 1 of 3 labelled ones right');
  const sizes = await page.locator('ol img').evaluateAll((all) => all.map((one) => one.naturalWidth));
  assert.deepEqual(sizes, [128, 128, 128]);
  assert.deepEqual(await axeFindings(page), []);
  await page.locator('ol a').nth(1).click();
  await ready(page);
  assert.match(await page.title(), /chelsea\.jpg/);
  await closeWithoutFaults(page);
});

test('keeps wrong predictions, or what has a word, and orders by probability', async () => {
  const page = await openIndex('labelled');
  await page.locator('[name=wrong]').check();
  assert.deepEqual(await shown(page), ['chelsea.jpg', 'rocket.jpg']);
  await page.locator('[name=wrong]').uncheck();
  await page.locator('[name=word]').fill('FACES');
  assert.deepEqual(await shown(page), ['portrait.jpg']);
  await page.locator('[name=word]').fill('');
  await page.locator('[name=order]').selectOption('1');
  const rising = await page.locator('ol li').evaluateAll((all) => all.map((one) => Number(one.dataset.probability)));
  assert.deepEqual(rising, [...rising].sort((a, b) => a - b));
  assert.notEqual(rising[0], rising[2]);
  await closeWithoutFaults(page);
});

test('without labels there is nothing to be wrong', async () => {
  const page = await openIndex('plain');
  assert.equal(await page.locator('.of-wrong').isVisible(), false);
  assert.equal(await status(page), '2 of 2 images');
  await closeWithoutFaults(page);
});

test('where no class is predicted there is no order by probability', async () => {
  // As a network without a head has it: entries without a probability.
  const page = await readFile(join(folder, 'plain', 'index.html'), 'utf8');
  await mkdir(join(folder, 'headless'));
  await writeFile(join(folder, 'headless', 'index.html'), page.replaceAll(/<li data-probability="[^"]*"/g, '<li'));
  for (const [name, ordered] of [['plain', true], ['headless', false]]) {
    const opened = await openIndex(name);
    assert.equal(await opened.locator('.of-order').isVisible(), ordered);
    assert.deepEqual((await shown(opened)).map((path) => path.split('/').pop()), ['portrait.jpg', 'chelsea.jpg']);
    await closeWithoutFaults(opened);
  }
});
