/// Starts the page: a report shows the explanation inside it, the server's page asks for one.
import { el } from './dom.js';
import { ClassGraphs } from './graph.js';
import { startLive } from './live.js';
import { Pane } from './pane.js';
import { Settings } from './settings.js';

async function showReport(page, settings, root) {
  const pane = await Pane.make(page, settings);
  settings.listeners.push(() => pane.redraw());
  root.replaceChildren(pane.element);
  pane.start();
}

/// Several explanations side by side.
async function showComparison({ lines, pages }, settings, root) {
  const panes = await Promise.all(pages.map((page) => Pane.make(page, settings)));
  settings.listeners.push(() => panes.forEach((pane) => pane.redraw()));
  const slots = panes.map((pane) => el('div', { class: 'slot' }, pane.element));
  root.replaceChildren(el('section', { class: 'lines', 'aria-label': 'What was changed' }, lines.map((line) => el('p', {}, line))),
    el('div', { class: panes.length > 1 ? 'slots two' : 'slots' }, slots));
  panes.forEach((pane) => pane.start());
}

async function begin() {
  const settings = new Settings();
  const data = document.getElementById('explanation');
  const controls = document.getElementById('controls');
  const root = document.getElementById('root');
  try {
    const page = data && JSON.parse(data.textContent);
    controls.append(...settings.controls(!page?.graphs));
    if (page?.graphs) root.replaceChildren(new ClassGraphs(page).element);
    else if (page?.pages) await showComparison(page, settings, root);
    else if (page) await showReport(page, settings, root);
    else await startLive(settings, controls, root);
    document.documentElement.dataset.ready = 'yes';
  } catch (fault) {
    root.replaceChildren(el('p', { class: 'fault', role: 'alert' }, `The page cannot be shown: ${fault.message}`));
    throw fault;
  }
}

begin();
