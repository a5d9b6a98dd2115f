/**
 * The YAML parser, for what asks for it later. Imported so, the names of a CommonJS package are there;
 * bundled, `import('yaml')` has none of them.
 */
export { parse as parseYaml } from 'yaml';
