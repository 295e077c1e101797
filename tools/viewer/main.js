/// Starts the page: a report shows the explanation inside it, the server's page asks for one.
import { attackStory } from './attack.js';
import { ContextPage } from './context.js';
import { DiscriminationPage } from './discrimination.js';
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
async function showComparison({ lines, pages, attack }, settings, root) {
  const panes = await Promise.all(pages.map((page) => Pane.make(page, settings)));
  settings.listeners.push(() => panes.forEach((pane) => pane.redraw()));
  const slots = panes.map((pane) => el('div', { class: 'slot' }, pane.element));
  root.replaceChildren(el('section', { class: 'said', 'aria-label': 'What was changed' }, lines.map((line) => el('p', {}, line))),
    ...(attack ? [attackStory(attack)] : []),
    el('div', { class: panes.length > 1 ? 'slots two' : 'slots' }, slots));
  panes.forEach((pane) => pane.start());
}

/// What shows a page that is of many photographs; nothing for one of trees.
function tablesOf(page) {
  if (page.graphs) return ClassGraphs;
  if (page.discrimination) return DiscriminationPage;
  return page.context && ContextPage;
}

async function begin() {
  const settings = new Settings();
  const data = document.getElementById('explanation');
  const controls = document.getElementById('controls');
  const root = document.getElementById('root');
  try {
    const page = data && JSON.parse(data.textContent);
    const Tables = page && tablesOf(page);
    controls.append(...settings.controls(!Tables));
    if (Tables) root.replaceChildren(new Tables(page).element);
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
