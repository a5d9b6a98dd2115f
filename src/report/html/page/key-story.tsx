import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Cells } from '../../../model/index.ts';
import { shellQuote } from '../../../model/quoting.ts';
import { showCell, showValue } from '../../escape.ts';
import { severityText } from '../finding-facts.ts';
import { FindingRows } from './finding-rows.tsx';
import type { FindingItem } from './items.ts';

/** All that the page holds of one key, in front of the page: its findings, rows, story, what next. */
export function KeyStory({
  items,
  argument,
  story,
  close,
}: {
  /** The findings of one key. */
  readonly items: readonly FindingItem[];
  readonly argument: string | null;
  /** Tells the key's slice through the histories, where it is the one that was asked for. */
  readonly story: Element | null;
  readonly close: () => void;
}): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const key = items[0]?.finding.key ?? [];
  const next = argument === null ? null : command(argument, key);
  return (
    <dialog ref={dialog} class="story" aria-labelledby="story-title" onClose={close}>
      <div class="bar">
        <h2 id="story-title">
          {key.map(([column, value]) => (
            <span key={column} class="part">
              <bdi>{showValue(column)}</bdi> = <bdi>{showCell(value)}</bdi>
            </span>
          ))}
        </h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <ul>
        {items.map(({ at, finding }) => (
          <li key={at}>
            <span class={`kind ${finding.kind}`}>{finding.kind}</span> {finding.side} (
            {severityText(finding)}): {finding.rowCount.reviewed} reviewed,{' '}
            {finding.rowCount.runtime} runtime
          </li>
        ))}
      </ul>
      <FindingRows findings={items.map(({ finding }) => finding)} />
      {story === null ? null : <Story of={story} />}
      {next === null ? null : (
        <p class="next">
          Through its history: <code>{next}</code>
        </p>
      )}
    </dialog>
  );
}

/** A copy of what the page tells of the slice already. */
function Story({ of }: { readonly of: Element }): VNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const copies = Array.from(of.childNodes, (node) => node.cloneNode(true));
    place.current?.replaceChildren(...copies);
  }, [of]);
  return <div class="copied" ref={place} />;
}

/** The command that tells the key's slice; null where `--scope` cannot name one of its columns. */
function command(argument: string, key: Cells): string | null {
  if (key.some(([column]) => column === '' || column.includes('='))) return null;
  const scopes = key.map(([column, value]) => ` --scope ${shellQuote(scopeTerm(column, value))}`);
  return `keydrift investigate ${argument}${scopes.join('')}`;
}

/** `column=value` as `--scope` reads it: values are a CSV record. */
function scopeTerm(column: string, value: string | null): string {
  const text = value ?? '';
  return `${column}=${/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text}`;
}
