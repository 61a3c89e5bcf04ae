import { createHash } from 'node:crypto';

const legal = /^[A-Za-z0-9_-]{1,64}$/;
const coded = 'sbx_';
const hashed = 'sbh_';
const longest = 64;

/**
 * The id of a call in the alphabet and length that every format takes. Others are coded, so that their endpoint gets them
 * back (`originalId`), or hashed where they are too long for that.
 */
export function legalId(id: string): string {
  if (legal.test(id)) return id;
  const code = coded + Buffer.from(id).toString('base64url');
  return code.length <= longest ? code : hashed + createHash('sha256').update(id).digest('base64url').slice(0, 40);
}

/** The id as its endpoint made it. */
export function originalId(id: string): string {
  return id.startsWith(coded) ? Buffer.from(id.slice(coded.length), 'base64url').toString('utf8') : id;
}

/** An id that none of the others is: some servers begin to count anew in each answer. Adds it to them. */
export function uniqueId(id: string, others: Set<string>): string {
  let made = id;
  for (let nth = 2; others.has(made); nth += 1) made = `${id.slice(0, longest - 8)}_${nth}`;
  others.add(made);
  return made;
}
