/** What makes the page answer: it reads the island, and takes the place of the static tables. */
import { render } from 'preact';
import type { Island } from '../island.ts';
import { Events } from './events.tsx';
import type { Medium } from './data-table.tsx';
import { CommandLines } from './command.tsx';
import { Findings } from './findings.tsx';
import { Fleet, type FleetItem } from './fleet.tsx';
import { itemsOf, type FindingItem } from './items.ts';
import { KeyStory } from './key-story.tsx';
import { enliven } from './timeline.tsx';

const island: Island = JSON.parse(document.getElementById('keydrift-data')?.textContent ?? '');
const painters: ((medium: Medium) => void)[] = [];
const front = document.body.appendChild(document.createElement('div'));

for (const place of document.querySelectorAll<HTMLElement>('[data-findings]')) {
  const artifact = island.artifacts[Number(place.dataset['findings'])];
  if (artifact === undefined) continue;
  const items = itemsOf(artifact);
  const open = (item: FindingItem): void => tell(item, items, artifact.argument);
  place.replaceChildren();
  painters.push((medium) => {
    render(<Findings items={items} openKey={open} medium={medium} />, place);
  });
}

const fleet = document.querySelector<HTMLElement>('[data-fleet]');
if (fleet !== null) {
  const items = fleetItems();
  fleet.replaceChildren();
  painters.push((medium) => render(<Fleet items={items} medium={medium} />, fleet));
}

for (const command of document.querySelectorAll('pre.command')) {
  const place = document.createElement('div');
  command.replaceWith(place);
  render(<CommandLines text={command.textContent} />, place);
}

const events = document.getElementById('events');
if (events !== null) {
  const items = island.timeline.map((entry, at) => ({ entry, at }));
  events.replaceChildren();
  painters.push((medium) => {
    render(<Events items={items} medium={medium} />, events);
  });
}

const detail = document.getElementById('event-detail');
if (detail !== null) enliven(island.timeline, detail);

paint('screen');
addEventListener('beforeprint', () => paint('paper'));
addEventListener('afterprint', () => paint('screen'));
document.documentElement.dataset['ready'] = '';

/** The artifacts, worst first; their findings are unpacked when somebody asks for them. */
function fleetItems(): readonly FleetItem[] {
  return island.artifacts
    .flatMap((artifact) => (artifact.told === null ? [] : [{ artifact, told: artifact.told }]))
    .toSorted((a, b) => a.told.rank - b.told.rank)
    .map(({ artifact, told }, at) => {
      const items = (): readonly FindingItem[] => itemsOf(artifact);
      return {
        told,
        at,
        haystack: [told.name, told.owner, told.found, ...told.labels.flat()]
          .join('\n')
          .toLowerCase(),
        total: artifact.total,
        items,
        openKey: (item) => tell(item, items(), artifact.argument),
      };
    });
}

function paint(medium: Medium): void {
  for (const painter of painters) painter(medium);
}

/** Tells the story of a finding's key in front of the page, and gives the focus back after it. */
function tell(item: FindingItem, items: readonly FindingItem[], argument: string | null): void {
  const before = document.activeElement;
  const ofKey = items.filter(({ keyId }) => keyId === item.keyId);
  const close = (): void => {
    render(null, front);
    if (before instanceof HTMLElement) before.focus();
  };
  render(
    <KeyStory
      items={ofKey}
      argument={argument}
      story={item.isInSlice ? document.getElementById('slice-story') : null}
      close={close}
    />,
    front,
  );
}
