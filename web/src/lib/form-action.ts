/** The part of the address of a page that a form or a link of it needs. */
interface FormUrl {
  search: string;
}

const PASSWORD_ACTION = '/password';
/** Names the password's form in the address of a page where one signs in. */
const WAY = 'with';

/**
 * Where a form of this page is sent: the form action of this name, with the query of the page, which the action's name
 * would replace. Null: the page itself without an action, `withPassword` the one with the password's form.
 */
export function formAction(name: string | null, { search }: FormUrl, withPassword = false): string {
  const query = new URLSearchParams(search);
  for (const key of [...query.keys()]) if (key.startsWith('/') || key === WAY) query.delete(key);
  if (withPassword) query.set(WAY, 'password');
  const rest = query.toString();
  if (name === null) return `?${rest}`;
  return rest === '' ? `?/${name}` : `?/${name}&${rest}`;
}

/** Whether the address asks for the password's form, or is that of its answer. */
export function isWithPassword({ searchParams }: { searchParams: Pick<URLSearchParams, 'get' | 'has'> }): boolean {
  return searchParams.get(WAY) === 'password' || searchParams.has(PASSWORD_ACTION);
}

/** The address of a page where one signs in, with the password's form. */
export function withPassword(href: string): string {
  return `${href}${href.includes('?') ? '&' : '?'}${WAY}=password`;
}
