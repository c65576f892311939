import { describe, expect, test } from 'vitest';
import { type Bindings, type ResolvedBindings, resolveBindings } from '../../../src/engine/bindings.ts';
import { nodeMachine } from '../../../src/ambient/machine.ts';
import { compilePolicy } from '../../../src/engine/compiled-policy.ts';
import { BindingError } from '../../../src/errors.ts';
import { normalizePolicy } from '../../../src/policy/index.ts';

function resolve(policy: object, bindings: Bindings): ResolvedBindings {
  return resolveBindings(
    compilePolicy(normalizePolicy({ version: 1, ...policy }), nodeMachine),
    bindings,
    (base, path) => `${base}|${path}`,
  );
}

const MOUNTS = {
  filesystem: [
    { id: 'named', mount: '/a', host: 'data', access: 'read' },
    { id: 'absolute', mount: '/b', host: '/srv/b', access: 'read' },
    { id: 'relative', mount: '/c', host: './c', access: 'read' },
    { id: 'memory', mount: '/d', memory: {}, access: 'read' },
  ],
};
const VARIABLES = { environment: { LANG: 'C.UTF-8', REGION: { from: 'host' }, ABSENT: { from: 'host' } } };

test('names become what they are bound to, literal paths count from the base, memory needs nothing', () => {
  const { directories } = resolve(MOUNTS, {
    directories: { data: '/srv/data' },
    hostPaths: { relativeTo: '/base' },
  });
  expect([...directories]).toEqual([
    ['data', '/srv/data'],
    ['/srv/b', '/base|/srv/b'],
    ['./c', '/base|./c'],
  ]);
});

test('variables keep the policy’s order; one that the host does not have is one that the guest does not have', () => {
  const { environment } = resolve(VARIABLES, {
    environment: { REGION: 'eu', ABSENT: undefined, OTHER: 'x' },
  });
  expect([...environment]).toEqual([
    ['LANG', 'C.UTF-8'],
    ['REGION', 'eu'],
  ]);
});

test('everything that is not bound is named at once, with its place in the policy', () => {
  expect(() => resolve({ ...MOUNTS, ...VARIABLES }, {})).toThrow(BindingError);
  expect(() => resolve({ ...MOUNTS, ...VARIABLES }, {})).toThrow(
    expect.objectContaining({
      code: 'BW_BINDING_MISSING',
      message: [
        'The policy names what the embedder did not bind:',
        '/filesystem/0/host: the directory "data" is not bound (bindings.directories)',
        '/filesystem/1/host: the literal path "/srv/b" is not allowed here (bindings.hostPaths)',
        '/filesystem/2/host: the literal path "./c" is not allowed here (bindings.hostPaths)',
        '/environment/REGION: a value from the host is not allowed here (bindings.environment)',
        '/environment/ABSENT: a value from the host is not allowed here (bindings.environment)',
      ].join('\n  '),
      hint: expect.stringContaining('bindings'),
    }),
  );
});

describe('names are looked up among the embedder’s own only', () => {
  test.each(['constructor', 'toString', 'valueOf'])('%s', (name) => {
    const rule = { id: 'x', mount: '/x', host: name, access: 'read' };
    expect(() => resolve({ filesystem: [rule] }, { directories: {} })).toThrow(
      `the directory "${name}" is not bound`,
    );
    expect(() => resolve({ environment: { [name]: { from: 'host' } } }, { environment: {} })).toThrow(
      `/environment/${name}`,
    );
  });
});

const SECRET = {
  http: [
    {
      methods: ['GET'],
      url: 'https://api.example.com/**',
      headers: { authorization: { secret: 'TOKEN', format: 'Bearer {}' } },
    },
  ],
};

test('a secret is what it is bound to', () => {
  expect([...resolve(SECRET, { secrets: { TOKEN: 'hunter2', OTHER: 'x' } }).secrets]).toEqual([
    ['TOKEN', 'hunter2'],
  ]);
  expect(() => resolve(SECRET, {})).toThrow(
    '/http/0/headers/authorization/secret: the secret "TOKEN" is not bound (bindings.secrets)',
  );
});

test.each(['', ' a', 'hunter2\n', 'a\r\nx: y', 'hunter\0', 'hüntér'])(
  'a secret that cannot stand in a header field is refused, and not shown: %j',
  (value) => {
    const refused = (): unknown => resolve(SECRET, { secrets: { TOKEN: value } });
    expect(refused).toThrow(expect.objectContaining({ code: 'BW_BINDING_SECRET' }));
    expect(refused).not.toThrow(/hunt/);
  },
);

test('a virtual network has to be bound', () => {
  expect(() => resolve({ network: 'virtual' }, {})).toThrow(
    '/network: no virtual network is bound (bindings.virtualNetwork)',
  );
});

test('client certificates are known by their host', () => {
  const certificate = { certificate: 'C', key: 'K' };
  const clientCertificates = { 'API.Example.com.': certificate, '[::1]': certificate };
  const { network } = resolve({}, { network: { clientCertificates } });
  expect([...(network.clientCertificates ?? [])]).toEqual([
    ['api.example.com', certificate],
    ['[::1]', certificate],
  ]);
  const wrong = { 'https://api.example.com': certificate };
  expect(() => resolve({}, { network: { clientCertificates: wrong } })).toThrow('is no host');
});
