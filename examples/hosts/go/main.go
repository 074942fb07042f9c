// A bot gateway in Go: loads a pack, feeds events (a JSON object a line), hands out records, acknowledges them.
//
//	go run . RULES [STATE] < events.jsonl > records.jws        weir found by pkg-config
package main

/*
#cgo pkg-config: weir
#include <stdlib.h>
#include <weir.h>

// cgo cannot fill a struct that holds Go pointers, so the strings of the configuration are C's.
static weir_status open_engine(weir_engine **out, const weir_ruleset *rules, const weir_key *key, const char *state, weir_error *err) {
  weir_config config = { .struct_size = sizeof config, .ruleset = rules, .key = key, .state = state, .issuer = { "urn:weir:go", 11 } };
  return weir_engine_open(out, &config, err);
}
static weir_status decide(weir_engine *engine, const char *json, size_t len, int64_t now, weir_verdict *verdict, weir_error *err) {
  return weir_decide_json(engine, (weir_str){ json, len }, now, verdict, err);
}
*/
import "C"

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"
)

// Weir is one engine: one shop, used by one goroutine at a time.
type Weir struct {
	ruleset *C.weir_ruleset
	key     *C.weir_key
	engine  *C.weir_engine
	verdict C.weir_verdict
	json    [C.WEIR_VERDICT_JSON_BYTES]C.char
	err     C.weir_error
}

func (w *Weir) check(status C.weir_status) error {
	if status >= 0 {
		return nil
	}
	return errors.New(C.GoString(&w.err.message[0]))
}

// Open loads the rules; state "" keeps people in memory.
func Open(rules, state, keyFile string) (*Weir, error) {
	w := &Weir{}
	path := C.CString(rules)
	defer C.free(unsafe.Pointer(path))
	if err := w.check(C.weir_ruleset_load(&w.ruleset, path, nil, &w.err)); err != nil {
		return nil, err
	}
	if err := w.openKey(keyFile); err != nil {
		return nil, err
	}
	var file *C.char
	if state != "" {
		file = C.CString(state)
		defer C.free(unsafe.Pointer(file))
	}
	return w, w.check(C.open_engine(&w.engine, w.ruleset, w.key, file, &w.err))
}

func (w *Weir) openKey(file string) error {
	if file == "" {
		return w.check(C.weir_key_generate(&w.key, nil, &w.err))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	json := C.CString(string(data))
	defer C.free(unsafe.Pointer(json))
	return w.check(C.weir_key_parse(&w.key, C.weir_str{ptr: json, len: C.size_t(len(data))}, &w.err))
}

// Close frees everything.
func (w *Weir) Close() {
	C.weir_engine_close(w.engine)
	C.weir_key_free(w.key)
	C.weir_ruleset_free(w.ruleset)
}

func (w *Weir) answer() (string, error) {
	var n C.size_t
	err := w.check(C.weir_verdict_json(&w.verdict, &w.json[0], C.size_t(len(w.json)), &n, &w.err))
	return C.GoStringN(&w.json[0], C.int(n)), err
}

// Decide gives the verdict for one event, JSON in and JSON out.
func (w *Weir) Decide(event []byte, now time.Time) (string, error) {
	if len(event) == 0 {
		event = []byte(" ")
	}
	st := C.decide(w.engine, (*C.char)(unsafe.Pointer(&event[0])), C.size_t(len(event)), C.int64_t(now.UnixMilli()), &w.verdict, &w.err)
	if err := w.check(st); err != nil {
		return "", err
	}
	return w.answer()
}

// Tick decides the next timer that is due; false: there is none.
func (w *Weir) Tick(now time.Time) (bool, error) {
	st := C.weir_tick(w.engine, C.int64_t(now.UnixMilli()), &w.verdict, &w.err)
	return st == C.WEIR_OK, w.check(st)
}

// Records hands out committed records, oldest first, and acknowledges each that `send` took.
func (w *Weir) Records(send func(jws string) error) error {
	var record C.weir_record
	for {
		st := C.weir_next_record(w.engine, &record, &w.err)
		if st == C.WEIR_NONE {
			return nil
		}
		if err := w.check(st); err != nil {
			return err
		}
		aud := C.GoStringN(record.aud.ptr, C.int(record.aud.len))
		seq := record.seq
		if err := send(C.GoStringN(record.jws.ptr, C.int(record.jws.len))); err != nil {
			return err
		}
		name := C.CString(aud)
		st = C.weir_ack(w.engine, C.weir_str{ptr: name, len: C.size_t(len(aud))}, seq, &w.err)
		C.free(unsafe.Pointer(name))
		if err := w.check(st); err != nil {
			return err
		}
	}
}

func run() error {
	state := ""
	if len(os.Args) > 2 {
		state = os.Args[2]
	}
	w, err := Open(os.Args[1], state, os.Getenv("WEIR_KEY"))
	if err != nil {
		return err
	}
	defer w.Close()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		now := time.Now()
		for more := true; more; {
			if more, err = w.Tick(now); err != nil {
				return err
			}
		}
		verdict, err := w.Decide(lines.Bytes(), now)
		if err != nil {
			fmt.Fprintln(os.Stderr, "refused:", err)
		} else {
			fmt.Fprintln(os.Stderr, verdict)
		}
		if err := w.Records(func(jws string) error { _, err := fmt.Fprintln(out, jws); return err }); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}
