import { describe, expect, test } from 'vitest';
import { parseRoutes } from '../../../src/cli/routes-file.ts';

test('a list of routes, with comments; files count from its directory', () => {
  const text = `[
    // The shop.
    { "host": "shop.example", "path": "/api", "program": "shop.wasm", "policy": "../shop.jsonc", "tenant": "shop" },
    { "program": "/srv/home.wasm", "policy": "preset:none", "tenant": "home", "isolation": "process" },
  ]`;
  expect(parseRoutes(text, 'etc/routes.jsonc')).toEqual([
    {
      host: 'shop.example',
      path: '/api',
      program: 'etc/shop.wasm',
      policy: 'shop.jsonc',
      tenant: 'shop',
      isolation: 'inline',
    },
    {
      host: undefined,
      path: undefined,
      program: '/srv/home.wasm',
      policy: 'preset:none',
      tenant: 'home',
      isolation: 'process',
    },
  ]);
});

describe('every problem is told with its place', () => {
  const rest = '"program": "p.wasm", "policy": "p.jsonc", "tenant": "t"';
  test.each([
    ['{}', ':1:1: wrong type, expected a list of at least one route'],
    ['[]', ':1:1: wrong type, expected a list of at least one route'],
    ['[7]', ':1:2: wrong type, expected a route: { "program": …, "policy": …, "tenant": … }'],
    ['[null]', ':1:2: wrong type, expected a route: { "program": …, "policy": …, "tenant": … }'],
    ['[[]]', ':1:2: wrong type, expected a route: { "program": …, "policy": …, "tenant": … }'],
    ['[{ "policy": "p", "tenant": "t" }]', ':1:2: "program" is missing'],
    [`[{ ${rest}, "tenat": "x" }]`, '(did you mean "tenant"?)'],
    [`[{ ${rest}, "__proto__": 1 }]`, 'forbidden key, found "__proto__"'],
    [`[\n  { ${rest},\n    "path": 7 }]`, ':3:13: wrong type, expected a string that is not empty'],
    [`[{ ${rest}, "path": "api" }]`, 'not understood, found "api", expected a path, such as "/api"'],
    [`[{ ${rest}, "path": "/a?b" }]`, 'not understood, found "/a?b"'],
    [
      `[{ ${rest}, "isolation": "vm" }]`,
      'not understood, found "vm", expected "inline", "thread", "process"',
    ],
    [`[{ ${rest}, "isolation": true }]`, 'wrong type, expected a string'],
    [`[{ ${rest}, "host": "a:80" }]`, 'found "a:80", expected a host without a port'],
    [`[{ ${rest} },\n { ${rest}, "path": "/" }]`, ':2:2: for the same requests as route 0'],
    [`[{ ${rest} }`, ':1:'],
  ])('%s', (text, problem) => {
    const error: unknown = (() => {
      try {
        return parseRoutes(text, 'routes.json');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'BW_ROUTES_INVALID' });
    const lines = (error as Error).message.split('\n');
    expect(lines[0]).toBe('The routes are not valid:');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^routes\.json:\d+:\d+: /);
    expect(lines[1]).toContain(problem);
  });
});
