/// Patches beside the nodes: in a report, and in the server's page.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFindings, closeWithoutFaults, explained, openBrowser, openFile, openPage, photo, ready, run, runJson, slim, startServer, walkable } from './browser.mjs';

let browser, folder, patches;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hdecomp-patches-'));
  patches = join(folder, 'patches.h5');
  await run('patches', photo(''), ...slim, '-o', patches);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

/// The section of the chosen channel: its pictures are there, named, and none is of the photograph itself.
async function check(page, own) {
  assert.equal(await page.locator('.patches-of').count(), 0); // the class is no channel
  await page.locator('.node.open').nth(1).click();
  const section = page.locator('.patches-of');
  await section.locator('img').first().waitFor();
  assert.match(await section.innerText(), /This channel, on other photographs\s+Where it is most active, of 5 photographs/);
  const words = await section.locator('img').evaluateAll((images) => images.map((image) => image.alt));
  assert.ok(words.length >= 1 && words.length <= 4, words.join());
  for (const each of words) assert.match(each, /^\w+\.jpg, taken for .+: [\d.]+$/);
  assert.ok(!words.some((each) => each.startsWith(own)), words.join());
  const sizes = await section.locator('img').evaluateAll((images) => Promise.all(images.map((image) => image.decode().then(() => Math.max(image.naturalWidth, image.naturalHeight)))));
  assert.ok(sizes.every((size) => size === 48), sizes.join());
  assert.deepEqual(await axeFindings(page), []);
}

test('a report shows what each channel looks for', async () => {
  await run('explain', photo('portrait.jpg'), ...slim, '--output-dir', folder, '--html', '--no-pictures', '--patches', patches);
  const page = await openFile(browser, join(folder, 'report.html'));
  await check(page, 'portrait.jpg');
  await closeWithoutFaults(page);
});

test('the server’s page shows it too, and saves it with the report', async () => {
  const server = await startServer(...slim, '--patches', patches);
  const page = await openPage(browser, server.url);
  await page.goto(server.url);
  await ready(page);
  await page.locator('#file').setInputFiles(photo('chelsea.jpg'));
  await explained(page);
  await check(page, 'chelsea.jpg');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'report.html' }).click()]);
  const saved = join(folder, 'saved.html'); // a download's own name has no extension
  await download.saveAs(saved);
  const offline = await openFile(browser, saved);
  await check(offline, 'chelsea.jpg');
  await closeWithoutFaults(offline);
  await closeWithoutFaults(page);
  assert.equal(await server.stop(), 0);
});

test('a name made from patches says how many of them have it', async () => {
  const names = join(folder, 'names.h5');
  const out = join(folder, 'named');
  await run('concepts', '--patches', patches, ...slim, '--min-share', '0.1', '-o', names);
  const tree = await runJson('explain', photo('portrait.jpg'), ...slim, '--depth', '1', '--concepts', names, '--output-dir', out, '--html', '--no-pictures');
  const page = await openFile(browser, join(out, 'report.html'));
  const { name, iou, patches: of } = tree.concepts.conv5_3[walkable(tree).children[0].channel];
  await page.locator('.node.open').first().click();
  const concept = page.locator('.details .concept');
  assert.equal(await concept.innerText(), `${name.replaceAll('_', ' ')}, ${Math.round(iou * of)} of ${of} patches`);
  assert.match(await concept.getAttribute('title'), /^the class that most of its patches/);
  await closeWithoutFaults(page);
});
