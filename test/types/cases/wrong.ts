// What must not compile: every line that ends in a comment is one error.
import { Engine, type Instance, type Policy } from '../../../src/index.ts';
import type { PolicyDocument } from '../../../src/policy/index.ts';

const engine = new Engine();
export const misspelt: PolicyDocument = { version: 1, filesytem: [] }; // error
export const future: PolicyDocument = { version: 2 }; // error
export const word: PolicyDocument = { version: 1, filesystem: [{ mount: '/', memory: {}, access: ['execute'] }] }; // error
export const random: PolicyDocument = { version: 1, random: 'insecure' }; // error
const base = { mount: '/', memory: {}, access: 'read' } as const;
export const pattern: PolicyDocument = { version: 1, filesystem: [{ ...base, paths: '**' }] }; // error
export const layer: PolicyDocument = { version: 1, filesystem: [{ ...base, overlay: { lower: { image: 'a' } } }] }; // error
export const origin: PolicyDocument = { version: 1, filesystem: [{ ...base, memory: { from: { archive: 'a' } } }] }; // error
export const file: PolicyDocument = { version: 1, filesystem: [{ ...base, memory: { from: { files: { a: 1 } } } }] }; // error
export const bound: PolicyDocument = { version: 1, filesystem: [{ ...base, quota: { inodes: 1 } }] }; // error
export const budget: PolicyDocument = { version: 1, filesystem: [{ ...base, budget: { requests: 1 } }] }; // error
export const times: PolicyDocument = { version: 1, filesystem: [{ ...base, timestamps: 'none' }] }; // error
export const umask: PolicyDocument = { version: 1, filesystem: [{ ...base, umask: 0o22 }] }; // error
const request = { methods: ['GET'], url: 'https://a/' } as const;
export const value: PolicyDocument = { version: 1, http: [{ ...request, headers: { authorization: 'x' } }] }; // error
export const wait: PolicyDocument = { version: 1, http: [{ ...request, timeouts: { read: '1s' } }] }; // error
export const protocol: PolicyDocument = { version: 1, sockets: [{ protocol: 'sctp', connect: 'a:1' }] }; // error
export const lookup: PolicyDocument = { version: 1, dns: [{ names: 'a' }] }; // error
export const world: PolicyDocument = { version: 1, network: 'host' }; // error
engine.compile(42); // error
export async function use(instance: Instance, policy: Policy): Promise<void> {
  policy.arguments = true; // error
  instance.grants.length = 0; // error
  const { outcome } = await instance.run();
  outcome.code; // error
  const program = await engine.compile('x.wasm');
  await program.instantiate({}); // error
  await program.instantiate({ policy, stdout: 'inherited' }); // error
}
