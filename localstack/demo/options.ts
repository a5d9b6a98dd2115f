import { parseArgs } from 'node:util';
import type { Endpoint } from '../seed.ts';
import type { Environment } from './environment.ts';

/** What the demo was asked for. */
export type DemoOptions =
  | { readonly mode: 'help' }
  | { readonly mode: 'seed'; readonly endpoint: Endpoint }
  | { readonly mode: 'play' | 'keep'; readonly endpoint: Endpoint | null };

export const help: string = `npm run demo -- [options]

  --keep               leave the server and the repository until Ctrl-C
  --endpoint-url URL   play on another S3 server; with the keys of AWS_ACCESS_KEY_ID
                       and AWS_SECRET_ACCESS_KEY, else test and test
  --seed-only          fill that server and end
  --help               this text
`;

/** Reads the command line; throws an Error with a message for its writer. */
export function parseOptions(argv: readonly string[], environment: Environment): DemoOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      keep: { type: 'boolean', default: false },
      'endpoint-url': { type: 'string' },
      'seed-only': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { mode: 'help' };
  const url = values['endpoint-url'];
  const endpoint = url === undefined ? null : endpointOf(url, environment);
  if (!values['seed-only']) return { mode: values.keep ? 'keep' : 'play', endpoint };
  if (endpoint === null) throw new Error('--seed-only needs --endpoint-url URL');
  return { mode: 'seed', endpoint };
}

function endpointOf(url: string, environment: Environment): Endpoint {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new Error(`--endpoint-url: expected http://HOST:PORT, found ${url}`);
  }
  return {
    url,
    region: environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? 'test',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    },
  };
}
