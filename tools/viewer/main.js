/// Starts the page: a report shows the explanation inside it, the server's page asks for one.
import { el } from './dom.js';
import { startLive } from './live.js';
import { Pane } from './pane.js';
import { Settings } from './settings.js';

async function showReport(page, settings, root) {
  const pane = await Pane.make(page, settings);
  settings.listeners.push(() => pane.redraw());
  root.replaceChildren(pane.element);
  pane.start();
}

async function begin() {
  const settings = new Settings();
  const data = document.getElementById('explanation');
  const controls = document.getElementById('controls');
  const root = document.getElementById('root');
  controls.append(...settings.controls());
  try {
    if (data) await showReport(JSON.parse(data.textContent), settings, root);
    else await startLive(settings, controls, root);
    document.documentElement.dataset.ready = 'yes';
  } catch (fault) {
    root.replaceChildren(el('p', { class: 'fault', role: 'alert' }, `The page cannot be shown: ${fault.message}`));
    throw fault;
  }
}

begin();
