import type { VNode } from 'preact';

/** Lines to be pasted, with a button that copies them. */
export function CommandLines({ text }: { readonly text: string }): VNode {
  return (
    <pre class="command">
      <code>{text}</code>
      <CopyButton text={text} />
    </pre>
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
