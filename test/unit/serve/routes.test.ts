import { describe, expect, test } from 'vitest';
import { isSamePlace, type Place, RouteTable } from '../../../src/serve/routes.ts';

const PLACES: readonly (Place & { readonly name: string })[] = [
  { name: 'root' },
  { name: 'api', path: '/api' },
  { name: 'api-v1', path: '/api/v1/' },
  { name: 'shop', host: 'Shop.Example' },
  { name: 'shop-api', host: 'shop.example', path: '/api' },
  { name: 'six', host: '[::1]' },
];

describe('the route of a request', () => {
  test.each([
    ['any.example', '/', 'root'],
    [undefined, '/', 'root'],
    ['any.example', '/api', 'api'],
    ['any.example', '/api?x=/api/v1', 'api'],
    ['any.example', '/api/', 'api'],
    ['any.example', '/apis', 'root'],
    ['any.example', '/api/v1', 'api-v1'],
    ['any.example', '/api/v1/items', 'api-v1'],
    ['any.example', '/api/v10', 'api'],
    ['shop.example', '/', 'shop'],
    ['SHOP.example:8080', '/x', 'shop'],
    ['shop.example', '/api/v1', 'shop-api'],
    ['notshop.example', '/', 'root'],
    ['[::1]:8080', '/', 'six'],
    ['any.example', '*', undefined],
  ])('%s %s is %s', (authority, path, name) => {
    expect(new RouteTable(PLACES).find(authority, path)?.name).toBe(name);
  });

  test('is none where no route is for the host or the path', () => {
    const table = new RouteTable([{ host: 'shop.example', path: '/api' }]);
    expect(table.find('shop.example', '/')).toBeUndefined();
    expect(table.find('other.example', '/api')).toBeUndefined();
    expect(table.find(undefined, '/api')).toBeUndefined();
  });
});

test.each([
  [{}, { path: '/' }, true],
  [{ path: '/a' }, { path: '/a/' }, true],
  [{ host: 'A' }, { host: 'a' }, true],
  [{ host: 'a' }, {}, false],
  [{ path: '/a' }, { path: '/A' }, false],
])('%j and %j are for the same requests: %s', (one, other, same) => {
  expect(isSamePlace(one, other)).toBe(same);
});
