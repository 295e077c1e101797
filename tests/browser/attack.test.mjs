/// Attacks on the server's page, and report.html of hdecomp attack.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFindings, closeWithoutFaults, explained, photo, run, runJson, slim, until } from './browser.mjs';
import { endSite, folder, openOffline, openSite, startSite, upload } from './site.mjs';

before(startSite);
after(endSite);

const panel = (page) => page.getByRole('region', { name: 'Attack' });
const ask = (page) => page.getByRole('button', { name: 'Change its class' }).click();
const set = async (page, name, value) => page.getByRole('spinbutton', { name }).fill(String(value));

async function openAttack(name, options) {
  const page = await openSite(options);
  await upload(page, name);
  assert.equal(await panel(page).isVisible(), false);
  await page.getByRole('button', { name: 'Attack', exact: true }).click();
  return page;
}

test('an attacked photograph stands beside the clean one, with both trees', async () => {
  const page = await openAttack('portrait.jpg');
  assert.deepEqual(await axeFindings(page), []);
  await set(page, 'A pixel by at most, of 255', 8);
  await ask(page);
  await explained(page, 2);
  const out = join(folder, 'attack');
  await run('attack', photo('portrait.jpg'), ...slim, '--eps', '8/255', '--device', 'cpu', '-o', join(folder, 'a.h5'), '--output-dir', out);
  const lines = await panel(page).locator('.said p').allInnerTexts();
  assert.match(lines[1], /^the class changes from faces easy to /);
  const [, now] = lines[1].match(/ to (.*);/);
  const titles = await page.locator('.pane h1').allInnerTexts();
  assert.ok(titles[0].startsWith('faces easy') && titles[1].startsWith(now) && titles[1].endsWith('portrait.jpg, attacked'), titles.join());
  assert.match(await panel(page).locator('figcaption').nth(2).innerText(), /^The difference, 16 times as strong/);
  assert.equal(await panel(page).locator('.peaks').count(), 3);
  assert.equal(await panel(page).locator('.peaks').first().locator('tbody tr').count(), 4);
  assert.deepEqual(await axeFindings(page), []);

  // The report has the same, offline.
  const offline = await openOffline(join(out, 'report.html'));
  for (const part of ['.attack-story table', '.attack-story figcaption']) {
    assert.deepEqual(await offline.locator(part).allInnerTexts(), await page.locator(part).allInnerTexts());
  }
  assert.equal(await offline.locator('.pane').count(), 2);
  const [above, said] = await Promise.all(['header.top', '.said'].map((part) => offline.locator(part).boundingBox()));
  assert.ok(said.y >= above.y + above.height); // the words stand below the page's head
  assert.deepEqual(await axeFindings(offline), []);
  await closeWithoutFaults(offline);

  // Of the attacked one all can be asked; another photograph beside the clean one is no answer to the attack.
  const second = page.locator('.pane').nth(1);
  await second.locator('.node.open').first().click();
  assert.match(await second.locator('.details h2').first().innerText(), /^Channel/);
  await page.locator('.photos .photo:visible').nth(4).click();
  await until(page, () => document.querySelectorAll('.pane h1')[1].innerText.endsWith('rocket.jpg'));
  assert.equal(await panel(page).locator('.attack-story').count(), 0);
  // The longest probability has room on its line where two trees share the page.
  const taller = await page.locator('.prediction .share').evaluateAll((all) => all.map((each) => {
    each.textContent = '0 %';
    const line = each.offsetHeight;
    each.textContent = '100.0 %';
    return each.offsetHeight - line;
  }));
  assert.ok(taller.length > 0 && taller.every((more) => more === 0), taller.join());
  await closeWithoutFaults(page);
});

test('an aim, from another class\u2019s tree', async () => {
  const page = await openAttack('portrait.jpg');
  await page.getByRole('combobox', { name: 'Class' }).selectOption({ label: 'bonsai' });
  await until(page, () => document.querySelector('.pane h1').innerText.startsWith('bonsai') || document.querySelector('.instead'));
  await set(page, 'A pixel by at most, of 255', 16);
  await set(page, 'Steps', 40);
  await page.getByRole('combobox', { name: 'Into' }).selectOption({ label: 'bonsai' });
  await ask(page);
  await until(page, () => {
    const titles = [...document.querySelectorAll('.pane h1')].map((title) => title.innerText);
    return titles.length === 2 && titles[0].startsWith('faces easy') && titles[1].startsWith('bonsai');
  });
  await closeWithoutFaults(page);
});

test('it says how far it is, and can be stopped', async () => {
  const page = await openAttack('coffee.jpg');
  await set(page, 'Steps', 200);
  await ask(page);
  await until(page, () => /^Step \d+ of 200$/.test(document.querySelector('.attack .status').textContent));
  await page.getByRole('button', { name: 'Stop' }).click();
  assert.equal(await panel(page).locator('.status').innerText(), 'Stopped.');
  await page.waitForTimeout(500);
  assert.equal(await panel(page).locator('.attack-story').count(), 0);
  assert.equal(await page.locator('.pane').count(), 1);
  await closeWithoutFaults(page);
});

test('what cannot be is told', async () => {
  const page = await openAttack('portrait.jpg');
  await set(page, 'A pixel by at most, of 255', 200);
  await ask(page);
  await page.waitForSelector('.attack .status.fault');
  assert.match(await panel(page).locator('.status').innerText(), /^eps 200\/255: give more than 0, at most 64\/255/);
  const { images } = await runJson('classify', photo('portrait.jpg'), ...slim);
  await set(page, 'A pixel by at most, of 255', 8);
  await page.getByRole('combobox', { name: 'Into' }).selectOption({ label: images[0].top[0].name.replaceAll('_', ' ') });
  await ask(page);
  await until(page, () => document.querySelector('.attack .status').textContent.includes('already'));
  await page.context().close();
});
