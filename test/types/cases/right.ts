// What users write, and must compile.
import {
  AuditLog,
  type AuditRecord,
  type AuditSink,
  type Bindings,
  Engine,
  type FileChange,
  type Image,
  type ImageFiles,
  type Instance,
  loadImage,
  MemorySink,
  normalizePolicy,
  type Outcome,
  parsePolicy,
  type Policy,
  PolicyError,
  type PolicyProblem,
  type Program,
  type RunResult,
} from '../../../src/index.ts';
import {
  canonicalPolicy,
  type DnsRule,
  type FileContent,
  type FilesystemRule,
  formatBytes,
  type HttpRule,
  type PolicyDocument,
  type SocketsRule,
} from '../../../src/policy/index.ts';

const document: PolicyDocument = {
  version: 1,
  filesystem: [{ mount: '/tmp', memory: {}, access: 'read-write', quota: { bytes: '1MiB' } }],
  limits: { deadline: '5s', memory: 65_536, filesystem: { quota: { files: 100 }, budget: { readBytes: '1GiB' } } },
};

const volumes: PolicyDocument = {
  version: 1,
  filesystem: [
    {
      mount: '/app',
      overlay: { lower: { image: 'app' }, upper: { memory: {} } },
      access: 'read-write',
      paths: ['**/*.pdf'],
      except: ['drafts'],
      conceal: true,
      quota: { bytes: '64MiB', directories: 10, depth: 8, nameLength: 64, pathLength: 1024, descriptors: 20 },
      budget: { operations: '1000/s', readBytes: 1024, writeBytes: '5MiB' },
      timestamps: { fixed: '2026-01-01T00:00:00Z' },
    },
    { mount: '/image', image: './app.tar', access: ['read', 'list'], timestamps: false },
    { mount: '/out', host: 'out', access: 'read-write', umask: '077', timestamps: 'real' },
    {
      mount: '/seed',
      memory: { from: { files: { text: 'x', bytes: { base64: 'AAEC' }, link: { symlink: 'text' }, empty: null } } },
      access: 'read',
    },
    { mount: '/copy', memory: { from: { host: 'seed' } }, access: 'read' },
  ],
};

const network: PolicyDocument = {
  version: 1,
  http: [
    {
      methods: ['GET'],
      url: 'https://api.example.com/**',
      headers: { authorization: { secret: 'TOKEN', format: 'Bearer {}' } },
      requestHeaders: { allow: ['accept'] },
      timeouts: { total: '1min' },
      budget: { requests: '60/min', responseBytes: '5MiB' },
    },
  ],
  sockets: [{ protocol: 'tcp', connect: 'db.internal:5432', addresses: ['10.0.0.0/8'], budget: { concurrent: 4 } }],
  dns: [{ names: ['db.internal'], budget: { requests: '10/s' } }],
  network: 'virtual',
};
export const http: readonly HttpRule[] = normalizePolicy(network).http;
export const seconds: string | undefined = http[0]?.timeouts?.total;
export const sockets: readonly SocketsRule[] = normalizePolicy(network).sockets;
export const dns: readonly DnsRule[] = normalizePolicy(network).dns;
export const rules: readonly FilesystemRule[] = normalizePolicy(volumes).filesystem;
export const content: FileContent | undefined = rules[3]?.memory?.from?.files?.['text'];
export const depth: number | undefined = rules[0]?.quota?.depth;
export const policy: Policy = normalizePolicy(document);
export const text: string = canonicalPolicy(parsePolicy('{ "version": 1 }')) + formatBytes(1024);

export class Lines implements AuditSink {
  write(record: AuditRecord, line: () => string): void {
    if (record.kind === 'denial') console.log(record.operation, record.missing.section, line());
  }
}

export async function run(bytes: Uint8Array): Promise<number> {
  const engine = new Engine({ audit: new AuditLog([new MemorySink(), new Lines()]), cache: false });
  const program: Program = await engine.compile(bytes);
  const bindings: Bindings = { directories: { data: '/srv/data' } };
  await using instance: Instance = await program.instantiate({ policy, bindings, stdout: process.stdout, args: ['-v'] });
  const { exitCode, outcome }: RunResult = await instance.run();
  return exitCode + weigh(outcome);
}

export async function changed(instance: Instance): Promise<readonly FileChange[]> {
  const image: Image = await loadImage('app.tar', { limits: { bytes: 1 << 20 }, specialFiles: 'skip' });
  const tree: ImageFiles = await instance.files('src').toFiles();
  return image.files > Object.keys(tree).length ? [] : instance.files('src').acceptChanges();
}

export function problems(source: string): readonly PolicyProblem[] {
  try {
    parsePolicy(source, { file: 'tenant.jsonc', resolve: () => undefined });
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
}

/** Every kind of outcome is there, and no other. */
function weigh(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'exit':
      return outcome.code;
    case 'limit':
      return outcome.value;
    case 'trap':
      return outcome.reason.length;
    case 'cancelled':
      return 1;
    case 'host-error':
      return outcome.error === undefined ? 2 : 3;
  }
}
