/// What the tests of the server's page share: a server, pages of it, what is done and read there.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explained, openBrowser, openFile, openPage, photo, ready, slim, startServer } from './browser.mjs';

export let folder;
let browser, server;

export async function startSite() {
  folder = await mkdtemp(join(tmpdir(), 'hdecomp-server-'));
  server = await startServer(...slim);
  browser = await openBrowser();
}

export async function endSite() {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
  await rm(folder, { recursive: true });
}

export async function openSite(options) {
  const page = await openPage(browser, server.url, options);
  await page.goto(server.url);
  await ready(page);
  return page;
}

export const upload = async (page, name) => {
  await page.locator('#file').setInputFiles(photo(name));
  await explained(page);
};

/// Clicks the bar of a rank in the chart of the chosen node.
export async function clickBar(page, rank) {
  const bars = page.locator('.bar-scroll').first();
  await bars.focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < rank; ++i) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
}

/// The facts of the details, by their names.
export const facts = (page) =>
  page.locator('.details dl > div').evaluateAll((rows) => Object.fromEntries(rows.map((row) => [row.children[0].textContent, row.children[1].textContent])));

export const saved = async (page, name) => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
  assert.equal(download.suggestedFilename(), name);
  return readFile(await download.path());
};

/// A file from disk in the site's browser.
export const openOffline = (path) => openFile(browser, path);

/// The server's report of what is shown, opened from disk.
export async function openReport(page) {
  const report = join(folder, 'report.html');
  await writeFile(report, await saved(page, 'report.html'));
  return openOffline(report);
}

export const countOf = (node) => 1 + node.children.reduce((sum, child) => sum + countOf(child), 0);
