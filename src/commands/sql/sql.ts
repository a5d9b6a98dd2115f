import { chooseOneEach } from '../../judge/choose.ts';
import type { AppContext } from '../../judge/context.ts';
import { loadContract } from '../../judge/contract.ts';
import { pinNamed, releaseCopies, scanNamed, scanReviewed } from '../../judge/copies.ts';
import type { ContractChoice } from '../../judge/options.ts';
import { reviewedLocation } from '../../judge/pair.ts';
import { reviewedRequest, runtimeRequest } from '../../judge/request.ts';
import { openSources } from '../../judge/sources.ts';
import { queriesOf } from '../../judge/tables.ts';
import { KeydriftError, shellQuote } from '../../model/index.ts';

export interface SqlOptions extends ContractChoice {
  readonly artifact: string;
  readonly ref: string;
  readonly cacheDirectory: string;
}

/** `keydrift sql`: the queries that an artifact's engine would be asked, as one text of SQL. */
export async function sql(context: AppContext, options: SqlOptions): Promise<string> {
  const sources = openSources(context, options);
  try {
    const { contract } = await loadContract(context, options, sources);
    const [chosen] = chooseOneEach(contract, { names: [options.artifact] }, context);
    const { artifact, copy } = chosen!;
    const location = reviewedLocation(artifact, copy, sources);
    const tables = [location, copy.location].filter((one) => sources.scheme(one).holds === 'rows');
    if (tables.length === 0) {
      throw new KeydriftError(
        'USAGE',
        `no engine is asked of ${artifact.name}: neither copy is a table`,
        {
          hint: {
            text: 'keydrift itself reads both',
            command: `keydrift audit ${shellQuote(artifact.name)}`,
          },
        },
      );
    }
    const pinned = [
      await pinNamed(location, 'reviewed', sources),
      await pinNamed(copy.location, 'runtime', sources),
    ] as const;
    try {
      const reviewed = await scanReviewed(pinned[0], reviewedRequest(artifact));
      const counterpart = reviewed.plan.consumed.map(({ name }) => name);
      const runtime = await scanNamed(pinned[1], runtimeRequest(artifact, copy, counterpart));
      const queries = queriesOf(artifact, { reviewed, runtime });
      return queries.map(({ purpose, sql: text }) => `-- ${purpose}\n${text};\n`).join('\n');
    } finally {
      await releaseCopies(pinned);
    }
  } finally {
    await sources.close();
  }
}
