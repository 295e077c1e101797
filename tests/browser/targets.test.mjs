/// The server's page asked for any target, and what if.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeFindings, closeWithoutFaults, explained, photo, runJson, slim, until, walkable } from './browser.mjs';
import { clickBar, countOf, endSite, facts, openReport, openSite, startSite, upload } from './site.mjs';

before(startSite);
after(endSite);

test('a class whose score is not positive is explained as what the top one is ahead by', async () => {
  const page = await openSite();
  await upload(page, 'chelsea.jpg');
  await page.getByLabel('Class').selectOption({ label: 'faces easy' });
  await page.waitForSelector('.instead');
  await explained(page);
  const tree = await runJson('explain', photo('chelsea.jpg'), ...slim, '--class', 'butterfly', '--versus', 'faces_easy');
  assert.equal(await page.locator('.node').count(), countOf(walkable(tree)));
  assert.match(await page.locator('.instead').innerText(), /^the score of 'faces easy' is -.*explained is why 'butterfly' is ahead of it\.$/i);
  assert.equal(await page.locator('.pane h1').innerText(), `${tree.root.class.replaceAll('_', ' ')}chelsea.jpg`);
  assert.equal(await page.locator('.prediction li').count(), 5); // of the whole network
  await clickBar(page, 7); // a channel of the difference by hand
  await page.waitForSelector('.node.added');
  const { children } = (await runJson('decompose', photo('chelsea.jpg'), ...slim, '--from', 'class:butterfly', '--versus', 'faces_easy', '--to', 'conv5_3', '--top', '10')).step;
  assert.equal((await facts(page)).share, children[7].share.toFixed(3));
  const offline = await openReport(page);
  assert.match(await offline.locator('.instead').innerText(), /explained is why/);
  await offline.context().close();
  await page.getByRole('button', { name: 'Compare' }).click();
  await explained(page, 2);
  assert.equal(await page.locator('.message.fault').count(), 0);
  await closeWithoutFaults(page);
});

test('a tree can start at any neuron, and Back returns', async () => {
  const page = await openSite();
  await upload(page, 'chelsea.jpg');
  const nodes = await page.locator('.node').count();
  await page.locator('.node.root').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const tree = await runJson('explain', photo('chelsea.jpg'), ...slim);
  const [first] = tree.steps['scores:12@0,0'].children;
  const place = `conv5_3:${first.channel}@${first.y},${first.x}`;
  await page.getByRole('button', { name: 'Start here' }).focus();
  await page.keyboard.press('Enter');
  await until(page, (name) => document.querySelector('.pane h1')?.innerText.startsWith(name), place);
  await explained(page);
  const part = await runJson('explain', photo('chelsea.jpg'), ...slim, '--from', place);
  assert.equal(await page.locator('.node').count(), countOf(walkable(part)));
  assert.equal(await page.locator('.saliency').count(), 0);
  assert.equal(await page.getByLabel('Class').inputValue(), '');
  await page.locator('.node.open').first().click(); // and on from there
  await page.getByRole('button', { name: 'Start here' }).click();
  await until(page, () => document.querySelector('.pane h1')?.innerText.startsWith('conv4_3:'));
  await explained(page);
  const offline = await openReport(page);
  assert.match(await offline.locator('.pane h1').innerText(), /^conv4_3:/);
  await offline.context().close();
  for (const title of [place, 'butterfly']) {
    await page.getByRole('button', { name: 'Back' }).click();
    await until(page, (name) => document.querySelector('.pane h1')?.innerText.startsWith(name), title);
    await explained(page);
  }
  assert.equal(await page.locator('.node').count(), nodes);
  assert.equal(await page.getByRole('button', { name: 'Back' }).isDisabled(), true);
  await closeWithoutFaults(page);
});

test('evidence against is shown on request, as nodes with the command\u2019s numbers', async () => {
  const page = await openSite();
  await upload(page, 'chelsea.jpg');
  const without = await page.locator('.node').count();
  await page.getByText('More', { exact: true }).click();
  assert.deepEqual(await axeFindings(page), []);
  await page.getByLabel('Evidence against').selectOption('1');
  await page.waitForSelector('.node.against');
  await explained(page);
  const tree = await runJson('explain', photo('chelsea.jpg'), ...slim);
  const below = (step) => step.contributions.filter((alpha) => alpha < 0).length;
  const count = (node) => (node.step ? Math.min(3, below(node.step)) : 0) + node.children.reduce((sum, child) => sum + count(child), 0);
  assert.equal(await page.locator('.node.against').count(), count(walkable(tree)));
  assert.equal(await page.locator('.node').count(), without + count(walkable(tree)));
  const root = tree.steps['scores:12@0,0'];
  const lowest = root.contributions.indexOf(Math.min(...root.contributions));
  const node = page.locator('.node.against.open').first();
  assert.match(await node.getAttribute('aria-label'), new RegExp(`^conv5_3 channel ${lowest}, takes `));
  await node.click();
  const takes = -root.contributions[lowest] * root.height * root.width;
  const number = (value) => String(Number(value.toPrecision(4)));
  assert.match(await page.locator('.details-body').innerText(), new RegExp(`Takes ${number(takes)} from the ${number(tree.root.value)} of butterfly`));
  assert.match(await page.locator('.colour-bar span').first().innerText(), /^\u2212/); // the signed colours
  assert.deepEqual(await axeFindings(page), []);
  const offline = await openReport(page);
  assert.equal(await offline.locator('.node.against').count(), count(walkable(tree)));
  await offline.context().close();
  await closeWithoutFaults(page);
});

