/**
 * Plays the `electron` module over Chromium, so that the real `electron/main` and `electron/preload` run where no
 * Electron binary is. Test-only: nothing that ships imports it. What it leaves out, the app does not use.
 */
import { app } from './app.ts';
import { listenForControl } from './control.ts';

export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { ipcMain, MessageChannelMain } from './message-ports.ts';
export { dialog, Menu, nativeTheme, protocol, safeStorage, screen, session, shell } from './services.ts';

listenForControl();
app.emit('stand-in-loaded');
