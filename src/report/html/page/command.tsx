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

/** Says what became of it in its own words. */
function CopyButton({ text }: { readonly text: string }): VNode {
  return (
    <button
      type="button"
      aria-label={`Copy: ${text.slice(0, 60)}`}
      onClick={({ currentTarget }) => {
        void copy(text, currentTarget).then((done) => {
          currentTarget.textContent = done ? 'Copied' : 'Selected';
        });
      }}
    >
      Copy
    </button>
  );
}

/** Copies a text; where the browser does not let a page do that, it is selected to be copied. */
async function copy(text: string, button: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const code = button.parentElement?.querySelector('code');
    if (code !== null && code !== undefined) getSelection()?.selectAllChildren(code);
    return false;
  }
}
