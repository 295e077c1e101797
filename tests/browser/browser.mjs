/// What all browser tests share: chromium, pages that collect their faults, the command.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';

export const source = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const build = process.env.HDECOMP_BUILD ?? join(source, 'build');
export const command = process.env.HDECOMP_COMMAND ?? join(build, 'tools', 'hdecomp');
export const photo = (name) => join(source, 'tools', 'photos', name);

const require = createRequire(join(build, 'browser', 'package.json')); // where run.sh installs
const { chromium } = require('playwright-core');

export const run = async (...args) => (await promisify(execFile)(command, args, { maxBuffer: 1 << 28 })).stdout;
export const runJson = async (...args) => JSON.parse(await run(...args, '--json'));

/// The small bundled model, which most tests ask.
export const slim = ['--model', 'vgg16-slim'];

/// The root of a tree's JSON as a tree to walk: nodes with their `children` and, where they have one, their step.
export function walkable({ root, steps }) {
  const link = (node, layer) => {
    node.step = steps[`${layer}:${node.channel}@${node.y},${node.x}`];
    node.children = node.step?.children ?? [];
  };
  for (const step of Object.values(steps)) for (const node of step.children) link(node, step.layer);
  link(root, root.layer);
  return root;
}

export const openBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

/// A page whose errors, and requests to anywhere but `allowed`, are kept in page.faults.
export async function openPage(browser, allowed, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && page.faults.push(message.text()));
  page.on('pageerror', (fault) => page.faults.push(String(fault.stack)));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(allowed)) page.faults.push(`asks for ${request.url()}`);
  });
  return page;
}

export async function closeWithoutFaults(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

export const ready = (page) => page.waitForSelector('html[data-ready]', { state: 'attached' });
/// A page of the viewer's, opened from disk.
export async function openFile(browser, path, options) {
  const url = String(pathToFileURL(path));
  const page = await openPage(browser, url, options);
  await page.goto(url);
  await ready(page);
  return page;
}

/// Until a place on the server's page shows a whole explanation.
export const explained = (page, slot = 1) => page.waitForSelector(`.slot:nth-child(${slot})[data-done]`, { state: 'attached' });

/// Until `look` gives something in the page. (Playwright's waitForFunction needs eval, which the page's
/// policy forbids.)
export async function until(page, look, argument = null) {
  for (let i = 0; i < 3000; ++i) {
    const found = await page.evaluate(look, argument);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never came true: ${look}`);
}

export async function startServer(...flags) {
  const server = spawn(command, ['serve', '--port', '0', '--device', 'cpu', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve, reject) => {
    server.stdout.once('data', (data) => resolve(String(data)));
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const url = line.match(/http:\S+/)[0];
  const stop = () => new Promise((resolve) => {
    server.once('exit', resolve);
    server.kill('SIGINT');
  });
  return { url, stop };
}

/// A grey PNG of 8 bits: `label(y)` of each row.
export function labelPicture(width, height, label) {
  const rows = Buffer.concat(Array.from({ length: height }, (_, y) => Buffer.concat([Buffer.from([0]), Buffer.alloc(width, label(y))])));
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]), length = Buffer.alloc(4), sum = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/// CRC-32, bit by bit.
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/// The serious findings of axe-core.
export async function axeFindings(page) {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`);
}
