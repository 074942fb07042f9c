// An executor in Node: takes signed records (a line each), trusts nothing but the public key, carries actions out once, and
// reports what became of them.
//
//   npm install jose
//   node executor.mjs JWKS AUD STATE < records.jws > outcomes.jsonl
//
// Status 0: every record was good; 1: some were refused (said on stderr, and not carried out).
import { createHash } from 'node:crypto';
import { existsSync, openSync, writeSync, fsyncSync, closeSync, readFileSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { compactVerify, createLocalJWKSet } from 'jose';

const [jwksFile, aud, stateFile] = process.argv.slice(2);
const readKeys = () => createLocalJWKSet(JSON.parse(readFileSync(jwksFile, 'utf8')));
let keys = readKeys();
/** The key of a header; the published set is read again when it is not known: keys are changed. */
const keyOf = async (header, token) => {
  try {
    return await keys(header, token);
  } catch {
    keys = readKeys();
    return keys(header, token);
  }
};
// head: for each chain the last number, the hash of its line, the key that signs what follows and the one before; done: decision and action, so that nothing is done twice
const state = existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')) : { head: {}, done: [] };
const done = new Set(state.done);

class Refused extends Error {}

/** The claim set of a record that is signed by a key we know. */
async function claimsOf(line) {
  try {
    const { payload, protectedHeader } = await compactVerify(line, keyOf, { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== 'weir-record+jwt' || !protectedHeader.kid) throw new Refused('its header is not that of a record');
    return [JSON.parse(new TextDecoder().decode(payload)), protectedHeader.kid];
  } catch (e) {
    throw e instanceof Refused ? e : new Refused(`its signature does not hold: ${e.message}`);
  }
}

/** Whether this record comes next. False: it was carried out before. */
function isNext(line, claims, kid) {
  if (claims.aud !== aud) throw new Refused(`it is for ${claims.aud}`);
  const digest = createHash('sha256').update(line).digest('base64url');
  let [seq, last, signer, former] = state.head[claims.chain] ?? [0];
  if (claims.seq === seq && digest !== last) throw new Refused(`number ${seq} came before with other bytes`);
  if (claims.seq <= seq) return false;
  if (claims.exp <= Date.now() / 1000) throw new Refused('its time is over');
  if (seq && claims.seq !== seq + 1) console.error(`executor: numbers ${seq + 1} to ${claims.seq - 1} are missing`);
  else if (seq && claims.prev !== last) throw new Refused('it does not follow the record before it');
  // one key signs a chain, until a record of its own names the next; that one is over then
  if (seq && (kid === former || (claims.seq === seq + 1 && signer && kid !== signer && !claims.erased))) throw new Refused(`key ${kid} does not sign this chain`);
  if (!seq || !claims.erased) signer = kid;
  if (claims.next_kid) [signer, former] = [claims.next_kid, kid];
  state.head[claims.chain] = [claims.seq, digest, signer, former];
  return true;
}

/** Here the platform's API, or a device, would be called. */
async function carryOut(action, decision) {
  console.error('do:', decision.contact, JSON.stringify(action));
  return 'sent';
}

function save() {
  state.done = [...done].slice(-100000);
  const fd = openSync(`${stateFile}.part`, 'w');
  writeSync(fd, JSON.stringify(state));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${stateFile}.part`, stateFile);
}

async function take(line) {
  const [claims, kid] = await claimsOf(line);
  if (!isNext(line, claims, kid)) return;
  const [channel, account] = aud.split('/');
  for (const decision of claims.decisions) {
    for (const action of decision.actions) {
      const name = `${decision.id}/${action.n}`;
      if (done.has(name)) continue;
      const status = await carryOut(action, decision);
      done.add(name);
      save(); // before it is told: told twice is harmless, done twice is not
      console.log(JSON.stringify({ id: `o-${name}`, time: Date.now(), channel, account, type: 'outcome', decision: decision.id, n: action.n, status }));
    }
  }
  save();
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await take(line);
  } catch (e) {
    if (!(e instanceof Refused)) throw e;
    console.error('executor: refused:', e.message);
    process.exitCode = 1;
  }
}
