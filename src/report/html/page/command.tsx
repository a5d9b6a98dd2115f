import type { VNode } from 'preact';
import { commandPieces } from '../command-pieces.ts';

/** Lines to be pasted, with a button that copies them. */
export function CommandLines({ text }: { readonly text: string }): VNode {
  return (
    <pre class="command">
      <code>{optionsKept(text)}</code>
      <CopyButton text={text} />
    </pre>
  );
}

/** A command whose options no line end cuts at their dashes. */
function optionsKept(text: string): readonly (VNode | string)[] {
  return commandPieces(text).map((piece, at) =>
    at % 2 === 0 ? (
      piece
    ) : (
      <span key={at} class="option">
        {piece}
      </span>
    ),
  );
}

function CopyButton({ text }: { readonly text: string }): VNode {
  return (
    <button
      type="button"
      aria-label={`Copy: ${text.slice(0, 60)}`}
      onClick={({ currentTarget }) => {
        void copy(text, currentTarget);
      }}
    >
      Copy
    </button>
  );
}

/** Copies a text and says so; where the browser does not let a page do that, it is selected to be copied. */
async function copy(text: string, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    const code = button.parentElement?.querySelector('code');
    if (code !== null && code !== undefined) getSelection()?.selectAllChildren(code);
    button.textContent = 'Selected';
  }
}
