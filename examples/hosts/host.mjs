// A bot gateway in Node: loads a pack, feeds events (a JSON object a line), hands out records, acknowledges them.
//
//   npm install koffi
//   weir key new
//   node host.mjs RULES [STATE] < events.jsonl > records.jws        WEIR_KEY names another key than weir-key.json, LIBWEIR another library
//                                                                   than the system's
import { createInterface } from 'node:readline';
import koffi from 'koffi';

const lib = koffi.load(process.env.LIBWEIR ?? 'libweir.so.0');
const Str = koffi.struct('weir_str', { ptr: 'const char *', len: 'size_t' });
const Text = koffi.struct('weir_text', { ptr: 'void *', len: 'size_t' }); // a weir_str that is only read
const WeirError = koffi.struct('weir_error', {
  status: 'int', line: 'uint32', column: 'uint32',
  file: koffi.array('char', 256), rule: koffi.array('char', 128), message: koffi.array('char', 512),
});
const Record = koffi.struct('weir_record', { aud: Text, seq: 'uint64', jws: Text });

const call = Object.fromEntries([
  'int weir_engine_open_json(_Out_ void **out, weir_str json, _Out_ weir_error *err)',
  'int weir_decide_json(void *engine, weir_str json, int64 now, void *verdict, _Out_ weir_error *err)',
  'int weir_tick(void *engine, int64 now, void *verdict, _Out_ weir_error *err)',
  'int weir_verdict_json(void *verdict, void *out, size_t cap, _Out_ size_t *len, _Out_ weir_error *err)',
  'int weir_next_record(void *engine, _Out_ weir_record *record, _Out_ weir_error *err)',
  'int weir_ack(void *engine, weir_str aud, uint64 seq, _Out_ weir_error *err)',
  'int weir_stats_json(void *engine, void *out, size_t cap, _Out_ size_t *len, _Out_ weir_error *err)',
  'void weir_engine_close(void *engine)',
].map((declaration) => [declaration.match(/weir_\w+(?=\()/)[0].slice(5), lib.func(declaration)]));

const OK = 0, NONE = 1;
const VERDICT_BYTES = 512; // more than sizeof(weir_verdict): it is only passed on
const VERDICT_JSON_BYTES = 262144;

const str = (text) => ({ ptr: text, len: Buffer.byteLength(text) });
const text = (t) => (t.len ? Buffer.from(koffi.decode(t.ptr, koffi.array('uint8', Number(t.len), 'Typed'))).toString() : '');

export class Weir {
  constructor(rules, { state = null, issuer = 'urn:weir:node', keyFile = process.env.WEIR_KEY ?? 'weir-key.json' } = {}) {
    this.verdict = Buffer.alloc(VERDICT_BYTES);
    this.json = Buffer.alloc(VERDICT_JSON_BYTES);
    const config = JSON.stringify({ rules, state, issuer, key_file: keyFile });
    const out = [null];
    this.check((err) => call.engine_open_json(out, str(config), err));
    [this.engine] = out;
  }

  check(f) {
    const err = {};
    const status = f(err);
    if (status < 0) throw new Error(err.message);
    return status;
  }

  /** What `f` writes into this.json. */
  written(f) {
    const len = [0];
    this.check((err) => f(len, err));
    return JSON.parse(this.json.toString('utf8', 0, Number(len[0])));
  }

  answer() {
    return this.written((len, err) => call.verdict_json(this.verdict, this.json, VERDICT_JSON_BYTES, len, err));
  }

  /** What was counted since the engine was opened. */
  stats() {
    return this.written((len, err) => call.stats_json(this.engine, this.json, VERDICT_JSON_BYTES, len, err));
  }

  /** The verdict for one event, a line of JSON. */
  decide(line, now = Date.now()) {
    this.check((err) => call.decide_json(this.engine, str(line), now, this.verdict, err));
    return this.answer();
  }

  /** The next timer that is due; null: there is none. */
  tick(now = Date.now()) {
    return this.check((err) => call.tick(this.engine, now, this.verdict, err)) === NONE ? null : this.answer();
  }

  /** Committed records, oldest first; each is acknowledged once whoever takes it comes back for the next. */
  * records() {
    for (;;) {
      const record = {};
      if (this.check((err) => call.next_record(this.engine, record, err)) !== OK) return;
      const aud = text(record.aud), { seq } = record;
      yield text(record.jws);
      this.check((err) => call.ack(this.engine, str(aud), seq, err));
    }
  }

  close() {
    call.engine_close(this.engine);
  }
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split('/').pop())) {
  const weir = new Weir(process.argv[2], { state: process.argv[3] ?? null });
  for await (const line of createInterface({ input: process.stdin })) {
    while (weir.tick());
    try {
      console.error(JSON.stringify(weir.decide(line.trim())));
    } catch (e) {
      console.error('refused:', e.message);
    }
    for (const jws of weir.records()) process.stdout.write(`${jws}\n`);
  }
  const { events, decided, refused } = weir.stats();
  console.error(`${events} events, ${decided} decided, ${refused} refused`);
  weir.close();
}
