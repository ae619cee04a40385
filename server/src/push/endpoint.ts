import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Whoever asks for messages names the address that we then send to: it must never be a machine of our own. */
const PRIVATE_NETWORKS: readonly (readonly [net: string, prefix: number])[] = [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ] as const),
  ...([
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
  ...([
    ['::', 96],
    ['64:ff9b::', 96],
    ['100::', 64],
    ['2001:db8::', 32],
    ['2002::', 16],
  ] as const),
  ...([
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ] as const),
];
const PRIVATE = new BlockList();
for (const [net, prefix] of PRIVATE_NETWORKS) PRIVATE.addSubnet(net, prefix, isIP(net) === 6 ? 'ipv6' : 'ipv4');

const INNER_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|arpa|test|invalid|onion)\.?$/i;

/** Whether an endpoint can be one of a push service: https on its own port, at a name that the world knows. */
export function isPushEndpoint(endpoint: string): boolean {
  const url = URL.parse(endpoint);
  if (url?.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '') return false;
  const host = url.hostname;
  return host.includes('.') && !host.startsWith('[') && isIP(host) === 0 && !INNER_NAME.test(host);
}

/** Loopback, private, link-local, reserved: nothing that the world could reach. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  const family = isIP(plain);
  return family === 0 || PRIVATE.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

type Answer = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Looks a name up and refuses it where it leads inside, at the very moment of connecting. */
export function publicLookup(hostname: string, options: LookupOptions, answer: Answer): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) answer(error ?? new Error(`${hostname} has no address`), '');
    else if (addresses.some(({ address }) => isPrivateAddress(address)))
      answer(new Error(`${hostname} leads inside`), '');
    else if (options.all) answer(null, addresses);
    else answer(null, first.address, first.family);
  });
}
