import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

interface MenuItem {
  id?: string;
  label?: string;
  role?: string;
  accelerator?: string;
  click?: () => void;
  submenu?: MenuItem[];
}
type ProtocolHandler = (request: Request) => Promise<Response>;
type RequestHandler = (contents: { getURL(): string }, permission: string, decide: (granted: boolean) => void) => void;
type CheckHandler = (contents: null, permission: string, origin: string) => boolean;

/** What the app asked of the system, for the specs to look at. */
export const recorded = {
  schemes: [] as unknown[],
  handlers: new Map<string, ProtocolHandler>(),
  menu: [] as MenuItem[],
  opened: [] as string[],
  dialogs: [] as { message: string; buttons: string[] }[],
  /** Index of the button that the next dialogs are answered with. */
  dialogAnswer: 0,
  requestHandler: null as RequestHandler | null,
  checkHandler: null as CheckHandler | null,
  deviceHandler: null as (() => boolean) | null,
};

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown[]) => void recorded.schemes.push(...schemes),
  handle: (scheme: string, handler: ProtocolHandler) => void recorded.handlers.set(scheme, handler),
};

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: RequestHandler) => void (recorded.requestHandler = handler),
    setPermissionCheckHandler: (handler: CheckHandler) => void (recorded.checkHandler = handler),
    setDevicePermissionHandler: (handler: () => boolean) => void (recorded.deviceHandler = handler),
    setDisplayMediaRequestHandler: () => undefined,
  },
};

export const shell = {
  openExternal: async (url: string) => void recorded.opened.push(url),
};

export const dialog = {
  showMessageBox: async (_window: unknown, options: { message: string; buttons: string[] }) => {
    recorded.dialogs.push({ message: options.message, buttons: options.buttons });
    return { response: recorded.dialogAnswer };
  },
  showErrorBox: (title: string, content: string) => void process.stderr.write(`${title}: ${content}\n`),
};

export const Menu = {
  buildFromTemplate: (template: MenuItem[]) => template,
  setApplicationMenu: (template: MenuItem[]) => void (recorded.menu = template),
};

export const nativeTheme = { shouldUseDarkColors: false };

export const screen = {
  getAllDisplays: () => [{ workArea: JSON.parse(process.env['STAND_IN_DISPLAY'] ?? '{"x":0,"y":0,"width":1920,"height":1040}') as object }],
};

const key = randomBytes(32);
const backend = (): string => process.env['STAND_IN_KEYRING'] ?? 'gnome_libsecret';
export const safeStorage = {
  getSelectedStorageBackend: backend,
  isAsyncEncryptionAvailable: async () => backend() !== 'none',
  encryptStringAsync: async (plain: string) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  },
  decryptStringAsync: async (stored: Buffer) => {
    const decipher = createDecipheriv('aes-256-gcm', key, stored.subarray(0, 12));
    decipher.setAuthTag(stored.subarray(-16));
    return { shouldReEncrypt: false, result: decipher.update(stored.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8') };
  },
};
