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
