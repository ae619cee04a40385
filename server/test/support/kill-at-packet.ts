import { Socket } from 'node:net';

/** Kills this process at its given packet from now on: before the packet is sent, or right after that (`sent`). */
export function killAtPacket({ packets, sent }: { packets: number; sent: boolean }): void {
  let left = packets;
  const { write } = Socket.prototype;
  const die = () => process.kill(process.pid, 'SIGKILL');
  Socket.prototype.write = function (this: Socket, ...args: unknown[]) {
    left -= 1;
    if (left === 0 && !sent) die();
    const flushed = Reflect.apply(write, this, args) as boolean;
    if (left === 0 && sent) die();
    return flushed;
  } as typeof write;
}
