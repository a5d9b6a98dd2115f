import { expect, test } from 'vitest';
import { investigationReporters } from '../report/outputs.ts';
import { options } from '../report/build.ts';
import { commit, compared, investigation, version } from '../report/html/incident.ts';
import { useBrowser } from './browser.ts';

const open = useBrowser();
const detail = '#event-detail';

test('arrow keys lead through the events, and tell each', async () => {
  const page = await open(investigationReporters.html(investigation(), options));
  const inTabOrder = page.locator('.lanes .mark[tabindex="0"]');
  expect(await inTabOrder.count()).toBe(1);
  await inTabOrder.focus();
  expect(await page.locator(detail).textContent()).toContain('8HL4kqtJ');
  const focused = (): Promise<string | null> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
  await page.keyboard.press('ArrowLeft');
  expect(await focused()).toMatch(/^reviewed commit/);
  expect(await page.locator(detail).textContent()).toContain('Add participant P-7');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toMatch(/^runtime version/);
  await page.keyboard.press('ArrowUp');
  expect(await focused()).toMatch(/^reviewed commit/);
  await page.keyboard.press('Home');
  expect(await focused()).toContain('2026-08-03 08:00:00Z');
  await page.keyboard.press('ArrowLeft');
  expect(await focused()).toContain('2026-08-03 08:00:00Z');
  await page.keyboard.press('End');
  expect(await focused()).toMatch(/8HL4kqtJ.*current/);
  expect(await inTabOrder.count()).toBe(1);
});

test('the mouse tells an event that it meets', async () => {
  const page = await open(investigationReporters.html(investigation(), options));
  const marker = page.getByRole('img', { name: /delete marker/ });
  await marker.locator('path').hover();
  expect(await page.locator(detail).textContent()).toContain('no runtime object');
  expect(await page.locator('.lanes .cursor').getAttribute('x1')).toBe(
    await marker.getAttribute('x'),
  );
});

test('drift is told by shape and pattern, not by colour alone', async () => {
  const page = await open(investigationReporters.html(investigation(), options));
  const shapes = (look: string): Promise<string[]> =>
    page
      .locator(`.lanes .mark.${look}`)
      .evaluateAll((marks) => marks.map((mark) => mark.lastElementChild!.tagName));
  expect(new Set(await shapes('drift'))).toEqual(new Set(['path']));
  expect(new Set(await shapes('same'))).toEqual(new Set(['circle']));
  const fills = await page
    .locator('.band.drift')
    .evaluateAll((bands) => bands.map((band) => getComputedStyle(band).fill));
  expect(fills.length).toBeGreaterThan(0);
  expect(new Set(fills)).toEqual(new Set(['url("#hatch")']));
});

test('the key of the slice that was asked for tells its story and its diff', async () => {
  const page = await open(investigationReporters.html(investigation(), options));
  await page.getByRole('button', { name: 'P-1', exact: true }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.locator('.diff').textContent()).toContain('+P-1,EU,s3://lake/p1,incremental');
  expect(await dialog.textContent()).toContain('Who last changed');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'P-19', exact: true }).click();
  expect(await dialog.textContent()).toContain('P-19');
  expect(await dialog.locator('.diff').count()).toBe(0);
});

test('two points that were compared have findings of their own', async () => {
  const page = await open(investigationReporters.html(compared(), options));
  const shown = await page.locator('.shown').allTextContents();
  expect(shown).toEqual(['8 findings', '3 findings']);
});

test('three thousand events are drawn, and listed in pages', async () => {
  const timeline = Array.from({ length: 3000 }, (_, at) =>
    at % 3 === 0 ? version(at % 40, 3000 - at) : commit(at % 40, 3000 - at),
  );
  const page = await open(investigationReporters.html(investigation({ timeline }), options));
  expect(await page.locator('.lanes .mark').count()).toBe(3000);
  expect(await page.locator('#events tbody tr').count()).toBe(10);
  expect(await page.locator('#events [role=status]').textContent()).toBe('1–10 of 3000');
});

test('without scripts the page still tells what matters', async () => {
  const page = await open(investigationReporters.html(investigation(), options), {
    javaScriptEnabled: false,
  });
  const told = await page.locator('main').textContent();
  for (const fact of ['Edited', 'Drifted since', 'P-11', '172.7 GiB']) expect(told).toContain(fact);
});

test('the first screen names what is wrong, whom to ask and what to type', async () => {
  const page = await open(investigationReporters.html(investigation(), options), {
    viewport: { width: 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const seen = page.locator('header, .first, section:has(> #onset)');
  for (const text of [
    'P-51',
    'P-19',
    'data-platform@example.org',
    'https://wiki.example.org/participants',
    'keydrift publish --apply plan.json',
    'What version 7HL4kqtJ changed',
  ]) {
    const box = await seen.getByText(text).first().boundingBox();
    expect({ text, bottom: (box?.y ?? 9999) + (box?.height ?? 0) <= 900 }).toEqual({
      text,
      bottom: true,
    });
  }
  await page.getByRole('button', { name: /^Copy: keydrift run/ }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'keydrift run participants --use reviewed -- COMMAND',
  );
});

test('where S3 does not know who wrote a version, the page says where to look', async () => {
  const page = await open(investigationReporters.html(investigation(), options));
  const query = await page.locator('section:has(> #writer) .command code').textContent();
  expect(query).toContain("element_at(requestParameters, 'bucketName') = 'prod-runtime'");
  expect(query).toContain("element_at(requestParameters, 'key') = 'support/participants.csv'");
  expect(query).toContain("BETWEEN '2026-10-12 17:45:00' AND '2026-10-12 18:15:00'");
  const claimed = investigation({
    timeline: investigation().timeline.map((entry) =>
      entry.side === 'runtime' ? { ...entry, claim: version(1, 0).claim } : entry,
    ),
  });
  const calm = await open(investigationReporters.html(claimed, options));
  expect(await calm.locator('#writer').count()).toBe(0);
});

test('ticks are as short as they differ', async () => {
  const ticks = async (
    entries: ReturnType<typeof investigation>['timeline'],
  ): Promise<string[]> => {
    const { startedAt } = investigation();
    const last = entries[0]?.at ?? startedAt;
    const one = investigation({ timeline: entries, startedAt: last, onset: null });
    const page = await open(investigationReporters.html(one, options));
    return page.locator('.axis text').allTextContents();
  };
  const minute = 1 / 60;
  expect((await ticks([version(2, 24 * 30), commit(1, 0)]))[0]).toMatch(/^2026-08-0\d$/);
  expect((await ticks([version(2, 20), commit(1, 0)]))[0]).toMatch(/^08-03 08:\d\d$/);
  const close = await ticks([version(2, minute), commit(1, 0)]);
  expect(close[0]).toMatch(/^08:00:0\d$/);
  expect(new Set(close).size).toBe(5);
  const same = await ticks([version(2, minute / 60), commit(1, 0)]);
  expect(same.filter((label) => label !== '').length).toBe(
    new Set(same.filter((label) => label !== '')).size,
  );
});
