/** The first release line with JavaScript Promise Integration on by default, which every blocking call of a guest needs. */
const REQUIRED_MAJOR = 24;

/**
 * What to tell the user of a Node.js that is too old, in one line; undefined when it is new enough.
 *
 * @param version as in `process.versions.node`
 */
export function nodeVersionProblem(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= REQUIRED_MAJOR) return undefined;
  return `Node.js ${REQUIRED_MAJOR} or later is needed, this is Node.js ${version}`;
}
