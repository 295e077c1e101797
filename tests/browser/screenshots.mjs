/// Makes the README's pictures of the report and of the server's page again: tools/viewer/screenshots/*.jpg.
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explained, openBrowser, openFile, openPage, photo, ready, run, source, startServer } from './browser.mjs';

const target = join(source, 'tools', 'viewer', 'screenshots');
const mostBytes = 300 * 1024;

async function take(page, name) {
  await page.waitForTimeout(600); // until nodes rest
  const path = join(target, name);
  await page.screenshot({ path, quality: 88 });
  const { size } = await stat(path);
  console.log(`${name}: ${Math.ceil(size / 1024)} KiB`);
  if (size > mostBytes) throw new Error(`${name} is larger than 300 KiB`);
}

async function takeReport(browser) {
  const folder = await mkdtemp(join(tmpdir(), 'hdecomp-screenshots-'));
  await run('explain', photo('chelsea.jpg'), '--output-dir', folder, '--html', '--no-pictures');
  const page = await openFile(browser, join(folder, 'report.html'), { viewport: { width: 1240, height: 860 } });
  await page.locator('.node.open').nth(4).click();
  await page.mouse.move(5, 5);
  await take(page, 'report.jpg');
  await page.getByRole('button', { name: 'Graph' }).click();
  await page.locator('.graph .disc').nth(8).click();
  await page.mouse.move(5, 5);
  await take(page, 'graph.jpg');
  await rm(folder, { recursive: true });
}

async function takeServer(browser, server) {
  const page = await openPage(browser, server.url, { viewport: { width: 1240, height: 800 }, colorScheme: 'dark' });
  await page.goto(server.url);
  await ready(page);
  await page.getByLabel('Levels').fill('3');
  await page.getByLabel('Levels').blur();
  await page.getByRole('button', { name: 'Explain chelsea.jpg' }).first().click();
  await explained(page);
  await page.getByRole('button', { name: 'Compare' }).click();
  await explained(page, 2);
  await take(page, 'server.jpg');
}

await mkdir(target, { recursive: true });
const browser = await openBrowser();
const server = await startServer();
try {
  await takeReport(browser);
  await takeServer(browser, server);
} finally {
  await browser.close();
  await server.stop();
}
