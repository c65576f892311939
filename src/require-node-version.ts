// Imported by src/index.ts before anything else: modules are evaluated in the order of their imports, so nothing that needs a
// newer Node.js runs before this check.
import { BailiwickError } from './errors.ts';
import { nodeVersionProblem } from './node-version.ts';

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) throw new BailiwickError('BW_NODE_VERSION', problem);
