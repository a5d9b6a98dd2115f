/** Packages that drive engines: whoever uses one installs it, no bundle holds it. */
export const drivers = ['@duckdb/node-api', '@aws-sdk/client-athena'];
