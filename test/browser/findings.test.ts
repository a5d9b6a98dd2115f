import { expect, test } from 'vitest';
import { reporters } from '../report/outputs.ts';
import { artifact, options, report } from '../report/build.ts';
import { cases } from '../report/cases.ts';
import { investigation, manyFindings } from '../report/html/incident.ts';
import { column, useBrowser } from './browser.ts';

const open = useBrowser();
const total = 10_000;
const incident = (): Iterable<string> =>
  reporters.html(report([investigation().artifact!]), options);
const many = (): Iterable<string> =>
  reporters.html(report([artifact({ findings: manyFindings(total) })]), options);

test('a column sorts up, down, and back to the order of the report', async () => {
  const page = await open(incident());
  const before = await column(page, 'participant_id');
  const head = page.getByRole('columnheader', { name: 'participant_id' });
  const button = head.getByRole('button');
  const sorted = before.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  await button.click();
  expect(await column(page, 'participant_id')).toEqual(sorted);
  expect(await head.getAttribute('aria-sort')).toBe('ascending');
  await button.click();
  expect(await column(page, 'participant_id')).toEqual(sorted.toReversed());
  expect(await head.getAttribute('aria-sort')).toBe('descending');
  await button.click();
  expect(await column(page, 'participant_id')).toEqual(before);
  expect(await head.getAttribute('aria-sort')).toBeNull();
});

test('every column sorts, and numbers by their size', async () => {
  const page = await open(incident());
  const heads = await page.locator('.findings thead th').allTextContents();
  expect(heads).toEqual([
    'kind',
    'participant_id',
    'region',
    'side',
    'reviewed rows',
    'runtime rows',
    'what differs',
    'severity',
  ]);
  for (const head of heads) {
    await page.locator('.findings').getByRole('button', { name: head, exact: true }).click();
    const cells = await column(page, head);
    const values = head.endsWith('rows') ? cells.map((cell) => parseInt(cell, 10)) : cells;
    expect(values).toEqual(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  }
});

test('kind, side and severity filter, together', async () => {
  const page = await open(incident());
  await page
    .getByRole('button', { name: /^duplicated/ })
    .first()
    .click();
  await page
    .getByRole('button', { name: /^conflict/ })
    .first()
    .click();
  expect(new Set(await column(page, 'kind'))).toEqual(new Set(['duplicated', 'conflict']));
  await page.getByLabel('Side').selectOption('runtime');
  expect(await column(page, 'kind')).toEqual(['duplicated', 'duplicated', 'conflict']);
  await page.getByLabel('Severity').selectOption('warn');
  expect(await column(page, 'participant_id')).toEqual(['P-13']);
  expect(await page.locator('.shown').textContent()).toBe('1 of 8 findings');
});

test('a row opens: its rows on both sides, what differs marked', async () => {
  const page = await open(incident());
  const row = page.locator('.findings tr', { hasText: 'P-1EU' });
  const opener = row.getByRole('button', { name: 'conflict' });
  expect(await opener.getAttribute('aria-expanded')).toBe('false');
  await opener.focus();
  await page.keyboard.press('Enter');
  expect(await opener.getAttribute('aria-expanded')).toBe('true');
  const below = page.locator('.below');
  expect(await below.locator('tbody tr').count()).toBe(3);
  expect(await below.locator('mark').allTextContents()).toEqual([
    'full',
    '1.10',
    'full',
    '1.10',
    'incremental',
    '1.20',
  ]);
  await page.keyboard.press('Enter');
  expect(await below.count()).toBe(0);
});

test('a key tells all of its unit, and the focus comes back', async () => {
  const page = await open(incident());
  const key = page.getByRole('button', { name: 'P-11', exact: true });
  await key.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('heading').first().textContent()).toMatch(/participant_id = P-11/);
  expect(await dialog.locator('.rows tbody tr').count()).toBe(5);
  expect(await dialog.textContent()).toContain(
    'keydrift investigate participants --scope participant_id=P-11 --scope region=EU',
  );
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await key.evaluate((element) => element === document.activeElement)).toBe(true);
});

test('ten thousand findings: pages, search and sort reach every one', async () => {
  const page = await open(many());
  expect(await page.locator('.findings tbody tr').count()).toBe(50);
  const pager = page.getByRole('navigation', { name: 'Pages' });
  expect(await pager.getByRole('status').textContent()).toBe(`1–50 of ${total}`);
  await pager.getByRole('button', { name: 'Next' }).click();
  expect(await pager.getByRole('status').textContent()).toBe(`51–100 of ${total}`);
  await pager.getByRole('button', { name: 'Last' }).click();
  expect(await pager.getByRole('status').textContent()).toBe(`9951–10000 of ${total}`);
  expect(await pager.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'participant_id', exact: true }).click();
  const first = await column(page, 'participant_id');
  expect(first).toEqual(Array.from({ length: 50 }, (_, at) => `P-${String(at).padStart(5, '0')}`));
  await page.getByLabel('Search keys').fill('p-0777');
  expect(await column(page, 'participant_id')).toEqual(
    Array.from({ length: 10 }, (_, at) => `P-0777${at}`),
  );
  await page.getByLabel('Search keys').fill('nothing has this');
  expect(await page.locator('.shown').textContent()).toBe(`0 of ${total} findings`);
  expect(await column(page, 'kind')).toEqual([]);
});

test('an audit starts with an overview, which leads to each artifact', async () => {
  const page = await open(reporters.html(cases['many-artifacts']!.report, options));
  expect(await page.locator('main > *').first().getAttribute('aria-labelledby')).toBe('overview');
  const links = page.getByRole('region', { name: 'Overview of the artifacts' }).getByRole('link');
  expect(await links.count()).toBe(6);
  await links.getByText('limits').click();
  expect(await page.locator(':target').evaluate((element) => element.textContent)).toContain(
    'STORE_ACCESS_DENIED',
  );
});