test('as few channels as hold a share of the evidence', async () => {
  const page = await openSite();
  await upload(page, 'coffee.jpg');
  await page.getByLabel('Levels').fill('2');
  await page.getByLabel('Levels').blur();
  await explained(page);
  await page.getByText('More', { exact: true }).click();
  await page.getByLabel('Which channels').selectOption('0.5');
  assert.equal(await page.getByLabel('Channels, at most').inputValue(), '16');
  const tree = await runJson('explain', photo('coffee.jpg'), ...slim, '--depth', '2', '--cover', '0.5');
  await until(page, (wanted) => document.querySelectorAll('.node').length === wanted, countOf(walkable(tree)));
  await explained(page);
  await page.getByLabel('Which channels').selectOption('');
  await until(page, () => document.querySelectorAll('.node').length === 13);
  assert.equal(await page.getByLabel('Channels', { exact: true }).inputValue(), '3');
  await closeWithoutFaults(page);
});

test('what if a box is filled, where a channel looks, or a channel is off', async () => {
  const page = await openSite();
  await upload(page, 'chelsea.jpg');
  await page.getByText('What if a part were missing?').focus();
  await page.keyboard.press('Enter');
  const box = ['100', '40', '200', '150'];
  for (const [i, side] of ['x', 'y', 'width', 'height'].entries()) await page.getByLabel(`Box: ${side}`).fill(box[i]);
  const answer = page.locator('.answer');
  const shows = async (...flags) => {
    const told = await runJson('what-if', photo('chelsea.jpg'), ...slim, '--depth', '1', ...flags);
    const { before, after, control } = told;
    const percent = (share) => `${(100 * share).toFixed(1)} %`;
    const words = `${before.decision.name} ${percent(before.decision.probability)} -> ${percent(after.decision.probability)}`;
    await until(page, (wanted) => document.querySelector('.answer b')?.innerText.includes(wanted), words);
    assert.match(await answer.locator('.chance').innerText(), new RegExp(`^control: 20 .*the class changes in ${control.class_changes} of 20`));
    const row = await answer.locator('tbody tr').first().innerText();
    assert.ok(row.includes(percent(told.before.top[0].probability)), row);
  };
  await page.getByRole('button', { name: 'Fill the box' }).focus();
  await page.keyboard.press('Enter');
  await shows('--box', box.join(','));
  assert.equal(await answer.locator('img').count(), 1);
  assert.deepEqual(await axeFindings(page), []);

  // Dragged: from a quarter to a half of what the network sees.
  const canvas = page.locator('.details figure > canvas');
  await canvas.scrollIntoViewIfNeeded();
  const edges = await canvas.boundingBox();
  const at = (share) => [edges.x + share * edges.width, edges.y + share * edges.height];
  await page.mouse.move(...at(0.25));
  await page.mouse.down();
  await page.mouse.move(...at(0.5), { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(5, 5);
  const drawn = [];
  for (const side of ['x', 'y', 'width', 'height']) drawn.push(Number(await page.getByLabel(`Box: ${side}`).inputValue()));
  const [, , width, height] = await page.evaluate(async () => {
    const lines = (await (await fetch('api/explain?image=chelsea.jpg&depth=1')).text()).split('\n');
    return JSON.parse(lines[0]).page.image.seen;
  });
  assert.ok(Math.abs(drawn[2] - width / 4) <= 2 && Math.abs(drawn[3] - height / 4) <= 2, `${drawn} of ${width}, ${height}`);
  await page.getByLabel('Fill with').selectOption('mean');
  await page.getByRole('button', { name: 'Fill the box' }).click();
  await shows('--box', drawn.join(','), '--fill', 'mean');

  await page.locator('.node.open').nth(1).click();
  const [, second] = (await runJson('explain', photo('chelsea.jpg'), ...slim, '--depth', '1')).steps['scores:12@0,0'].children;
  await page.getByRole('button', { name: `Switch channel ${second.channel} off` }).click();
  await shows('--off', `conv5_3:${second.channel}`);
  assert.equal(await answer.locator('img').count(), 0);
  await page.getByRole('button', { name: `Fill where channel ${second.channel} looks` }).click();
  await shows('--at', `conv5_3:${second.channel}@${second.y},${second.x}`, '--fill', 'mean');
  await page.getByLabel('Box: width').fill('0');
  await page.getByRole('button', { name: 'Fill the box' }).click();
  await page.waitForSelector('.answer .fault');
  page.faults.length = 0; // the browser's own line on the answer 400
  await closeWithoutFaults(page);
});
