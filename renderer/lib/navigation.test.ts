import { describe, expect, it } from 'vitest';
import { parseRoute, routeHash } from './navigation.ts';

describe('routes', () => {
  it.each([
    ['', { screen: 'connections', workspaceId: null }],
    ['#/', { screen: 'connections', workspaceId: null }],
    ['#/connections', { screen: 'connections', workspaceId: null }],
    ['#/w/abc/keys', { screen: 'keys', workspaceId: 'abc' }],
    ['#/w/abc', { screen: 'keys', workspaceId: 'abc' }],
    ['#/w/', { screen: 'w', workspaceId: null }],
    ['#/%E0%A4%A', { screen: 'connections', workspaceId: null }],
  ])('reads %s', (hash, route) => expect(parseRoute(hash)).toEqual(route));

  it.each([['plain'], ['a/b'], ['ü #?%']])('takes a workspace named %s there and back', (workspaceId) => {
    const route = { screen: 'keys', workspaceId };
    expect(parseRoute(routeHash(route))).toEqual(route);
  });
});
