// @ts-nocheck -- read as text, never compiled
// Runs in the page before its own scripts: what a preload finds, and the page's ends of the ports that cross.
// Plain text on purpose: a compiler's helpers do not exist in the page, and its policy forbids eval.
(() => {
  if (window !== window.top) return;
  window.standInViolations = [];
  document.addEventListener('securitypolicyviolation', (event) => window.standInViolations.push(event.effectiveDirective));
  const listeners = new Map();
  const ports = new Map();
  // Chromium does not say when the other end of a port is closed; Electron does. Ports arrive in the order they were sent.
  const arriving = [];
  const arrived = new Map();
  window.addEventListener('message', (event) => {
    for (const port of event.ports) arrived.set(arriving.shift(), port);
  });
  const receive = (id) => {
    const { port1, port2 } = new MessageChannel();
    port2.addEventListener('message', (event) => window.standInPort(id, event.data));
    port2.start();
    ports.set(id, port2);
    arriving.push(id);
    return port1;
  };
  window.standInDeliver = (channel, values, ids) => listeners.get(channel)?.({ ports: ids.map(receive) }, ...values);
  window.standInPost = (id, data) => ports.get(id)?.postMessage(data);
  window.standInClose = (id) => {
    ports.get(id)?.close();
    arrived.get(id)?.dispatchEvent(new Event('close'));
  };
  const electron = {
    ipcRenderer: {
      send: (channel, ...values) => window.standInSend(channel, values),
      on: (channel, listener) => listeners.set(channel, listener),
    },
  };
  const require = (name) => {
    if (name !== 'electron') throw new Error(`A sandboxed preload cannot require ${name}`);
    return electron;
  };
  (function preload(require, module, exports) {
    // PRELOAD
  })(require, { exports: {} }, {});
})();
