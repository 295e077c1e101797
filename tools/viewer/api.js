/// The server's answers: every one either as asked, or an Error with the server's own words.

async function answer(path, parameters, options = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== '' && one !== undefined) query.append(key, one);
  }
  const response = await fetch(`${path}?${query}`, options);
  if (!response.ok) {
    const told = await response.json().catch(() => ({}));
    throw new Error(told.error ?? `the server answers ${response.status}`);
  }
  return response;
}

export const getInfo = async () => (await answer('api/info', {})).json();

/// `exif` 1: turned upright by its EXIF tag. The answer's `turned`: it is stored turned, and was taken so.
export const sendImage = async (file, exif) =>
  (await answer('api/images', { name: file.name, exif }, { method: 'POST', body: file })).json();

export const askDecompose = async (parameters) => (await answer('api/decompose', parameters)).json();

export const askWhatIf = async (parameters) => (await answer('api/what-if', parameters)).json();

export const askPatches = async (parameters) => (await answer('api/patches', parameters)).json();

/// Calls `on` for each part of an answer ('explain', 'saliency') as it comes. `signal` ends it.
export async function askInParts(what, parameters, signal, on) {
  const response = await answer(`api/${what}`, parameters, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const part = JSON.parse(line);
      if (part.event === 'error') throw new Error(part.error);
      await on(part);
    }
  }
}

/// Has the browser save a file of the server's.
export async function saveFile(name, parameters) {
  const file = await (await answer(`api/${name}`, parameters)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
