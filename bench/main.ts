import { measureAll } from './all/measure-all.ts';
import { updatePerformance } from './all/update-performance.ts';
import { measureBookings } from './bookings/measure-bookings.ts';
import { measureDeliveries } from './fan-out/deliveries.ts';
import { measureWatchedBookings } from './fan-out/watched-bookings.ts';
import { compareLoneBuyer } from './lone-buyer/command.ts';
import { compareOverload } from './overload/command.ts';
import { updateReadme } from './figures/update-readme.ts';
import { measureMailLoad } from './mails/mail-load.ts';
import { measureListLoad } from './pages/list-load.ts';
import { measurePageSpeed } from './pages/page-speed.ts';

/** By the first argument; without one of these names the bench measures bookings. */
const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  pages: measurePageSpeed,
  'list-load': measureListLoad,
  deliveries: measureDeliveries,
  watchers: measureWatchedBookings,
  'lone-buyer': compareLoneBuyer,
  overload: compareOverload,
  mails: measureMailLoad,
  readme: updateReadme,
  all: measureAll,
  performance: updatePerformance,
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
process.exitCode = await (command ? command(args) : measureBookings(process.argv.slice(2)));
