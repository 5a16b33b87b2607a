import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { lineSeparatorOf } from '../../../../../shared/edit/text-form.ts';
import { styleNonce } from '../../../../lib/style-nonce.ts';

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--la-text)', backgroundColor: 'var(--la-panel)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--la-mono)', lineHeight: '18px' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--la-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--la-text)' },
  '.cm-gutters': { color: 'var(--la-faint)', backgroundColor: 'var(--la-raised)', borderRight: '1px solid var(--la-line)' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--la-hover)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--la-selected)' },
  '.cm-specialChar': { color: 'var(--la-escape)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--la-selected)', outline: 'none' },
  '.cm-changedLine': { backgroundColor: 'var(--la-amber-ground)' },
  '.cm-deletedChunk': { backgroundColor: 'var(--la-red-ground)' },
  '&.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--la-red-ground)' },
  '&.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--la-green-ground)' },
  '&.cm-merge-a .cm-changedText': { background: 'none', borderBottom: '2px solid var(--la-red-line)' },
  '&.cm-merge-b .cm-changedText': { background: 'none', borderBottom: '2px solid var(--la-green)' },
  '.cm-insertedLine': { backgroundColor: 'var(--la-green-ground)', textDecoration: 'none' },
  '.cm-deletedChunk .cm-deletedText': { background: 'none', borderBottom: '2px solid var(--la-red-line)' },
  '.cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none' },
  '.cm-collapsedLines': { color: 'var(--la-dim)', background: 'var(--la-raised)' },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--la-accent)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--la-amber)' },
  { tag: tags.invalid, color: 'var(--la-red)' },
]);

/** Signs that have no picture are drawn as escapes, so that a CR, a NUL or a zero-width space shows. */
const shared = (label: string): Extension[] => [
  EditorView.cspNonce.of(styleNonce()),
  look,
  highlightSpecialChars({ addSpecialChars: /[\u00a0\u2060\u3164]/ }),
  lineNumbers(),
  syntaxHighlighting(colours),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }),
];

export interface EditorOptions {
  text: string;
  label: string;
  json: boolean;
  onText: (text: string) => void;
}

/** A text editor in `parent`. The text that it gives back has the very line ends that it was given. */
export function openEditor(parent: HTMLElement, { text, label, json: asJson, onText }: EditorOptions): EditorView {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorState.lineSeparator.of(lineSeparatorOf(text)),
        shared(label),
        history(),
        drawSelection(),
        highlightActiveLine(),
        bracketMatching(),
        asJson ? json() : [],
        keymap.of([...defaultKeymap.filter(({ key }) => key !== 'Escape'), ...historyKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onText(update.state.sliceDoc());
        }),
      ],
    }),
  });
  return view;
}

/** What was and what will be, side by side; both only to read. */
export function openDiff(parent: HTMLElement, before: string, after: string, json_: boolean): MergeView {
  const extensions = (label: string): Extension[] => [shared(label), EditorState.readOnly.of(true), json_ ? json() : []];
  return new MergeView({
    parent,
    a: { doc: before, extensions: [EditorState.lineSeparator.of('\n'), extensions('Before')] },
    b: { doc: after, extensions: [EditorState.lineSeparator.of('\n'), extensions('After')] },
    collapseUnchanged: { margin: 3, minSize: 6 },
  });
}

/** One side of a conflict, to read: with what it changed of `base`, added and taken away; without `base` as it is. */
export function openSide(parent: HTMLElement, { text, base, label, json: asJson }: { text: string; base: string | null; label: string; json: boolean }): EditorView {
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorState.lineSeparator.of('\n'),
        shared(label),
        EditorState.readOnly.of(true),
        asJson ? json() : [],
        base === null ? [] : unifiedMergeView({ original: base, mergeControls: false, gutter: false, syntaxHighlightDeletions: false, collapseUnchanged: { margin: 3, minSize: 12 } }),
      ],
    }),
  });
}
