/**
 * The nonce under which this page may insert style elements. Browsers hide the attribute's value from scripts that
 * read attributes, so it is read as a property.
 */
export function styleNonce(): string {
  const element = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return element?.nonce ?? '';
}

/** Tells the nonce to libraries that look for it where webpack keeps it (get-nonce, behind the modals' scroll lock). */
export function shareStyleNonce(): void {
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
}
